"""Two-armed bandits whose arms drift: p1 takes a random walk and p2 = 1 - p1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_count, check_number, check_task
from meta_envs.core.family import Task
from meta_envs.tasks.bandits.bernoulli_arms import BernoulliArms

VOLATILITIES = ("mixed", "low", "high")
LARGEST_SIGMA = 1e6
"""Far beyond 1, with which a step leads anywhere already."""


class RestlessBandit(BernoulliArms):
    """Two arms that pay 1 or 0 with probabilities p1 and 1 - p1, while p1 takes a random walk.

    ## Description
    The best arm changes inside an episode, slowly in some episodes and quickly in others, and
    the agent is not told which. A good agent therefore estimates from its own rewards how fast
    things change, and learns at that rate. "Restless bandits" in Wang et al. 2016, section
    3.1.4.

    ## Action Space
    `Discrete(2)`: the arm to pull.

    ## Observation Space
    `Box(0, 1, (4,), float32)`: one-hot last action, last reward, timestep divided by
    `num_trials`. All zero at the first step. There is no other observation. `inputs` leaves
    parts out.

    ## Starting State
    p1 starts uniform on [0, 1) and then takes Gaussian steps, reflected at 0 and 1. Their
    standard deviation is fixed in an episode: `low_sigma` or `high_sigma`, equally likely
    where `volatility` is "mixed".

    ## Rewards
    1 with the present probability of the arm pulled, else 0.

    ## Episode End
    Terminates after `num_trials` pulls.

    ## Information
    `step` returns `regret`, the probability of the arm that is better at this trial minus that
    of the arm pulled, and `trial`, the index of the pull. `env.unwrapped.task` is
    `{"sigma": s, "p1": [p1 at each trial]}`, and `env.reset(options={"task": task})` plays it
    again.

    ## Arguments
    - `volatility="mixed"`: "mixed", "low" or "high".
    - `low_sigma=0.03`, `high_sigma=0.2`: the two standard deviations of p1's steps, at most 1e6.
    - `num_trials=100`: pulls in an episode, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.1.4. The
      readable text does not give the volatilities, their proportion or the walk's behaviour at
      0 and 1. The values here are a choice: with them the best fixed learning rate of a
      Rescorla-Wagner agent is 0.5, as published. The text has episodes of 100 trials, the table
      of hyperparameters probably 150: `num_trials=150` gives those.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.bandits.restless_bandit"
    episode_arrays = (*BernoulliArms.episode_arrays, "sigma")

    def __init__(
        self,
        num_envs: int,
        volatility: str = "mixed",
        low_sigma: float = 0.03,
        high_sigma: float = 0.2,
        num_trials: int = 100,
    ) -> None:
        self.volatility = check_choice("volatility", volatility, VOLATILITIES)
        low = check_number("low_sigma", low_sigma, minimum=0, maximum=LARGEST_SIGMA)
        high = check_number("high_sigma", high_sigma, minimum=0, maximum=LARGEST_SIGMA)
        self.sigmas = np.array({"low": [low], "high": [high], "mixed": [low, high]}[volatility])
        num_trials = check_count("num_trials", num_trials, minimum=1)
        # The task: which sigma, where p1 starts, and a step between trials.
        super().__init__(
            num_envs,
            num_arms=2,
            num_trials=num_trials,
            num_task_draws=1 + num_trials,
            restless=True,
        )
        self.sigma = np.zeros(self.num_envs)

    def _draw(self, generator: np.random.Generator, row: NDArray[np.float64]) -> None:
        generator.random(out=row[:2])
        generator.standard_normal(out=row[2 : self.num_task_draws])
        generator.random(out=row[self.num_task_draws :])

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        sigma = self.sigmas[(self.draws[envs, 0] * len(self.sigmas)).astype(np.intp)]
        walk = self.draws[envs, 1 : self.num_task_draws]
        walk[:, 1:] *= sigma[:, None]
        # Folding the free walk at every whole number is reflecting it at 0 and 1.
        folded = np.cumsum(walk, axis=1) % 2.0
        p1 = np.minimum(folded, 2.0 - folded)
        self.sigma[envs] = sigma
        self._set_probabilities(envs, np.stack([p1, 1 - p1], axis=2))

    def _parse_task(self, task: Mapping[str, Any]) -> tuple[float, NDArray[np.float64]]:
        sigma = check_task(task, "sigma", (), 0.0, np.inf)
        return float(sigma), check_task(task, "p1", (self.num_trials,), 0.0, 1.0)

    def _set_task(self, env: int, parsed: tuple[float, NDArray[np.float64]]) -> None:
        self.sigma[env], p1 = parsed
        self._set_probabilities(env, np.stack([p1, 1 - p1], axis=1))

    def task(self, env: int) -> Task:
        return {"sigma": float(self.sigma[env]), "p1": self.probabilities[env, :, 0].tolist()}
