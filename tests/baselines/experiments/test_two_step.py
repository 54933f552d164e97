"""The two-step experiments: their tables, a trained agent beside the others, and their claims."""

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM
from baselines.analysis.two_step import KINDS, stay_probabilities
from baselines.cli.main import main
from baselines.experiments.two_step.trials import AGENTS, ERRING, play
from baselines.experiments.wang2018_two_step import read_published

FIXED, REVERSAL = "MetaTwoStep-v0", "MetaTwoStepReversal-v0"
EXPERIMENTS = {
    "wang2016-two-step": (FIXED, {"stays.md", "stays_from_first_to_second.md"}),
    "wang2018-two-step": (REVERSAL, {"stays.md", "lags.md"}),
}
"""By name, the task and the tables."""
both = pytest.mark.parametrize("name", EXPERIMENTS)


def reproduce(name, out, *options):
    return main(["reproduce", name, "--episodes", "40", "--out", str(out), *options])


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


@both
def test_they_write_their_tables_and_print_them(name, tmp_path, capsys):
    _, tables = EXPERIMENTS[name]
    assert reproduce(name, tmp_path / "out") == 0
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == tables | {"two_step.svg", "index.html", "experiment.json"}
    printed = capsys.readouterr().out
    for table in tables:
        for row, cells in rows(tmp_path / "out" / table).items():
            assert any(all(c in line for c in (row, *cells)) for line in printed.splitlines())


def test_the_published_figures_stand_below_ours(tmp_path):
    reproduce("wang2016-two-step", tmp_path / "2016")
    stays = rows(tmp_path / "2016" / "stays.md")
    assert list(stays)[: len(AGENTS)] == list(AGENTS)
    assert stays["network (2016, Fig. 5c)"] == ["(1.000)", "(0.000)", "(0.000)", "(0.965)"]
    first = rows(tmp_path / "2016" / "stays_from_first_to_second.md")["optimal"]
    assert [cell.split()[0] for cell in first] == ["1.000", "0.000", "0.000", "1.000"]
    reproduce("wang2018-two-step", tmp_path / "2018")
    stays = rows(tmp_path / "2018" / "stays.md")
    assert stays["networks (2018)"] == ["(0.989)", "(0.638)", "(0.622)", "(0.988)"]
    lags = rows(tmp_path / "2018" / "lags.md")
    assert lags["networks (2018): unrewarded, rare"][:2] == ["(3.27)", "(2.71)"]
    assert lags["optimal: rewarded, common"] == ["-"] * 5


@both
def test_an_agent_is_shown_by_its_checkpoint_or_its_name(name, tmp_path):
    env_id, tables = EXPERIMENTS[name]
    agent = tmp_path / "agent.safetensors"
    A2CLSTM(env_id, seed=0).save(agent)
    for number, shown in enumerate((str(agent), "two-step-model-free,learning_rate=0.3")):
        out = tmp_path / str(number)
        assert reproduce(name, out, "--agent", shown) == 0
        assert all(shown in (out / table).read_text() for table in tables)


@both
def test_an_agent_of_another_task_is_refused_in_one_line(name, tmp_path, capsys):
    """Before anything else is played: the other of the two tasks has other observations."""
    agent = tmp_path / "agent.safetensors"
    other = REVERSAL if EXPERIMENTS[name][0] == FIXED else FIXED
    A2CLSTM(other, seed=0).save(agent)
    assert reproduce(name, tmp_path / "out", "--agent", str(agent)) == 2
    error = capsys.readouterr().err
    assert f"was trained on {other}" in error and error.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("agent", AGENTS)
def test_the_same_seed_gives_the_same_trials(agent):
    """The tables in the docs must come out again."""
    first, second = (play(agent, FIXED, 20, 5) for _ in range(2))
    np.testing.assert_array_equal(first.choices, second.choices)
    assert not np.array_equal(first.choices, play(agent, FIXED, 20, 6).choices)


def test_the_optimum_that_errs_stays_as_often_as_the_networks():
    """Within 0.02, as the docs say; the standard errors are below 0.005 here."""
    networks, rats, lags = read_published()
    assert stay_probabilities(play(ERRING, REVERSAL, 2_000, 0)).mean == pytest.approx(
        networks, abs=0.02
    )
    assert rats.shape == (len(KINDS),) and lags.shape == (len(KINDS), 5)
    # A reward after a common transition and its lack after a rare one speak for the same choice.
    assert (np.sign(lags) == np.array([[1], [-1], [-1], [1]])).all()
