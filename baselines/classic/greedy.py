"""The agent that never explores on purpose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meta_envs.policies import CountingPolicy, Memory


class Greedy(CountingPolicy):
    """Pulls the arm with the highest mean payoff so far, either at a tie.

    Each arm starts with one pull that paid 1 and one that paid 0, as the greedy baseline of
    Duan et al. 2016 (RL^2, arXiv 1611.02779, appendix) does; for Bernoulli arms this is the
    posterior mean under a uniform prior.
    """

    def act(self, memory: Memory) -> NDArray[np.intp]:
        pulls, payoffs = memory[:, 0], memory[:, 1]
        return self.best((payoffs + 1) / (pulls + 2))
