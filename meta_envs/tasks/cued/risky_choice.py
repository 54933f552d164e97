"""A safe arm and a risky one: forced pulls of both to begin with, then free choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_number, check_probabilities, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.cued import risky_choice_rendering as rendering
from meta_envs.tasks.cued.cued_trials import CHOOSE, FIXATE, INVALID, LEFT, RIGHT, CuedTrials

FIXATION, LEFT_OFFERED, RIGHT_OFFERED, BOTH_OFFERED = range(4)
"""The states."""
LARGEST_PAYOFF = 1e6


class RiskyChoice(CuedTrials):
    """A safe arm always pays a little, a risky one pays much or nothing, in one of two chances.

    ## Description
    In some episodes the risky arm is the better one and in others the safe one, and the two arms
    take each other's sides. The first trials are forced: only one arm is offered, each of them
    equally often, and what they bring tells which is which and how often the risky one pays. Then
    the choice is free. A rat that is stimulated in its dopamine neurons, or an agent whose reward
    prediction error is changed, chooses otherwise than it has learnt to. "Dopaminergic
    manipulations" in Wang et al. 2018, simulation 6, after Stopper et al. 2014.

    ## Action Space
    `Discrete(3)`: left (0), right (1), centre (2). The fixation point asks for the centre, the
    second step of a trial for a side that is offered, and every other response is invalid.

    ## Observation Space
    `Box(low, high, (9,), float32)`: one-hot state (fixation, left offered, right offered, both
    offered), one-hot last action, last reward, timestep divided by the episode's length. All are
    in [0, 1] but the last reward, which goes from -1 to the higher payoff. At the first step all
    is zero but the state. `inputs` leaves parts out.

    ## Starting State
    The fixation point of the first trial. The chance of the risky arm is drawn from
    `risky_probabilities` and its side from the two, each equally likely. In each pair of forced
    trials the left arm comes first with probability 0.5.

    ## Rewards
    The fixation step brings 0. Then the safe arm brings `safe_payoff`, the risky one `risky_payoff`
    with its chance and else 0. An invalid response brings -1 and nothing else: the trial goes on,
    or ends, as if there had been none.

    ## Episode End
    Terminates after `2 * num_forced_pairs + num_free_trials` trials of two steps.

    ## Information
    `step` returns `regret` and `trial`, the index of the trial. The regret of a choice is the mean
    payoff of the better arm on offer minus that of the arm pulled; an invalid response costs 1,
    and at the second step what the better arm on offer pays on average as well.
    `env.unwrapped.task` is `{"risky_side": 0 or 1, "risky_probability": p}`, and
    `env.reset(options={"task": task})` plays it again, also with a chance that the distribution
    would not draw.

    ## Arguments
    - `safe_payoff=1.0`, `risky_payoff=4.0`: what the arms pay, in [0, 1e6].
    - `risky_probabilities=(0.125, 0.5)`: equally likely chances of the risky arm, a list of at
      least one number in [0, 1].
    - `num_forced_pairs=5`: forced pulls of each arm, at least 0.
    - `num_free_trials=20`: trials with a choice, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 6, whose network gets no timestep: for that take
      `inputs=("action", "reward")`. That a trial has two steps follows from its numbers of steps
      and episodes. How the agent sees which arm is offered, that a pull of the other arm is
      invalid, and what follows an invalid response are choices: the paper does not say.
    - Stopper et al. 2014, "Overriding phasic dopamine signals redirects action selection during
      risk/reward decision making", Neuron 84:177.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.cued.risky_choice"
    episode_arrays = (*CuedTrials.episode_arrays, "risky_sides", "risky_chances", "offers")

    def __init__(
        self,
        num_envs: int,
        safe_payoff: float = 1.0,
        risky_payoff: float = 4.0,
        risky_probabilities: Sequence[float] = (0.125, 0.5),
        num_forced_pairs: int = 5,
        num_free_trials: int = 20,
    ) -> None:
        self.safe_payoff, self.risky_payoff = (
            check_number(name, value, minimum=0.0, maximum=LARGEST_PAYOFF)
            for name, value in (("safe_payoff", safe_payoff), ("risky_payoff", risky_payoff))
        )
        self.risky_probabilities = check_probabilities("risky_probabilities", risky_probabilities)
        self.num_forced_pairs = check_count("num_forced_pairs", num_forced_pairs, minimum=0)
        self.num_free_trials = check_count("num_free_trials", num_free_trials, minimum=1)
        num_trials = 2 * self.num_forced_pairs + self.num_free_trials
        # The task: the risky arm's chance and its side. The noise: which side each forced pair
        # begins with, and for each trial whether the risky arm pays.
        self._first_payoff = 2 + self.num_forced_pairs
        super().__init__(
            num_envs,
            responses=[FIXATE, (LEFT,), (RIGHT,), CHOOSE],
            num_trials=num_trials,
            trial_length=2,
            num_draws=self._first_payoff + num_trials,
            reward_range=(0.0, max(self.safe_payoff, self.risky_payoff)),
            episode_size=2 + num_trials,
        )
        self.risky_sides = np.zeros(self.num_envs, np.int64)
        self.risky_chances = np.zeros(self.num_envs)
        self.offers = np.full((self.num_envs, num_trials), BOTH_OFFERED)
        self._first_offer = np.arange(self.num_envs) * num_trials
        self._envs = np.arange(self.num_envs)

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        super()._load_tasks(envs)
        draws, values = self.draws[envs], self.risky_probabilities
        self.risky_chances[envs] = values[(draws[:, 0] * len(values)).astype(np.intp)]
        self.risky_sides[envs] = draws[:, 1] >= 0.5
        right_first = draws[:, 2 : self._first_payoff] >= 0.5
        forced = np.where(np.stack([right_first, ~right_first], 2), RIGHT_OFFERED, LEFT_OFFERED)
        count = 2 * self.num_forced_pairs
        self.offers[envs, :count] = forced.reshape(len(envs), count)

    def _parse_task(self, task: Mapping[str, Any]) -> tuple[int, float]:
        side = check_task(task, "risky_side", (), LEFT, RIGHT, whole=True)
        return int(side), float(check_task(task, "risky_probability", (), 0.0, 1.0))

    def _set_task(self, env: int, parsed: tuple[int, float]) -> None:
        self.risky_sides[env], self.risky_chances[env] = parsed

    def task(self, env: int) -> Task:
        side, chance = int(self.risky_sides[env]), float(self.risky_chances[env])
        return {"risky_side": side, "risky_probability": chance}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        trial, valid = self.trial_at.take(self.steps), self.are_valid(actions)
        values = self.action_values()
        regret = values.max(axis=1) - values[self._envs, actions]
        choosing = self.states != FIXATION
        noise = self.draws.take(self._first_draw + self._first_payoff + trial)
        risky_pays = np.where(noise < self.risky_chances, self.risky_payoff, 0.0)
        paid = np.where(actions == self.risky_sides, risky_pays, self.safe_payoff)
        rewards = np.where(valid, paid * choosing, INVALID)
        self.trial_over = choosing
        self.states = np.where(choosing, FIXATION, self._offer(trial))
        return rewards, regret, trial, self.advance()

    def _offer(self, trial: NDArray[np.int64]) -> NDArray[np.int64]:
        """The state of a trial's second step, in every episode."""
        return self.offers.take(self._first_offer + trial)

    def arm_means(self) -> NDArray[np.float64]:
        """Mean payoff of the left and the right arm in every episode, shape (num_envs, 2)."""
        risky = self.risky_sides[:, None] == (LEFT, RIGHT)
        return np.where(risky, self.risky_payoff * self.risky_chances[:, None], self.safe_payoff)

    def action_values(self) -> NDArray[np.float64]:
        """What each action brings until the trial is over, the best arm on offer pulled then."""
        offer = self._offer(self.trial_at.take(self.steps))
        choice = np.full((self.num_envs, self.num_actions), INVALID)
        on_offer = self.valid[offer, :2]
        choice[:, :2][on_offer] = self.arm_means()[on_offer]
        best = choice.max(axis=1, keepdims=True)
        fixation = best + np.where(self.valid[FIXATION], 0.0, INVALID)
        return np.where((self.states == FIXATION)[:, None], fixation, choice)

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What people see of an episode so far."""
        trials = []
        for number in range(min(len(history) // 2 + 1, self.num_trials)):
            steps = history[2 * number : 2 * number + 2]
            offer = int(self.offers[env, number])
            trials.append(rendering.Trial(tuple(np.flatnonzero(self.valid[offer, :2])), steps))
        hidden = rendering.Hidden(*self.task(env).values()) if self.reveal else None
        payoffs = self.safe_payoff, self.risky_payoff
        return rendering.Scene(trials, self.num_trials, payoffs, hidden, history)

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """What is on offer and which arm is the risky one, then a column a trial.

        Each arm has a row: `.` where it was on offer and not pulled, `#` where a pull paid more
        than the safe arm does, `=` where it paid as much, `o` where it paid less. The last row has
        a `!` where a response of the trial was invalid.
        """
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """Above what is on offer now, below a column a trial.

        Squares for the fixation point (+) and the two arms: what asks for a response now is dark,
        and the risky arm has a purple frame. Below, a row an arm, pale where it was on offer, with
        a bar where it was pulled, the taller and darker the more it paid; and a row for trials
        with an invalid response.
        """
        return rendering.draw(self, self._scene(env, history))
