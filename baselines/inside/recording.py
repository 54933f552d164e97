"""What is kept of a network while episodes are played: its activity beside what could be known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.evaluation.result import Evaluation
from meta_envs.policies import Belief


@dataclass(frozen=True, repr=False)
class Recording:
    """A network's activity in some episodes, and what an ideal observer believes in each step.

    All of a step is of one moment: after its observation was seen, before its action had any
    consequence. Past an episode's end all is zero.

    Attributes:
        evaluation: The episodes: actions, rewards, lengths, and who has played them. That need
            not be the network: any agent's episodes can be shown to it.
        agent: Whose activity it is.
        activity: Shape (episodes, steps, units): the output of the memory cell, of which the
            policy and the value are read; or whatever an agent without one remembers.
        logits: Of the policy's actions, shape (episodes, steps, num_actions); None if the agent
            tells none.
        values: Of the critic, shape (episodes, steps); None if the agent tells none.
        own: The environment's own part of the observation, such as the state that it shows,
            shape (episodes, steps, n); n is 0 for a bandit, and for images.
        belief: What the optimum believes, by name, each of shape (episodes, steps, n); see
            `meta_envs.policies.Policy.belief`. Empty where no optimum is known.
    """

    evaluation: Evaluation
    agent: str
    activity: NDArray[np.float32]
    logits: NDArray[np.float32] | None
    values: NDArray[np.float32] | None
    own: NDArray[np.float32]
    belief: Belief

    @property
    def actions(self) -> NDArray[np.integer]:
        """Shape (episodes, steps)."""
        return self.evaluation.actions

    @property
    def rewards(self) -> NDArray[np.float64]:
        """What each action paid, shape (episodes, steps)."""
        return self.evaluation.rewards

    @property
    def played(self) -> NDArray[np.bool_]:
        """Where an episode was still going on, shape (episodes, steps)."""
        return self.evaluation.played
