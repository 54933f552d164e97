"""Two-armed bandits whose arms depend on each other: p2 = 1 - p1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_probabilities, check_task
from meta_envs.core.family import Task
from meta_envs.tasks.bandits.bernoulli_arms import BernoulliArms


class DependentBandit(BernoulliArms):
    """Two arms that pay 1 or 0, the probability of one being 1 minus that of the other.

    ## Description
    Each pull tells as much about the other arm as about the one pulled, so an agent that has
    found out about this structure learns faster than any algorithm for independent arms.
    "Bandits with dependent arms (I)" in Wang et al. 2016, section 3.1.2. The four ids differ
    in how p1, the first arm's probability, is drawn:

    | id | p1 |
    | --- | --- |
    | `MetaBanditDependentUniform-v0` | uniform on [0, 1) |
    | `MetaBanditDependentEasy-v0` | 0.1 or 0.9, equally likely |
    | `MetaBanditDependentMedium-v0` | 0.25 or 0.75, equally likely |
    | `MetaBanditDependentHard-v0` | 0.4 or 0.6, equally likely |

    ## Action Space
    `Discrete(2)`: the arm to pull.

    ## Observation Space
    `Box(0, 1, (4,), float32)`: one-hot last action, last reward, timestep divided by
    `num_trials`. All zero at the first step. There is no other observation. `inputs` leaves
    parts out.

    ## Starting State
    p1 is drawn from its distribution, and p2 = 1 - p1.

    ## Rewards
    1 with the probability of the arm pulled, else 0.

    ## Episode End
    Terminates after `num_trials` pulls.

    ## Information
    `step` returns `regret`, the better arm's probability minus that of the arm pulled, and
    `trial`, the index of the pull. `env.unwrapped.task` is `{"probabilities": [p1, p2]}`, and
    `env.reset(options={"task": task})` plays it again, also with values that the distribution
    would not draw, as long as they add up to 1.

    ## Arguments
    - `p1_values=None`: the equally likely values of p1, each in [0, 1]; None draws p1 from
      the uniform distribution on [0, 1).
    - `num_trials=100`: pulls in an episode, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.1.2.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.bandits.dependent_bandit"

    def __init__(
        self, num_envs: int, p1_values: Sequence[float] | None = None, num_trials: int = 100
    ) -> None:
        self.p1_values = None if p1_values is None else check_probabilities("p1_values", p1_values)
        super().__init__(num_envs, num_arms=2, num_trials=num_trials, num_task_draws=1)

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        p1 = self.draws[envs, 0]
        if self.p1_values is not None:
            p1 = self.p1_values[(p1 * len(self.p1_values)).astype(np.intp)]
        self._set_probabilities(envs, np.stack([p1, 1 - p1], axis=1)[:, None])

    def _parse_task(self, task: Mapping[str, Any]) -> NDArray[np.float64]:
        probabilities = check_task(task, "probabilities", (2,), 0.0, 1.0)
        if abs(probabilities.sum() - 1) > 1e-9:
            raise ValueError(
                f"task['probabilities'] must add up to 1, got {probabilities.tolist()}"
            )
        return probabilities

    def _set_task(self, env: int, parsed: NDArray[np.float64]) -> None:
        self._set_probabilities(env, parsed[None])

    def task(self, env: int) -> Task:
        return {"probabilities": self.probabilities[env, 0].tolist()}
