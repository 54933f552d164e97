"""Eleven-armed bandits in which one poor arm tells which arm is rich."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.bandits.bandit import Bandit

NUM_TARGETS = 10
TARGET_PAYOFF = 5.0
OTHER_PAYOFF = 1.0
INFORMATIVE_PAYOFFS = np.arange(1, NUM_TARGETS + 1) / 10
"""What the informative arm pays, by the index of the target."""
REWARD_LEVELS = (*INFORMATIVE_PAYOFFS.tolist(), TARGET_PAYOFF)
REWARD_INPUTS = ("one-hot", "scalar")


class InformativeBandit(Bandit):
    """Eleven arms: one of the first ten pays 5, the others 1, and the last tells which it is.

    ## Description
    The payoffs do not vary, but five pulls are too few to search ten arms. The last arm pays
    less than any other on average, and the amount it pays names the rich arm. The best agent
    gives up an immediate gain for information, which neither Thompson sampling nor UCB does.
    "Bandits with dependent arms (II)" in Wang et al. 2016, section 3.1.3.

    ## Action Space
    `Discrete(11)`: the arm to pull; action 10 is the informative arm.

    ## Observation Space
    `Box(0, 1, (23,), float32)`: one-hot last action (11), last reward (11), timestep divided
    by `num_trials`. All zero at the first step. The reward is one-hot over its possible values
    0.1, 0.2, ..., 1.0, 5.0; with `reward_input="scalar"` it is a single number and the space
    `Box(0, 5, (13,), float32)`. `inputs` leaves parts out.

    ## Starting State
    The target is drawn uniformly from the first ten arms.

    ## Rewards
    5 from the target, 1 from the nine other arms among the first ten, and from the informative
    arm a tenth of the target's number, counted from 1: 0.1, 0.2, ..., 1.0.

    ## Episode End
    Terminates after `num_trials` pulls.

    ## Information
    `step` returns `regret`, 5 minus the payoff of the arm pulled, and `trial`, the index of
    the pull. `env.unwrapped.task` is `{"target": i}` with i in 0..9, and
    `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `num_trials=5`: pulls in an episode, at least 1.
    - `reward_input="one-hot"`: how the last reward is shown, "one-hot" or "scalar".
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.1.3. The
      paper shows the reward one-hot without saying over which values; one bin a value is a
      choice.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.bandits.informative_bandit"
    episode_arrays = (*Bandit.episode_arrays, "targets", "payoffs")

    def __init__(self, num_envs: int, num_trials: int = 5, reward_input: str = "one-hot") -> None:
        check_choice("reward_input", reward_input, REWARD_INPUTS)
        super().__init__(
            num_envs,
            num_arms=NUM_TARGETS + 1,
            num_trials=num_trials,
            num_draws=1,
            reward_range=(float(INFORMATIVE_PAYOFFS[0]), TARGET_PAYOFF),
            reward_levels=REWARD_LEVELS if reward_input == "one-hot" else None,
            episode_size=NUM_TARGETS + 2,
        )
        self.targets = np.zeros(self.num_envs, np.intp)
        self.payoffs = np.zeros((self.num_envs, self.num_arms))
        self._payoff_start = np.arange(self.num_envs) * self.num_arms

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        self._set_targets(envs, (self.draws[envs, 0] * NUM_TARGETS).astype(np.intp))

    def _set_targets(self, envs: Any, targets: Any) -> None:
        self.targets[envs] = targets
        self.payoffs[envs, :NUM_TARGETS] = OTHER_PAYOFF
        self.payoffs[envs, targets] = TARGET_PAYOFF
        self.payoffs[envs, NUM_TARGETS] = INFORMATIVE_PAYOFFS[targets]

    def _parse_task(self, task: Mapping[str, Any]) -> int:
        return int(check_task(task, "target", (), 0, NUM_TARGETS - 1, whole=True))

    def _set_task(self, env: int, parsed: int) -> None:
        self._set_targets(env, parsed)

    def task(self, env: int) -> Task:
        return {"target": int(self.targets[env])}

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        rewards = self.payoffs.take(self._payoff_start + actions)
        trial = self.steps.copy()
        return rewards, TARGET_PAYOFF - rewards, trial, self.advance()

    def action_values(self) -> NDArray[np.float64]:
        return self.payoffs.copy()

    def arm_means(self, env: int) -> NDArray[np.float64]:
        return np.broadcast_to(self.payoffs[env], (self.num_trials, self.num_arms))
