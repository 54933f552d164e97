"""Two arms with baits: a reward that is not taken stays, so an arm left alone becomes better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_count, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.cued import matching_rendering as rendering
from meta_envs.tasks.cued.cued_trials import CHOOSE, FIXATE, INVALID, CuedTrials

TOTAL = 0.5
"""What the base rates of the two arms add up to."""
BANDS = {"all": (0, 1, 2, 3, 4), "train": (0, 2, 4), "test": (1, 3)}
"""By split: the bands of width `BAND` that the left arm's base rate can be in."""
BAND = 0.1
FIXATION, CHOICE = 0, 1
"""States."""


class Matching(CuedTrials):
    """Two arms with baits: a reward that has come up at an arm waits there until it is taken.

    ## Description
    In every trial each arm that has no bait gets one with its base rate, and a choice takes the
    bait of its arm. So the longer an arm is left alone, the surer it pays, and it is best to visit
    the poorer arm now and then: more often the closer the two rates are. Monkeys and people then
    *match*, that is choose each arm about as often as it has paid (Herrnstein's law). The base
    rates are hidden, and an agent must find them, and so how often to switch, inside the episode.
    Simulation 1 of Wang et al. 2018, after Tsutsui et al. 2016 and Lau and Glimcher 2005.

    ## Action Space
    `Discrete(3)`: left (0), right (1), centre (2). The fixation point asks for the centre, the
    choice for left or right. Any other response is invalid: at the fixation point it changes
    nothing more, at the choice no arm is chosen and all baits stay.

    ## Observation Space
    `Box(-1, 1, (7,), float32)`: one-hot state (fixation, choice), one-hot last action, last
    reward, timestep divided by the most steps an episode can take. At the first step all is zero
    but the state. `inputs` leaves parts out.

    ## Starting State
    The fixation point, with no baits. The left arm's base rate is uniform on [0, 0.5], but for
    what `split` leaves out, and the right arm's is 0.5 minus that. The number of trials is
    uniform on `min_trials` to `num_trials`. All three are fixed in an episode.

    ## Rewards
    At the choice: 1 if the chosen arm has a bait, else 0. An arm with base rate p that was last
    chosen n + 1 trials ago, or in an episode of n trials so far never, thus pays with probability
    1 - (1 - p)^(n + 1). An invalid response brings -1, all other steps 0. Where baits come up
    does not depend on the choices.

    ## Episode End
    Terminates after the drawn number of trials, two steps each: 100 to 200 steps.

    ## Information
    `step` returns `trial`, the index of the trial. There is no regret: a choice also decides what
    both arms will pay later, and what that comes to over the rest of an episode is not known at a
    step. How much less sure the chosen arm was to pay would be no measure of it: who stays with
    one arm would seem to lose in every trial a bait of the other that is only taken later.
    `env.unwrapped.task` is `{"base_rates": [left, right], "num_trials": n}`, and
    `env.reset(options={"task": task})` plays it again, also with base rates that the distribution
    would not draw.

    ## Arguments
    - `split="train"`: "train" leaves out base rates (of the left arm) between 0.1 and 0.2 and
      between 0.3 and 0.4, as the paper does in training; "test" has only those, "all" has all.
    - `num_trials=100`: most trials in an episode, at least 1.
    - `min_trials=None`: fewest trials, 1 to `num_trials`; None is half of `num_trials`, rounded up.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 1. It gives the chance of a reward by the formula above;
      baits that wait are the same, and let the noise be drawn beforehand. Two steps a trial, and
      what follows an invalid response, are choices: the paper does not say.
    - Lau and Glimcher 2005, "Dynamic response-by-response models of matching behavior in rhesus
      monkeys", Journal of the Experimental Analysis of Behavior 84:555.
    - Tsutsui et al. 2016, "A dynamic code for economic object valuation in prefrontal cortex
      neurons", Nature Communications 7:12554.

    ## Version History
    - v0: first version.
    """

    has_regret = False
    optimum = "meta_envs.optimal.cued.matching"
    episode_arrays = (*CuedTrials.episode_arrays, "base_rates", "last_step", "baits")

    def __init__(
        self,
        num_envs: int,
        split: str = "train",
        num_trials: int = 100,
        min_trials: int | None = None,
    ) -> None:
        self.split = check_choice("split", split, tuple(BANDS))
        self.bands = np.array(BANDS[split])
        num_trials = check_count("num_trials", num_trials, minimum=1)
        least = (num_trials + 1) // 2 if min_trials is None else min_trials
        self.min_trials = check_count("min_trials", least, minimum=1, maximum=num_trials)
        # The task: the left arm's base rate and the number of trials. The noise: for each trial
        # and arm whether a bait comes up.
        super().__init__(
            num_envs,
            responses=[FIXATE, CHOOSE],
            num_trials=num_trials,
            trial_length=2,
            num_draws=2 + 2 * num_trials,
            episode_size=6,
            table_size=2 * num_trials * 4,
        )
        self.base_rates = np.zeros((self.num_envs, 2))
        self.last_step = np.full(self.num_envs, self.episode_length)
        self.baits = np.zeros((self.num_envs, 2), np.bool_)
        # By state and action, in one number: which arms are chosen.
        self._chosen = np.zeros((2 * self.num_actions, 2), np.bool_)
        self._chosen[self.num_actions * CHOICE + np.arange(2), np.arange(2)] = True
        self._choice = np.array(CHOICE)
        self._first_noise = self._first_draw[:, None] + 2
        self._noise_at = 2 * self.trial_at[:, None] + np.arange(2)

    def left_rates(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The left arm's base rates below which shares, in [0, 1), of the distribution lie."""
        place = shares * len(self.bands)
        band = place.astype(np.int64)
        return BAND * (self.bands[band] + place - band)

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        super()._load_tasks(envs)
        left = self.left_rates(self.draws[envs, 0])
        self.base_rates[envs] = np.stack([left, TOTAL - left], axis=1)
        several = self.num_trials - self.min_trials + 1
        trials = self.min_trials + (self.draws[envs, 1] * several).astype(np.int64)
        self.last_step[envs] = self.trial_length * trials
        self.baits[envs] = False

    def _parse_task(self, task: Mapping[str, Any]) -> tuple[NDArray[np.float64], int]:
        rates = check_task(task, "base_rates", (2,), 0.0, 1.0)
        return rates, int(check_task(task, "num_trials", (), 1, self.num_trials, whole=True))

    def _set_task(self, env: int, parsed: tuple[NDArray[np.float64], int]) -> None:
        self.base_rates[env], trials = parsed
        self.last_step[env] = self.trial_length * trials

    def task(self, env: int) -> Task:
        trials = int(self.last_step[env]) // self.trial_length
        return {"base_rates": self.base_rates[env].tolist(), "num_trials": trials}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        trial = self.trial_at.take(self.steps)
        chosen = self._chosen.take(self._actions * self.states + actions, axis=0)
        waiting = self.waiting()
        paid = waiting & chosen
        rewards = np.where(self.are_valid(actions), paid[:, 0] | paid[:, 1], INVALID)
        # What has come up by the fixation point is still there, and the same, at the choice.
        self.baits = waiting & ~chosen
        self.trial_over = self.states == self._choice
        self.states = self._choice - self.states
        self.advance()
        return rewards, np.zeros(self.num_envs), trial, self.steps >= self.last_step

    def waiting(self) -> NDArray[np.bool_]:
        """Whether each arm has a bait in this trial, shape (num_envs, 2)."""
        noise = self.draws.take(self._first_noise + self._noise_at.take(self.steps, axis=0))
        return self.baits | (noise < self.base_rates)

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What there is to see of an episode."""
        trials = [history[step : step + 2] for step in range(0, len(history) + 1, 2)]
        over = len(history) >= self.last_step[env]
        return rendering.Scene(
            num_trials=self.num_trials,
            choices=[pair[1] for pair in trials if len(pair) == 2],
            state=None if over else len(trials[-1]),
            base_rates=self.base_rates[env] if self.reveal else None,
            baits=self.waiting()[env] if self.reveal and not over else None,
        )

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """Where the trial is, then a row an arm: its base rate, and a mark a trial.

        A choice shows as `#` if it paid and `o` if not, an invalid response as `!` in both rows.
        """
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """A row an arm, a column a trial; nothing yet where trials are to come.

        The lower part of a row has a bar a choice, tall and dark where it paid, low and light
        where not. The upper part shows in purple how sure the arm was to pay in that trial: it
        rises while the arm is left alone.
        """
        return rendering.draw(self, self._scene(env, history), history)
