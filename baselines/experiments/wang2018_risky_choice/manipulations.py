"""What is added to the prediction error of the actor, and after what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env

ENV = "MetaRiskyChoice-v0"
SAFE, RISKY, FORCED = 1.0, 4.0, 10
"""What the arms pay, and the forced trials that an episode begins with."""
CONTROL = "control"
Outcome = Callable[[NDArray[np.bool_], NDArray[np.float64]], NDArray[np.float64]]
MANIPULATIONS: dict[str, Outcome] = {
    "block risky reward": lambda pulled, paid: -RISKY * (pulled & (paid == RISKY)),
    "block safe reward": lambda pulled, paid: -SAFE * (pulled & (paid == SAFE)),
    "block risky loss": lambda pulled, paid: 1.0 * (pulled & (paid == 0)),
}
"""What is added to the prediction error, from whether the last action was a pull and what it
paid."""
FREE = ", free trials only"
"""Behind the name of a manipulation that leaves the forced trials alone."""
CONDITIONS = (CONTROL, *MANIPULATIONS, *(what + FREE for what in MANIPULATIONS))


def manipulation(what: str) -> Callable[[NDArray[np.float32]], NDArray[np.float64]] | None:
    """What `A2CLSTMPolicy.change_prediction_error` takes in a condition; None for the control."""
    if what == CONTROL:
        return None
    env: Any = make_vector_env(ENV, 1).unwrapped
    shown, length = env.meta_observation, env.family.episode_length
    outcome = MANIPULATIONS[what.removesuffix(FREE)]
    # Steps before the first outcome to be changed is seen: two a trial.
    first = 2 * (FORCED + 1) if what.endswith(FREE) else 0

    def change(seen: NDArray[np.float32]) -> NDArray[np.float64]:
        late = np.rint(length * seen[:, shown.layout["timestep"]][:, 0]) >= first
        # The centre is no pull; what an invalid one brought, -1, is no outcome of any of them.
        pulled = shown.last_action(seen)[:, :2].any(axis=1) & late
        return outcome(pulled, shown.last_reward(seen))

    return change
