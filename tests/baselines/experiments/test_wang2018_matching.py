"""The matching experiment: its tables, a trained agent beside the others, and its figures."""

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM
from baselines.cli.main import main
from baselines.experiments.wang2018_matching import AGENTS, parts, play, read_published

PAGES = {"index.html", "experiment.json"}


def reproduce(out, *options):
    return main(["reproduce", "wang2018-matching", "--episodes", "30", "--out", str(out), *options])


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def test_it_writes_its_tables_with_the_published_figures_below_ours(tmp_path, capsys):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaMatching-v0", seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 0
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == {"slopes.md", "history.md", "matching.svg", *PAGES}
    slopes = rows(tmp_path / "out" / "slopes.md")
    assert list(slopes)[:4] == [str(agent), *AGENTS]
    assert slopes["networks (2018, Fig. 2d)"][:5] == ["-", "-", "(658)", "(0.60)", "(0.75)"]
    assert slopes["optimal"][1] == "0.000 %"
    assert len({len(cells) for cells in slopes.values()}) == 1
    history = rows(tmp_path / "out" / "history.md")
    assert history["networks (2018, Fig. 2f): rewards"][:2] == ["(1.01)", "(0.68)"]
    assert history["networks (2018, Fig. 2f): choices"][0] == "(5.10)"
    printed = capsys.readouterr().out
    for name, cells in slopes.items():
        assert any(all(c in line for c in (name, *cells)) for line in printed.splitlines())


def test_an_agent_of_another_task_is_refused_in_one_line(tmp_path, capsys):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaBandit-v0", seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 2
    error = capsys.readouterr().err
    assert "was trained on MetaBandit-v0" in error and error.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())


def test_held_out_base_rates_are_those_that_training_leaves_out():
    """Broken if a point were shown as trained whose base rates never were."""
    points = play("local-matching", 200, 3).ratios
    split = parts(points)
    bands = {name: set(np.floor(10 * split[name].left_rates)) for name in ("trained", "held out")}
    assert bands == {"trained": {0, 2, 4}, "held out": {1, 3}}
    assert len(split["trained"].rewards) + len(split["held out"].rewards) == len(points.rewards)
    assert np.abs(split["below 4:1"].rewards).max() < 2


@pytest.mark.parametrize("agent", AGENTS)
def test_the_same_seed_gives_the_same_choices(agent):
    """The tables in the docs must come out again."""
    first, second = (play(agent, 20, 5).ratios for _ in range(2))
    np.testing.assert_array_equal(first.choices, second.choices)


def test_the_figures_of_the_paper_are_as_read_off():
    """Broken if rewards and choices, or lags, are mixed up."""
    rewards, choices = read_published()
    assert rewards[:3].tolist() == [1.01, 0.68, 0.67] and choices[0] == 5.1
    assert (np.diff(rewards[:7]) <= 0.01).all()
