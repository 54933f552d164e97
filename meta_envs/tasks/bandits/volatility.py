"""Two arms that take turns at being better, with cued magnitudes: Behrens's volatility task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_count, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.bandits import rendering
from meta_envs.tasks.bandits.bandit import Bandit

DRAWN, LOW_FIRST, HIGH_FIRST = SCHEDULES = ("drawn", "low-first", "high-first")
FLIP_PROBABILITY = 0.2
"""The volatility v in a volatile stretch; in a stable one it is 0."""
LOG_K_RANGE = (-4.5, -3.5)
"""Of the natural logarithm of k, the probability that a stretch ends with a trial."""
DRAWN_LEVELS = np.array([[0.25, 0.75], [0.0, 1.0]])
"""p1 in the drawn schedule, by whether it is volatile and whether the first arm is better."""
TEST_LEVELS = np.array([[0.25, 0.75], [0.2, 0.8]])
"""The same in the two test schedules."""
BLOCK = 25
"""Trials after which the better arm changes in the volatile half of a test schedule."""
MAGNITUDE_SHAPE = 4.0
"""Both parameters of the Beta distribution of the magnitudes."""
FIRST_TASK_DRAWS = 3
"""Of an episode: k, whether it starts volatile, and which arm is better at first."""


class Volatility(Bandit):
    """Exactly one of two arms pays on each trial; how much each would pay is shown beforehand.

    ## Description
    The first arm pays with probability p1(t), else the second one does, so that the outcome of a
    trial tells of both arms whichever is pulled. Which arm is better stays as it is in stable
    stretches and changes often in volatile ones, and the agent is not told when. A good agent
    therefore learns fast where things change and slowly where they do not. It should also weigh
    the probability by the magnitudes on offer, which tell nothing about p1. Simulation 2 of Wang
    et al. 2018, after Behrens et al. 2007.

    | `schedule` | p1 at each trial |
    | --- | --- |
    | `"drawn"` | drawn anew for each episode from the model below, for training |
    | `"low-first"` | a test: first half 0.25 or 0.75, then 0.2 and 0.8 by turns of 25 trials |
    | `"high-first"` | a test: the halves the other way round |

    The model: the volatility v is 0 or 0.2. Between two trials p1 becomes 1 - p1 with
    probability v, and v becomes 0.2 - v with probability k. Where v is 0, p1 is 0.25 or 0.75, and
    where v is 0.2, p1 is 0 or 1.

    ## Action Space
    `Discrete(2)`: the arm to pull.

    ## Observation Space
    `Box(0, 1, (6,), float32)`: the magnitudes of the two arms at the coming trial, one-hot last
    action, last reward, timestep divided by `num_trials`. At the first step all but the
    magnitudes is zero, and after the last trial its magnitudes stand there still. `inputs`
    leaves parts out.

    ## Starting State
    In a drawn schedule log k is uniform on [-4.5, -3.5) in each episode, v starts at 0 or 0.2
    and either arm is better at first, equally likely. In a test schedule either arm may be the
    better one in the stable half, and in the volatile half at its beginning. Magnitudes are
    independent, Beta(4, 4) for each arm and trial, in units of 100 points.

    ## Rewards
    The magnitude of the arm pulled if it is the one that pays, else 0. As no magnitude is 0, the
    last action and the last reward tell which arm it was.

    ## Episode End
    Terminates after `num_trials` pulls.

    ## Information
    `step` returns `regret` and `trial`, the index of the pull. The regret is the larger of p1
    times the first magnitude and 1 - p1 times the second, minus that of the arm pulled.
    `env.unwrapped.task` is `{"p1": [p1 at each trial]}`, and `env.reset(options={"task": task})`
    plays it again, also with changes that no schedule has. The magnitudes are noise: they stay
    those of the seed.

    ## Arguments
    - `schedule="drawn"`: "drawn", "low-first" or "high-first".
    - `num_trials=200`: pulls in an episode, at least 1. The first half of a test schedule has
      half of them, rounded down.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 2. Rewards there are in points, a hundred times ours. It has
      magnitudes of 100 Beta(4, 4) points, and no fixation. Choices where the text at hand is
      silent: the logarithm is the natural one, so that a stretch takes 33 to 90 trials (to the
      base 10 most episodes would have only one); v starts at either value and test schedules
      with either arm, equally likely; and where v changes, the better arm stays better unless p1
      flips at that moment by the old v. To draw it anew would make it change where v has just
      been 0, against the rule that p1 flips with probability v.
    - Behrens et al. 2007, "Learning the value of information in an uncertain world", Nature
      Neuroscience 10:1214.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.bandits.volatility"
    episode_arrays = (*Bandit.episode_arrays, "p1")

    def __init__(self, num_envs: int, schedule: str = DRAWN, num_trials: int = 200) -> None:
        self.schedule = check_choice("schedule", schedule, SCHEDULES)
        num_trials = check_count("num_trials", num_trials, minimum=1)
        # After the first: whether v changes and whether p1 flips after each trial.
        task_draws = FIRST_TASK_DRAWS + 2 * num_trials
        super().__init__(
            num_envs,
            num_arms=2,
            num_trials=num_trials,
            # An outcome and two magnitudes a trial.
            num_draws=task_draws + 3 * num_trials,
            observation_size=2,
            # p1, and what comes before it.
            episode_size=6 * num_trials,
        )
        self.p1 = np.zeros((self.num_envs, num_trials))
        self._first_magnitude = task_draws + num_trials
        # Flat positions of each episode's first entry: one `take` then gathers a whole batch.
        envs = np.arange(self.num_envs)
        self._p1_start = envs * num_trials
        self._outcome_start = envs * self.draws.shape[1] + task_draws
        self._magnitude_start = self._outcome_start + num_trials

    def _draw(self, generator: np.random.Generator, row: NDArray[np.float64]) -> None:
        generator.random(out=row[: self._first_magnitude])
        size = 2 * self.num_trials
        row[self._first_magnitude :] = generator.beta(MAGNITUDE_SHAPE, MAGNITUDE_SHAPE, size)

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        draws = self.draws[envs]
        if self.schedule == DRAWN:
            self.p1[envs] = self._drawn_p1(draws)
        else:
            self.p1[envs] = self._tested_p1(draws)

    def _drawn_p1(self, draws: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = LOG_K_RANGE
        k = np.exp(low + (high - low) * draws[:, :1])
        after = FIRST_TASK_DRAWS + self.num_trials
        changes, flips = draws[:, FIRST_TASK_DRAWS:after], draws[:, after : after + self.num_trials]
        volatile = _toggled(draws[:, 1:2] < 0.5, changes < k)
        better = _toggled(draws[:, 2:3] < 0.5, flips < FLIP_PROBABILITY * volatile)
        return np.asarray(DRAWN_LEVELS[volatile.astype(np.intp), better.astype(np.intp)])

    def _tested_p1(self, draws: NDArray[np.float64]) -> NDArray[np.float64]:
        trials, half = np.arange(self.num_trials), self.num_trials // 2
        second = trials >= half
        volatile = second if self.schedule == LOW_FIRST else ~second
        turned = volatile & ((trials - half * second) // BLOCK % 2 == 1)
        stable_side, volatile_side = draws[:, 1:2] < 0.5, draws[:, 2:3] < 0.5
        better = np.where(volatile, volatile_side, stable_side) ^ turned
        return np.asarray(TEST_LEVELS[volatile.astype(np.intp), better.astype(np.intp)])

    def _parse_task(self, task: Mapping[str, Any]) -> NDArray[np.float64]:
        return check_task(task, "p1", (self.num_trials,), 0.0, 1.0)

    def _set_task(self, env: int, parsed: NDArray[np.float64]) -> None:
        self.p1[env] = parsed

    def task(self, env: int) -> Task:
        return {"p1": self.p1[env].tolist()}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        p1 = self.p1.take(self._p1_start + self.steps)
        first_pays = self.draws.take(self._outcome_start + self.steps) < p1
        magnitudes = self._offered(self.steps)
        values = _values(p1, magnitudes)
        rows, trial = np.arange(self.num_envs), self.steps.copy()
        rewards = magnitudes[rows, actions] * ((actions == 0) == first_pays)
        regret = values.max(axis=1) - values[rows, actions]
        return rewards, regret, trial, self.advance()

    def _offered(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The magnitudes of both arms at a trial of each episode, shape (num_envs, 2)."""
        start = self._magnitude_start + 2 * steps
        return self.draws.take(start[:, None] + np.arange(2))

    def _now(self) -> NDArray[np.int64]:
        """The trial under way, the last one where all are over."""
        return np.minimum(self.steps, self.num_trials - 1)

    def observe(self) -> NDArray[np.float32]:
        return self._offered(self._now()).astype(np.float32)

    def action_values(self) -> NDArray[np.float64]:
        now = self._now()
        return _values(self.p1.take(self._p1_start + now), self._offered(now))

    def magnitudes(self, env: int) -> NDArray[np.float64]:
        """What each arm pays at each trial if it pays, shape (num_trials, 2)."""
        return self.draws[env, self._first_magnitude :].reshape(-1, 2)

    def arm_means(self, env: int) -> NDArray[np.float64]:
        return _values(self.p1[env], self.magnitudes(env))

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """The offers, and in place of the mean payoffs the probabilities, which do not jump."""
        p1 = self.p1[env]
        chances = np.stack([p1, 1 - p1], axis=1) if self.reveal else None
        return rendering.Scene(
            self.num_arms, self.num_trials, 1.0, chances, history, self.magnitudes(env), "chance"
        )


def _toggled(first: NDArray[np.bool_], changes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A switch at each trial, from where it starts and whether it is turned after each trial."""
    before: NDArray[np.int64] = np.cumsum(changes, axis=1) - changes
    return np.asarray(first ^ (before % 2 == 1))


def _values(p1: NDArray[np.float64], magnitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each arm pays on average: probabilities (n,) and magnitudes (n, 2) give (n, 2)."""
    return np.stack([p1, 1 - p1], axis=1) * magnitudes
