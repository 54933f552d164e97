"""Bandits with independent Bernoulli arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_task
from meta_envs.core.family import Task
from meta_envs.tasks.bandits.bernoulli_arms import BernoulliArms


class BernoulliBandit(BernoulliArms):
    """Arms that pay 1 or 0, each with a probability of its own, drawn anew every episode.

    ## Description
    The plainest task in which learning inside an episode pays. An agent that knows nothing of
    an episode's arms must try them and settle on the better one, with the right balance
    between the two; everything it learns is forgotten when the episode ends, except how to
    learn. "Bandits with independent arms" in Wang et al. 2016, section 3.1.1.

    ## Action Space
    `Discrete(num_arms)`: the arm to pull.

    ## Observation Space
    `Box(0, 1, (num_arms + 2,), float32)`: one-hot last action, last reward, timestep divided
    by `num_trials`. All zero at the first step. There is no other observation. `inputs` leaves
    parts out.

    ## Starting State
    Each arm's probability is drawn from the uniform distribution on [0, 1), independently.

    ## Rewards
    1 with the probability of the arm pulled, else 0.

    ## Episode End
    Terminates after `num_trials` pulls.

    ## Information
    `step` returns `regret`, the best arm's probability minus that of the arm pulled, and
    `trial`, the index of the pull. `env.unwrapped.task` is
    `{"probabilities": [p_0, ..., p_{num_arms - 1}]}`, and
    `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `num_arms=2`: number of arms, at least 2.
    - `num_trials=100`: pulls in an episode, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.1.1. The
      scale of the timestep is not given there; dividing by the episode's length is a choice.
    - Duan et al. 2016, "RL^2", arXiv 1611.02779, section 3.1, for 5 to 50 arms.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.bandits.bernoulli_bandit"

    def __init__(self, num_envs: int, num_arms: int = 2, num_trials: int = 100) -> None:
        num_arms = check_count("num_arms", num_arms, minimum=2)
        super().__init__(
            num_envs, num_arms=num_arms, num_trials=num_trials, num_task_draws=num_arms
        )

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        self._set_probabilities(envs, self.draws[envs, None, : self.num_arms])

    def _parse_task(self, task: Mapping[str, Any]) -> NDArray[np.float64]:
        return check_task(task, "probabilities", (self.num_arms,), 0.0, 1.0)

    def _set_task(self, env: int, parsed: NDArray[np.float64]) -> None:
        self._set_probabilities(env, parsed[None])

    def task(self, env: int) -> Task:
        return {"probabilities": self.probabilities[env, 0].tolist()}
