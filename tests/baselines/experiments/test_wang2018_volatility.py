"""The volatility experiment: its tables, its figure and a trained agent beside the others."""

from baselines.a2c_lstm import A2CLSTM
from baselines.cli.main import main
from baselines.experiments.wang2018_volatility import AGENTS, COLUMNS, read_published

PAGES = {"index.html", "experiment.json"}


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def test_it_shows_a_trained_agent_beside_the_others_and_the_published_rates(tmp_path):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaVolatility-v0", seed=0).save(agent)
    out = tmp_path / "out"
    options = ["--episodes", "40", "--out", str(out), "--agent", str(agent)]
    assert main(["reproduce", "wang2018-volatility", *options]) == 0
    written = {file.name for file in out.iterdir()}
    assert written == {"learning_rates.md", "learning_rates.svg", "regret.md", *PAGES}
    rates, regrets = rows(out / "learning_rates.md"), rows(out / "regret.md")
    assert list(regrets) == [*AGENTS, str(agent)]
    assert list(rates) == [*AGENTS, str(agent), "networks (2018)", "people (2018)"]
    assert rates["networks (2018)"] == ["(0.210)", "(0.460)", "(0.510)", "(0.280)"]
    stable, volatile, *_ = (float(cell.split()[0]) for cell in rates["optimal"])
    assert stable < volatile
    fixed = [float(cell.split()[0]) for cell in rates["cued-rescorla-wagner"]]
    assert max(fixed) - min(fixed) < 0.05
    assert float(regrets[str(agent)][1].split()[0]) > 10  # It has learnt nothing.


def test_too_few_episodes_are_refused_in_a_line(tmp_path, capsys):
    options = ["--episodes", "10", "--out", str(tmp_path / "out")]
    assert main(["reproduce", "wang2018-volatility", *options]) == 2
    assert "need at least 20 episodes, got 10" in capsys.readouterr().err


def test_the_published_rates_are_those_of_the_figure():
    assert read_published()["people (2018)"] == [0.072, 0.19, 0.207, 0.101]
    assert len(COLUMNS) == 4
