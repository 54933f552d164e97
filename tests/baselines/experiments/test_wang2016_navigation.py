"""The navigation experiment: its tables, and a trained agent beside the others."""

import re

from baselines.a2c_lstm import A2CLSTM
from baselines.cli.main import main
from baselines.evaluation.evaluate import evaluate


def reproduce(out, *options):
    options = ["--episodes", "60", "--out", str(out), *options]
    return main(["reproduce", "wang2016-navigation", *options])


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def test_it_writes_its_tables_with_the_published_figures_below_ours(tmp_path, capsys):
    assert reproduce(tmp_path / "out") == 0
    table = rows(tmp_path / "out" / "latencies.md")
    assert list(table)[:2] == ["optimal", "random"]
    assert table["2016, section 3.2.3, steps"] == ["-", "-", "(100)", "(30)", "(3.3)"]
    assert table["LSTM A3C (2017), seconds"] == ["(244)", "-", "(15.3)", "(3.2)", "(4.8)"]
    first, later = (float(cell.split()[0]) for cell in table["optimal"][2:4])
    assert 12 < first < 19 and 8.7 < later < 9.5
    by_goal = rows(tmp_path / "out" / "latencies_by_goal.md")
    assert by_goal["optimal"][0] == table["optimal"][2]
    assert all(re.fullmatch(r"[89]\.\d\d ± 0\.\d\d", cell) for cell in by_goal["optimal"][1:])
    printed = capsys.readouterr().out
    for name, cells in rows(tmp_path / "out" / "latencies.md").items():
        assert any(all(c in line for c in (name, *cells)) for line in printed.splitlines())


def test_the_trained_network_plays_as_the_results_say():
    """A mean return of 186; of 4 at random, and about so if its weights were read wrongly.

    The seed is fixed, so that only the rounding of another machine can change what is found.
    """
    assert evaluate("pretrained", "MetaIMaze-v0", 12).mean_return > 100


def test_a_trained_agent_is_shown_beside_the_others(tmp_path):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaIMazeGrid-v0", seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 0
    for name in ("latencies.md", "latencies_by_goal.md"):
        assert str(agent) in rows(tmp_path / "out" / name)


def test_an_agent_that_can_play_no_maze_is_refused_in_one_line(tmp_path, capsys):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaBandit-v0", seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 2
    error = capsys.readouterr().err
    assert "was trained on MetaBandit-v0" in error and error.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())
