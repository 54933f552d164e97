"""Recorded actions: kept with the episodes, and played again as an agent's."""

import json

import numpy as np
import pytest

from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.evaluation.episodes import read_episodes, save_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.recorded import RecordedAgent, read_evaluations, recorded_agents
from baselines.evaluation.replay import replay

BANDIT = ["--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 6}']


@pytest.fixture
def saved(tmp_path):
    """Episodes with the actions of two agents."""
    out = tmp_path / "scores"
    options = ["--agent", "random", "ucb", "--episodes", "3", "--seed", "5"]
    assert main(["evaluate", *BANDIT, *options, "--out", str(out)]) == 0
    return out / "episodes_MetaBandit-v0.json"


@pytest.mark.parametrize(
    ("env_id", "episodes"), [("MetaBandit-v0", 1_300), ("MetaHarlowSymbolic-v0", 7)]
)
def test_an_evaluation_can_be_had_again_from_its_file(env_id, episodes, tmp_path):
    """Broken if actions are lost or mixed up: in a second batch, or where episodes end early."""
    first = evaluate("optimal", env_id, episodes, seed=2)
    file = tmp_path / "episodes.json"
    save_episodes(file, env_id, {}, first.episodes, {"optimal": first.actions_taken()})
    [again] = read_evaluations(file)
    assert again.agent == "recorded:optimal"
    for name in ("rewards", "lengths", "actions"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert (first.regret is None) == (again.regret is None)
    replay(again, lambda env, observation, infos: np.zeros(env.num_envs))


def test_recorded_agents_stand_beside_others(saved, capsys):
    """All of a file, or one by its name; what is written can be read once more."""
    out = saved.parent / "again"
    replayed = ["evaluate", "--replay", str(saved), "--seed", "5", "--out", str(out)]
    scores = json.loads((saved.parent / "scores.json").read_text())["scores"]
    capsys.readouterr()
    assert main([*replayed, "--agent", "recorded", "recorded:ucb", "ucb", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = ["recorded:random", "recorded:ucb", "recorded:ucb", "ucb"]
    assert [line["agent"] for line in lines] == names
    expected = [scores[n]["mean_return"] for n in (0, 1, 1, 1)]
    assert [line["mean_return"] for line in lines] == expected
    actions = json.loads((out / saved.name).read_text())["actions"]
    assert list(actions) == ["recorded:random", "recorded:ucb", "ucb"]
    assert actions["recorded:ucb"] == actions["ucb"]


def test_files_without_actions_are_read_as_before(tmp_path):
    """Those of earlier versions."""
    first = evaluate("random", "MetaBandit-v0", 2)
    save_episodes(tmp_path / "new.json", "MetaBandit-v0", {}, first.episodes)
    saved = json.loads((tmp_path / "new.json").read_text())
    old = {name: saved[name] for name in ("env", "env_kwargs", "episodes")}
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert read_episodes(tmp_path / "old.json") == read_episodes(tmp_path / "new.json")
    with pytest.raises(InputError, match="there are none at all"):
        read_evaluations(tmp_path / "old.json")


@pytest.mark.parametrize(
    "rows", [[[0, 1]], [[0, 2], [0, 1]], [[0, 1], []], [[0, 1], [True, 0]], [[0, 1.0], [0, 1]], 3]
)
def test_actions_that_do_not_fit_are_refused(rows, tmp_path):
    """Before anything is played."""
    kwargs = {"num_trials": 2}
    first = evaluate("random", "MetaBandit-v0", 2, env_kwargs=kwargs)
    save_episodes(tmp_path / "e.json", "MetaBandit-v0", kwargs, first.episodes, {"me": rows})
    with pytest.raises(InputError, match=r"e\.json: (the actions of 'me'|`actions)"):
        recorded_agents(tmp_path / "e.json")


@pytest.mark.parametrize("length", [1, 3])
def test_episodes_of_another_length_are_refused(length, tmp_path):
    kwargs = {"num_trials": 2}
    first = evaluate("random", "MetaBandit-v0", 2, env_kwargs=kwargs)
    rows = [[0] * length, [0] * length]
    save_episodes(tmp_path / "e.json", "MetaBandit-v0", kwargs, first.episodes, {"me": rows})
    with pytest.raises(InputError, match="recorded"):
        read_evaluations(tmp_path / "e.json")


def test_a_recorded_agent_starts_again_after_its_last_episode():
    agent = RecordedAgent([[1, 2], [3], [4, 5, 6]])
    starts = np.ones(2, bool)
    first, state = agent.predict(None, None, starts)
    second, _ = agent.predict(None, state, ~starts)
    assert (first.tolist(), second.tolist()) == ([1, 3], [2, 3])
    assert agent.predict(None, None, starts)[0].tolist() == [4, 1]
    assert agent.predict(None, None, starts)[0].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["evaluate", *BANDIT, "--agent", "recorded"], "give --replay as well"),
        (["evaluate", "--replay", "FILE", "--agent", "recorded:me"], "those of random, ucb only"),
        (["record", "--replay", "FILE", "--agent", "recorded"], "one of recorded:random, recorded"),
        (["record", "--replay", "FILE", "--env", "MetaDarkRoom-v0", "--agent", "ucb"], "leave"),
        (["record", "--agent", "random"], "give --env"),
    ],
)
def test_bad_input_gets_one_line(command, message, saved, capsys):
    assert main([str(saved) if word == "FILE" else word for word in command]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_batch_of_evaluations_without_regret_is_kept_too(tmp_path):
    """Harlow's episodes are of use to people though nobody knows their regret."""
    options = ["--env", "MetaHarlowSymbolic-v0", "--agent", "random", "--episodes", "2"]
    assert main(["evaluate", *options, "--out", str(tmp_path)]) == 0
    [evaluation] = read_evaluations(tmp_path / "episodes_MetaHarlowSymbolic-v0.json")
    assert evaluation.regret is None and len(evaluation.episodes) == 2


def test_a_score_between_equals_is_none():
    """With a handful of episodes random may do as well as the optimum: nothing to divide by."""
    kwargs = {"num_trials": 1}
    found = [evaluate("ucb", "MetaBandit-v0", 1, seed, kwargs) for seed in range(6)]
    means = [[returns.mean() for returns in one.references()] for one in found]
    equal = [optimum <= random for random, optimum in means]
    assert any(equal)
    assert [one.normalized_score is None for one in found] == equal
