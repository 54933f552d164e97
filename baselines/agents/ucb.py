"""Upper confidence bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.core import CountingPolicy, MetaObservation
from meta_envs.core.policy import Memory


class UCB(CountingPolicy):
    """Pulls every arm once, then the arm with the highest mean plus sqrt(c log(t) / n).

    t counts the pulls so far and n those of the arm.

    Args:
        meta_observation: Of the environment to act in.
        exploration: The factor c. 0.5 is the default of PymaBandits, the toolbox that Wang et
            al. 2016 took their baselines from; they used 1 for restless bandits (section 3.1.4).
    """

    def __init__(self, meta_observation: MetaObservation, exploration: float = 0.5) -> None:
        super().__init__(meta_observation)
        self.exploration = exploration

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, payoffs = memory[:, 0], memory[:, 1]
        n = np.maximum(pulls, 1)
        t = np.maximum(pulls.sum(axis=1, keepdims=True), 1)
        bound = payoffs / n + np.sqrt(self.exploration * np.log(t) / n)
        return self.best(np.where(pulls == 0, np.inf, bound))
