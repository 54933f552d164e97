"""Optimality gaps against a search through all that can happen, whatever the task is like.

`Model` says of a task what may be hidden, how that changes, and what each action may bring. The
search knows nothing of what makes any of the tasks simple. It takes every action in every history
of a few steps, and the optimum, which watches, must say what each has cost.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from meta_envs.optimal import optimal_policy, optimal_return
from meta_envs.optimal.bandits.informative_bandit import ENOUGH, least_losses, losses
from meta_envs.optimal.bandits.restless_bandit import transition_matrix
from meta_envs.tasks.bandits.informative_bandit import InformativeBandit
from meta_envs.tasks.bandits.volatility import DRAWN_LEVELS, FLIP_PROBABILITY, LOG_K_RANGE
from tests.meta_envs.cases import Case


@dataclass(frozen=True)
class Outcome:
    """What an action may bring: how likely it is, for each hidden state; a reward; what is next."""

    likelihood: np.ndarray
    reward: float
    own: tuple = ()
    over: bool = False
    """Whether a trial is over with it, after which the hidden state may change."""


class Model:
    """A task as a search sees it.

    Args:
        case: The environment.
        prior: Over what may be hidden.
        transition: Between trials.
        first: The environment's own part of the first observation.
        outcomes: From that part of the present one, the step and an action to `Outcome`s.
        steps: Of an episode, or to go.
        memory: Of the optimum before the first of them, where that is not an episode's start.
    """

    def __init__(self, case, prior, transition, first, outcomes, steps, memory=None):
        self.env, self.prior, self.transition = case.native(1), np.array(prior), transition
        self.first, self.outcomes, self.steps = first, outcomes, steps
        self.policy = optimal_policy(self.env.family, self.env.meta_observation)
        self.actions = range(self.env.family.num_actions)
        self.known, self.memory = {}, memory

    def follow(self, belief, own, step, action):
        """(chance, reward, belief after it, own) of all that an action may bring."""
        for outcome in self.outcomes(own, step, action):
            joint = belief * outcome.likelihood
            chance = joint.sum()
            if chance > 1e-12:
                after = joint / chance
                after = after @ self.transition if outcome.over else after
                yield chance, outcome.reward, after, outcome.own

    def value(self, belief, own, step):
        """The most that can be got from here on."""
        if step == self.steps:
            return 0.0
        key = own, step, np.round(belief, 13).tobytes()
        if key not in self.known:
            self.known[key] = max(self.action_value(belief, own, step, a) for a in self.actions)
        return self.known[key]

    def action_value(self, belief, own, step, action):
        """What an action and the best ones after it bring."""
        return sum(
            chance * (reward + self.value(after, following, step + 1))
            for chance, reward, after, following in self.follow(belief, own, step, action)
        )

    def seen(self, own, action=None, reward=0.0):
        """The observation, a batch of one."""
        shown = self.env.meta_observation
        observation = np.zeros((1, shown.array.shape[1]), np.float32)
        if own:
            observation[0, shown.layout["observation"]] = own
        if action is not None:
            observation[0, shown.layout["last_action"].start + action] = 1
            observation[0, shown.layout["last_reward"]] = reward
        return observation

    def pairs(self):
        """(gap by the optimum, gap by the search) of every action in every history."""
        memory = self.policy.remember(self.seen(self.first)) if self.memory is None else self.memory
        yield from self._pairs((memory,), self.prior, self.first, 0)

    def _pairs(self, state, belief, own, step):
        if step == self.steps:
            return
        best = self.value(belief, own, step)
        for action in self.actions:
            gap = self.policy.optimality_gaps(state[0], np.array([action]))
            yield gap.item(), best - self.action_value(belief, own, step, action)
            if (action == 1 and own[:1] == (1.0,)) or (action > 0 and own[5:6] == (1.0,)):
                continue  # At a fixation point left and right are the same, at an outcome all.
            for _, reward, after, following in self.follow(belief, own, step, action):
                observation = self.seen(following, action, reward)
                memory = self.policy.remember(observation, state)
                yield from self._pairs((memory,), after, following, step + 1)


def arms(p1):
    """Two dependent arms with these hidden probabilities of the first."""

    def outcomes(own, step, action):
        pays = p1 if action == 0 else 1 - p1
        return [Outcome(pays, 1.0, over=True), Outcome(1 - pays, 0.0, over=True)]

    return outcomes


def dependent():
    """One of three values, none the mirror of another, so that either arm may be better."""
    p1 = np.array([0.1, 0.55, 0.7])
    case = Case("MetaBanditDependentUniform-v0", {"p1_values": p1.tolist(), "num_trials": 5})
    return Model(case, np.ones(3) / 3, np.eye(3), (), arms(p1), 5)


def dependent_uniform():
    """p1 anywhere: with as few pulls Gauss's quadrature over it is exact."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    case = Case("MetaBanditDependentUniform-v0", {"num_trials": 5})
    return Model(case, weights / 2, np.eye(8), (), arms((nodes + 1) / 2), 5)


def restless():
    """Both walks, on the grid of the filter."""
    family = Case("MetaBanditRestless-v0", {"num_trials": 4}).scalar().family
    cells = 200
    p1 = np.tile((np.arange(cells) + 0.5) / cells, 2)
    walks = np.zeros((2 * cells, 2 * cells))
    walks[:cells, :cells], walks[cells:, cells:] = map(transition_matrix, family.sigmas)
    case = Case("MetaBanditRestless-v0", {"num_trials": 4})
    return Model(case, np.ones(2 * cells) / (2 * cells), walks, (), arms(p1), 4)


OFFERS = ((0.5, 0.5), (0.25, 0.75), (0.875, 0.125))
"""Magnitudes that this test lets follow one another: they tell nothing."""


def volatility():
    """All of k (in the filter's cells), whether it is volatile, and the better arm."""
    low, high = LOG_K_RANGE
    ks, change = np.exp(low + (high - low) * (np.arange(4) + 0.5) / 4), np.zeros((16, 16))
    states = [(k, v, side) for k in range(4) for v in (0, 1) for side in (0, 1)]
    for i, (k, v, side) in enumerate(states):
        for j, (other, v2, side2) in enumerate(states):
            flips, turns = FLIP_PROBABILITY * v, ks[k]
            chance = (flips if side != side2 else 1 - flips) * (turns if v != v2 else 1 - turns)
            change[i, j] = chance * (k == other)
    p1 = np.array([DRAWN_LEVELS[v, side] for _, v, side in states])

    def outcomes(own, step, action):
        pays, following = p1 if action == 0 else 1 - p1, OFFERS[(step + 1) % len(OFFERS)]
        return [
            Outcome(pays, own[action], following, over=True),
            Outcome(1 - pays, 0.0, following, over=True),
        ]

    case = Case("MetaVolatility-v0", {"num_trials": 5})
    return Model(case, np.ones(16) / 16, change, OFFERS[0], outcomes, 5)


def one_hot(state, size):
    return tuple(float(state == i) for i in range(size))


def two_step(**kwargs):
    """The last two of three trials, after evidence for S2; with fixation, so that all is priced."""
    case = Case("MetaTwoStepReversal-v0", {"num_trials": 3, **kwargs})
    family = case.scalar().family
    p, c, h = family.reward_probability, family.common_probability, family.reversal_probability
    both = np.ones(2)

    def outcomes(own, step, action):
        state = own.index(1.0)
        if state == 0:
            return [Outcome(both, 0.0 if action == 2 else -1.0, one_hot(1, 4))]
        if state == 1:
            to_s2 = (c, 1 - c, 0.5)[action]
            paid = -1.0 if action == 2 else 0.0
            reached = zip((to_s2, 1 - to_s2), (2, 3), strict=True)
            return [Outcome(both * chance, paid, one_hot(second, 4)) for chance, second in reached]
        if action == 2:
            return [Outcome(both, -1.0, one_hot(0, 4), over=True)]
        pays = np.where(np.arange(2) == state - 2, p, 1 - p)
        found = ((pays, 1.0), (1 - pays, 0.0))
        return [Outcome(chance, paid, one_hot(0, 4), over=True) for chance, paid in found]

    change = np.array([[1 - h, h], [h, 1 - h]])
    prior = np.array([p, 1 - p]) @ change
    memory = np.array([[0.0, np.log(prior[0] / prior[1]), 1.0]])
    return Model(case, prior, change, one_hot(0, 4), outcomes, 6, memory)


def inferred_value():
    """Two blocks of one trial."""
    kwargs = {"num_blocks": 2, "block_length": 1, "reversal_probability": 0.3}
    case = Case("MetaInferredValue-v0", kwargs)
    h = case.scalar().family.reversal_probability
    both = np.ones(2)

    def outcomes(own, step, action):
        # The response to the side asked for stands behind the one-hot state.
        state, pending = own[:6].index(1.0), own[6:]
        if state == 0:
            paid = 0.0 if action == 2 else -1.0
            return [Outcome(both / 2, paid, (*one_hot(1 + cue, 6), -1)) for cue in (0, 1)]
        if state in (1, 2):
            paid = 0.0 if action == 2 else -1.0
            return [Outcome(both, paid, (*one_hot(state + 2, 6), -1))]
        if state in (3, 4):
            right = action == state - 3
            told = state - 3 if right else -1
            return [Outcome(both, 0.0 if right else -1.0, (*one_hot(5, 6), told))]
        pays = np.zeros(2) if pending == (-1,) else np.where(np.arange(2) == pending[0], 1.0, 0.0)
        after = (*one_hot(0, 6), -1)
        return [Outcome(pays, 1.0, after, over=True), Outcome(1 - pays, 0.0, after, over=True)]

    model = Model(
        case, both / 2, np.array([[1 - h, h], [h, 1 - h]]), (*one_hot(0, 6), -1), outcomes, 8
    )
    seen = model.seen
    model.seen = lambda own, *rest: seen(own[:6], *rest)
    return model


def informative():
    case = Case("MetaBanditInformative-v0", {"num_trials": 2, "reward_input": "scalar"})

    def outcomes(own, step, action):
        if action == 10:
            return [Outcome(np.eye(10)[i], (i + 1) / 10) for i in range(10)]
        return [Outcome(np.eye(10)[action], 5.0), Outcome(1 - np.eye(10)[action], 1.0)]

    return Model(case, np.ones(10) / 10, np.eye(10), (), outcomes, 2)


MODELS = {
    "dependent": (dependent, 1e-12),
    "dependent, uniform": (dependent_uniform, 1e-12),
    "restless": (restless, 1e-12),
    "volatility": (volatility, 1e-6),
    "two-step": (lambda: two_step(reversal_probability=0.0), 1e-12),
    "two-step with reversals": (lambda: two_step(reversal_probability=0.3), 1e-6),
    "two-step that is sure to change": (lambda: two_step(reversal_probability=1.0), 1e-12),
    "two-step that tells nothing": (lambda: two_step(reward_probability=0.5), 1e-12),
    "inferred value": (inferred_value, 1e-12),
    "informative": (informative, 1e-12),
}
"""Each with what grids and single precision may change."""


@pytest.mark.parametrize("name", MODELS)
def test_gaps_are_those_of_a_search_through_all_that_can_happen(name):
    """Broken if a belief, a response that is invalid, or what a step tells is priced wrongly."""
    make, error = MODELS[name]
    model = make()
    gaps, exact = np.array(list(model.pairs())).T
    assert gaps == pytest.approx(exact, abs=error)
    assert ((gaps == 0) == (exact < max(error, 1e-12))).all()
    assert (gaps == 0).any() and (gaps > 0).any()


@pytest.mark.parametrize(("trials", "cost"), [(1, 1.5), (2, 1.5 + 0.8 * 0.4)])
def test_an_invalid_response_costs_what_it_leaves_untold(trials, cost):
    """By hand, in S2 of a first trial: the fine, half a reward, and in the trial after it .82 - .5.

    Told, one knows the good state with .9, which then brings .9 * .9 + .1 * .1.
    """
    kwargs = {"num_trials": trials, "reversal_probability": 0.0, "common_probability": 1.0}
    env = Case("MetaTwoStepReversal-v0", kwargs).native(1)
    policy = optimal_policy(env.family, env.meta_observation)
    gaps = policy.optimality_gaps(np.array([[2.0, 0.0, 0.0]] * 2), np.array([2, 0]))
    assert gaps == pytest.approx([cost, 0], abs=1e-12)


@cache
def most(possible, left):
    """On the informative arm, the most from a set of possible targets, by trying every arm."""
    if left == 0:
        return 0.0
    return max(arm_value(possible, left, arm) for arm in range(11))


def arm_value(possible, left, arm):
    """Of pulling an arm, and the best from then on."""
    total = 0.0
    for target in possible:
        if arm == 10:
            paid, after = (target + 1) / 10, frozenset([target])
        elif arm == target:
            paid, after = 5.0, frozenset([target])
        else:
            paid, after = 1.0, possible - {arm}
        total += (paid + most(after, left - 1)) / len(possible)
    return total


def test_informative_losses_are_those_of_a_search_from_every_set_of_targets():
    """Broken if asking is best where trying is, with few left, or the other way round."""
    subsets = [frozenset(i for i in range(10) if s >> i & 1) for s in range(1, 1024, 7)]
    for left in (1, 2, 3):
        bits = np.array([sum(1 << i for i in possible) for possible in subsets])
        found = losses(np.full(len(bits), left), bits)
        values = [[arm_value(possible, left, arm) for arm in range(11)] for possible in subsets]
        assert found == pytest.approx(5 * left - np.array(values), abs=1e-9)


def test_with_more_trials_left_the_informative_losses_stay_what_they_are():
    """What lets any number of trials do with a table of a few; equal once, equal for ever."""
    least = least_losses()
    assert (least[ENOUGH, 1:] == least[ENOUGH - 1, 1:]).all()
    long = InformativeBandit(1, num_trials=1_000)
    assert optimal_return(long) == pytest.approx(0.55 + 999 * 5)
