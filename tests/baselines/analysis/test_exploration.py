"""Whether an agent explores too little or too much, on two arms."""

from dataclasses import replace

import numpy as np
import pytest

from baselines.analysis.exploration import KINDS, gap_by_kind
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate

BANDIT = "MetaBandit-v0"


def played(actions, rewards):
    """An evaluation of one episode that began like this, of many in which this was done."""

    def player(observation, state, episode_start, deterministic):
        step = 0 if state is None else state[0]
        return np.full(len(observation), actions[min(step, len(actions) - 1)]), (step + 1,)

    e = evaluate(player, BANDIT, 2_000)
    row = int((e.rewards[:, : len(actions)] == rewards).all(axis=1).argmax())
    assert e.rewards[row, : len(actions)].tolist() == rewards
    return replace(
        e,
        actions=np.array([actions]),
        rewards=np.array([rewards], float),
        lengths=np.array([len(actions)]),
        episodes=e.episodes[row : row + 1],
    )


@pytest.mark.parametrize(
    ("actions", "rewards", "kind"),
    [
        # After a miss the mean of the other arm is higher, and it has more to show, too.
        ([0, 0], [0, 1], "excess exploration"),
        # The first arm's mean is 4/7; of the second, at 1/2, nothing is known, with 94 pulls left.
        ([0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 1], "missed exploration"),
        # Both means are 1/2, and the other arm has never been tried.
        ([0, 0, 0], [1, 0, 1], "equal means"),
        # The same with the arms the other way round.
        ([1, 1], [0, 1], "excess exploration"),
        ([1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 1, 1], "missed exploration"),
        ([1, 1, 1], [1, 0, 1], "equal means"),
    ],
)
def test_the_last_pull_is_counted_under_its_kind(actions, rewards, kind):
    """Broken if kinds are taken for each other, or counts go a pull too far."""
    e = played(actions, rewards)
    last = gap_by_kind(e).by_trial[:, -1]
    assert last[KINDS.index(kind)] == e.optimality_gap[0, -1] > 0
    assert np.count_nonzero(last) == 1


@pytest.mark.parametrize("agent", ["random", "thompson", "greedy"])
def test_kinds_add_up_to_the_gap(agent):
    e = evaluate(agent, BANDIT, 200)
    split = gap_by_kind(e)
    assert split.mean.sum() == pytest.approx(e.mean_optimality_gap)
    assert split.by_trial.sum(axis=0) == pytest.approx(e.optimality_gap.mean(axis=0))
    assert split.by_trial.sum(axis=1) == pytest.approx(split.mean)
    assert (split.low <= split.mean).all() and (split.mean <= split.high).all()


def test_greedy_never_explores_and_ucb_hardly_misses_it():
    """What is known of them: the one pulls the higher mean, the other is for longer games."""
    greedy, ucb = (gap_by_kind(evaluate(agent, BANDIT, 300)) for agent in ("greedy", "ucb"))
    missed, excess, _ = range(len(KINDS))
    assert greedy.mean[excess] == 0 < greedy.low[missed]
    assert ucb.high[missed] < 0.01 * ucb.low[excess]


def test_the_optimum_does_neither():
    split = gap_by_kind(evaluate("optimal", BANDIT, 100))
    assert (split.mean == 0).all() and (split.by_trial == 0).all()


def test_other_tasks_are_refused():
    with pytest.raises(InputError, match=r"^MetaTwoStep-v0 is not a bandit with independent arms$"):
        gap_by_kind(evaluate("random", "MetaTwoStep-v0", 1))
    with pytest.raises(InputError, match="no optimality gap is known for more than two arms"):
        gap_by_kind(evaluate("random", BANDIT, 1, env_kwargs={"num_arms": 3}))
