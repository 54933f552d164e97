"""The two-step experiment: its tables, a trained agent beside the others, and its claims."""

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM
from baselines.analysis.two_step import KINDS, stay_probabilities
from baselines.cli.main import main
from baselines.experiments.wang2016_two_step.study import (
    AGENTS,
    ERRING,
    FIXED,
    REVERSAL,
    play,
    read_published,
)

TABLES = {"stays.md", "stays_from_first_to_second.md", "stays_reversal.md", "lags.md"}


def reproduce(out, *options):
    return main(["reproduce", "wang2016-two-step", "--episodes", "40", "--out", str(out), *options])


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def test_it_writes_its_tables_with_the_published_figures_below_ours(tmp_path, capsys):
    assert reproduce(tmp_path / "out") == 0
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == TABLES | {"two_step.png", "experiment.json"}
    stays = rows(tmp_path / "out" / "stays.md")
    assert list(stays)[: len(AGENTS)] == list(AGENTS)
    assert stays["network (2016, Fig. 5c)"] == ["(1.000)", "(0.000)", "(0.000)", "(0.965)"]
    first = rows(tmp_path / "out" / "stays_from_first_to_second.md")["optimal"]
    assert [cell.split()[0] for cell in first] == ["1.000", "0.000", "0.000", "1.000"]
    reversal = rows(tmp_path / "out" / "stays_reversal.md")
    assert reversal["networks (2018)"] == ["(0.989)", "(0.638)", "(0.622)", "(0.988)"]
    lags = rows(tmp_path / "out" / "lags.md")
    assert lags["networks (2018): unrewarded, rare"][:2] == ["(3.27)", "(2.71)"]
    assert lags["optimal: rewarded, common"] == ["-"] * 5
    printed = capsys.readouterr().out
    for name, cells in rows(tmp_path / "out" / "lags.md").items():
        assert any(all(c in line for c in (name, *cells)) for line in printed.splitlines())


@pytest.mark.parametrize(("trained_on", "other"), [(FIXED, REVERSAL), (REVERSAL, FIXED)])
def test_a_trained_agent_is_shown_on_the_task_it_knows(trained_on, other, tmp_path, capsys):
    """The two tasks have observations of different sizes; one network can play only one."""
    agent = tmp_path / "agent.safetensors"
    A2CLSTM(trained_on, seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 0
    shown = {table: str(agent) in (tmp_path / "out" / table).read_text() for table in TABLES}
    known = {"stays_reversal.md", "lags.md"}
    assert shown == {table: (table in known) == (trained_on == REVERSAL) for table in TABLES}
    output = capsys.readouterr().out
    assert f"left out: {agent} was trained on {trained_on}" in output
    assert f"not on {other}" in output


def test_an_agent_by_name_is_shown_on_both(tmp_path, capsys):
    name = "two-step-model-free,learning_rate=0.3"
    assert reproduce(tmp_path / "out", "--agent", name) == 0
    assert all(name in (tmp_path / "out" / table).read_text() for table in TABLES)


def test_an_agent_that_can_play_neither_is_refused_in_one_line(tmp_path, capsys):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM("MetaBandit-v0", seed=0).save(agent)
    assert reproduce(tmp_path / "out", "--agent", str(agent)) == 2
    error = capsys.readouterr().err
    assert "was trained on MetaBandit-v0" in error and error.count("\n") == 1
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
    assert stay_probabilities(play(ERRING, REVERSAL, 20_000, 0)).mean == pytest.approx(
        networks, abs=0.02
    )
    assert rats.shape == (len(KINDS),) and lags.shape == (len(KINDS), 5)
    # A reward after a common transition and its lack after a rare one speak for the same choice.
    assert (np.sign(lags) == np.array([[1], [-1], [-1], [1]])).all()
