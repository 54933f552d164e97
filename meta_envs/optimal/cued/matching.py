"""The matching task: the surest arm by an exact belief, and a bound that no policy can exceed.

The policy is the best one found, and not proved best. It keeps the posterior over the base rates,
exact but for the grid it is on, and chooses the arm more likely to pay in this trial. A search
through all that can happen is ahead of it by 0.4 % in episodes of 5 to 9 trials, and by 1.4 %, for
what there is to gain before a known end, in episodes of 9.

In whole episodes looking ahead did not help. With `split="train"`, a mean return of 33.7, 10,000 to
20,000 episodes on common noise, with 95 % intervals: a search through choices and payoffs two
deep, its leaves valued as if the base rates were told then, -0.006 +- 0.021; one deep -0.021 +-
0.021; bonuses of 0.1 to 0.4 standard deviations for what is not known, all within 0.005 +- 0.021;
values averaged over the posterior (QMDP) -0.12 +- 0.03; the best action for the posterior's mean
-0.17 +- 0.03; Thompson sampling -0.28 +- 0.04.

The bound is what somebody gets who knows the base rates, by a dynamic programme; nobody knows how
many trials there will be. Between the two lies what it costs to find out the base rates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import MetaObservationWriter
from meta_envs.optimal.numerics.cache import cached
from meta_envs.optimal.numerics.limits import check_size
from meta_envs.policies import Belief, Memory, StatePolicy
from meta_envs.tasks.cued.cued_trials import CENTRE
from meta_envs.tasks.cued.matching import CHOICE, TOTAL, Matching

CELLS = 60
"""Cells of the grid on the base rates, as many in each band."""
BOUND_CELLS = 600
"""Of the grid that the bound is a mean over: against 6,000, it differs by less than 1e-4."""
SIMULATED_EPISODES = 10_000
BATCH = 1_000


def grid(family: Matching, cells: int) -> NDArray[np.float64]:
    """Base rates that are equally likely, shape (cells, 2)."""
    left = family.left_rates((np.arange(cells) + 0.5) / cells)
    return np.stack([left, TOTAL - left], axis=1)


def survival(family: Matching) -> NDArray[np.float64]:
    """The chance that an episode has each of its trials, shape (num_trials,)."""
    lengths = family.num_trials - family.min_trials + 1
    return np.minimum((family.num_trials - np.arange(family.num_trials)) / lengths, 1.0)


def reward_chances(base_rates: NDArray[np.float64], waits: NDArray[np.intp]) -> NDArray[np.float64]:
    """The chance of a reward at arms that have been left alone for some trials.

    Args:
        base_rates: Chance of a bait in a trial, any shape.
        waits: Trials since the arm was last chosen, 0 if in the last one; same shape.
    """
    return np.asarray(1 - (1 - base_rates) ** (waits + 1))


class Filter:
    """The belief about the base rates given choices and what they paid, on a grid.

    Args:
        family: Whose base rates they are.
        cells: Of the grid.

    Attributes:
        rates: Of the cells, shape (cells, 2).
    """

    def __init__(self, family: Matching, cells: int = CELLS) -> None:
        self.rates = grid(family, cells)
        waits = np.arange(family.num_trials + 1)[:, None]
        self._chances = reward_chances(self.rates.T[:, None], waits)

    def initial(self, num_envs: int) -> Memory:
        """The prior, shape (num_envs, cells)."""
        return np.full((num_envs, len(self.rates)), 1 / len(self.rates))

    def chances(self, belief: Memory, waits: NDArray[np.intp]) -> NDArray[np.float64]:
        """Of a reward at each arm, shape (num_envs, 2).

        Args:
            belief: Shape (num_envs, cells).
            waits: Trials since each arm was last chosen, shape (num_envs, 2).
        """
        columns = [(belief * self._chances[arm, waits[:, arm]]).sum(axis=1) for arm in (0, 1)]
        return np.stack(columns, axis=1)

    def observe(
        self,
        belief: Memory,
        arms: NDArray[np.intp],
        waits: NDArray[np.intp],
        paid: NDArray[np.bool_],
    ) -> Memory:
        """The belief after some arms, left alone for `waits` trials, have paid or not.

        Args:
            belief: Shape (num_envs, cells).
            arms: Chosen, shape (num_envs,).
            waits: Of these arms, same shape.
            paid: Same shape.
        """
        chances = self._chances[arms, waits]
        posterior = belief * np.where(paid[:, None], chances, 1 - chances)
        return posterior / posterior.sum(axis=1, keepdims=True)


class OptimalPolicy(StatePolicy):
    """Chooses the arm that is more likely to pay in this trial, either at a tie.

    Memory: the state, the waits of both arms and the belief, shape (num_envs, 3 + `CELLS`).
    """

    def __init__(self, family: Matching, meta_observation: MetaObservationWriter) -> None:
        super().__init__(meta_observation)
        check_size(
            "num_trials", family.num_trials, numbers=0, memory=16 * CELLS * family.num_trials
        )
        self.filter, self.respond = Filter(family), family.respond

    def initial_memory(self, num_envs: int) -> Memory:
        return np.hstack([np.zeros((num_envs, 3)), self.filter.initial(num_envs)])

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        at_choice = states == CHOICE
        rows = np.flatnonzero(at_choice & (actions < CENTRE))
        arms = actions[rows]
        waits = memory[rows, 1 + arms].astype(np.intp)
        memory[rows, 3:] = self.filter.observe(memory[rows, 3:], arms, waits, rewards[rows] > 0)
        memory[at_choice, 1:3] += 1
        memory[rows, 1 + arms] = 0

    def act(self, memory: Memory) -> NDArray[np.intp]:
        return self.respond(memory[:, 0].astype(np.intp), self.best(self._chances(memory)))

    def belief(self, memory: Memory) -> Belief:
        """What the arms are believed to pay.

        Returns:
            "chances": of a reward at both arms in the trial under way, (num_envs, 2).
            "left base rate": mean and standard deviation of it, (num_envs, 2).
        """
        left = self.filter.rates[:, 0]
        mean = memory[:, 3:] @ left
        variance = np.maximum(memory[:, 3:] @ left**2 - mean**2, 0)
        return {
            "chances": self._chances(memory),
            "left base rate": np.stack([mean, np.sqrt(variance)], axis=1),
        }

    def _chances(self, memory: Memory) -> NDArray[np.float64]:
        return self.filter.chances(memory[:, 3:], memory[:, 1:3].astype(np.intp))


def informed_values(
    base_rates: NDArray[np.float64], survival: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The best mean return of somebody who knows the base rates, shape (tasks,).

    Backward over trials. After the first choice the arm chosen last has waited for no trial, so
    that arm and the wait of the other one are all that matters; what has paid does not.

    Args:
        base_rates: Of the two arms, shape (tasks, 2).
        survival: The chance that the episode has each trial, shape (trials,).
    """
    trials = len(survival)
    stay = base_rates[:, :, None]
    # By the arm chosen last and the wait of the other one, from 1 on.
    switch = reward_chances(base_rates[:, ::-1, None], np.arange(1, trials + 1))
    value = np.zeros_like(switch)
    for chance in survival[:0:-1]:
        # A wait of `trials` is never reached, so what stands there does not matter.
        stayed = chance * stay + np.roll(value, -1, axis=2)
        value = np.maximum(stayed, chance * switch + value[:, ::-1, :1])
    first: NDArray[np.float64] = (survival[0] * base_rates + value[:, :, 0]).max(axis=1)
    return first


def optimal_bound(family: Matching) -> float:
    """The mean return of somebody who knows the base rates but not the number of trials.

    Nobody who knows less can be ahead of it. The mean over the grid is exact to 1e-4.
    """
    numbers = BOUND_CELLS * 2 * family.num_trials**2
    memory = 16 * BOUND_CELLS * family.num_trials
    check_size("num_trials", family.num_trials, numbers=numbers, memory=memory)
    return float(informed_values(grid(family, BOUND_CELLS), survival(family)).mean())


def optimal_return(family: Matching) -> float:
    """The mean return of the policy, by simulation.

    It is the bound minus the mean of what the policy lacks of it: the value of the base rates
    for who knows them, minus the chances of a reward at the arms chosen, over evenly spread base
    rates. What is left to luck is little; with the default arguments the standard error is 0.007.
    """
    numbers = 4 * SIMULATED_EPISODES * family.num_trials * CELLS
    check_size("num_trials", family.num_trials, numbers=numbers)
    arrays = cached(
        f"matching_{family.split}_{family.min_trials}_{family.num_trials}_v1",
        {"lacks": (SIMULATED_EPISODES,)},
        lambda: {"lacks": simulate(family)},
    )
    return optimal_bound(family) - float(arrays["lacks"].mean())


def simulate(family: Matching) -> NDArray[np.float64]:
    """What the policy lacks of an informed agent, in each of many episodes."""
    belief_filter, generator = Filter(family), np.random.default_rng(0)
    tasks, weights = grid(family, SIMULATED_EPISODES), survival(family)
    # Each batch has base rates from the whole of the distribution.
    batches = [tasks[first :: SIMULATED_EPISODES // BATCH] for first in range(len(tasks) // BATCH)]
    values = [informed_values(rates, weights) for rates in batches]
    earned = [_earned(belief_filter, rates, weights, generator) for rates in batches]
    return np.concatenate(values) - np.concatenate(earned)


def _earned(
    belief_filter: Filter,
    rates: NDArray[np.float64],
    weights: NDArray[np.float64],
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """The chances of a reward at the arms that the policy chooses, summed over each episode."""
    rows, belief = np.arange(len(rates)), belief_filter.initial(len(rates))
    waits, total = np.zeros((len(rates), 2), np.intp), np.zeros(len(rates))
    for weight in weights:
        expected = belief_filter.chances(belief, waits)
        gap = expected[:, 1] - expected[:, 0]
        ties = generator.random(len(rates)) < 0.5
        arms = np.where(np.abs(gap) < 1e-12, ties, gap > 0).astype(np.intp)
        chances = reward_chances(rates, waits)[rows, arms]
        total += weight * chances
        # Whether an arm has a bait does not depend on what was found before it was last chosen.
        paid = generator.random(len(rates)) < chances
        belief = belief_filter.observe(belief, arms, waits[rows, arms], paid)
        waits += 1
        waits[rows, arms] = 0
    return total
