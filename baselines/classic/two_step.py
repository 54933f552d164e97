"""The two learners that the two-step task was made to tell apart."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from baselines.classic.parameters import check_range
from baselines.common.agent import Agent
from meta_envs.core import MetaObservationWriter, MetaVectorEnv
from meta_envs.policies import Memory, StatePolicy
from meta_envs.tasks.two_step.two_step import TwoStep

STATE, CHOICE, VALUES = 0, 1, slice(2, 4)
"""Columns of the memory: the present state, the last action in S1, the values of two options."""


class TwoStepLearner(StatePolicy):
    """Values of two options that follow rewards at a fixed rate, and a softmax choice.

    After a trial with reward r, the value of the option it counts for moves by
    `learning_rate` * (r - value), and that of the other one by `learning_rate` * (1 - r -
    value): a Rescorla-Wagner rule with a fictitious update (Gläscher et al. 2009), for one who
    knows that where one option is good, the other is bad. Values start at 0.5. In S1, action a is
    drawn with probability proportional to exp(`inverse_temperature` * value of a).

    In S2 and S3, where left and right are one, it draws one all the same. From a trial with an
    invalid response it learns nothing.

    Memory: the state, the last action in S1 and the two values, shape (num_envs, 4).

    Args:
        meta_observation: Of the environment to act in.
        family: The two-step task to play.
        learning_rate: In [0, 1].
        inverse_temperature: At least 0.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        family: TwoStep,
        learning_rate: float,
        inverse_temperature: float,
    ) -> None:
        super().__init__(meta_observation)
        self.choice_state, self.respond = family.choice_state, family.respond
        self.learning_rate = check_range("learning_rate", learning_rate, 0.0, 1.0)
        self.inverse_temperature = check_range("inverse_temperature", inverse_temperature, 0.0, 1e9)

    def initial_memory(self, num_envs: int) -> Memory:
        return np.tile((0.0, 0.0, 0.5, 0.5), (num_envs, 1))

    def update(
        self,
        memory: Memory,
        states: NDArray[np.intp],
        actions: NDArray[np.intp],
        rewards: NDArray[np.float64],
        next_states: NDArray[np.intp],
    ) -> None:
        memory[:, CHOICE] = np.where(states == self.choice_state, actions, memory[:, CHOICE])
        valid = (rewards >= 0) & (memory[:, CHOICE] < 2)
        over = np.flatnonzero((states > self.choice_state) & valid)
        seconds = states[over] - self.choice_state - 1
        credited = self.credited(memory[over, CHOICE].astype(np.intp), seconds)
        target = np.abs(np.eye(2)[1 - credited] - rewards[over, None])
        values = memory[over, VALUES]
        memory[over, VALUES] = values + self.learning_rate * (target - values)

    def act(self, memory: Memory) -> NDArray[np.intp]:
        first, second = self.action_values(memory[:, VALUES]).T
        # The softmax of two, in a form that cannot overflow.
        chance = (1 + np.tanh(self.inverse_temperature * (second - first) / 2)) / 2
        choices = (self.rng.random(len(memory)) < chance).astype(np.intp)
        return self.respond(memory[:, STATE].astype(np.intp), choices)

    @abstractmethod
    def credited(self, choices: NDArray[np.intp], seconds: NDArray[np.intp]) -> NDArray[np.intp]:
        """The option that a trial's reward counts for, 0 or 1.

        Args:
            choices: Actions in S1, shape (batch,).
            seconds: 0 where they led to S2, 1 where to S3, same shape.
        """

    @abstractmethod
    def action_values(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the actions in S1 are worth, given the options' values, shape (num_envs, 2)."""


class TwoStepModelBased(TwoStepLearner):
    """Learns what S2 and S3 are worth, and knows where the actions lead.

    The model-based prediction of Wang et al. 2016, Fig. 5b. The paper gives no parameters; with
    these, the chances to stay after a trial are, over all trials of `MetaTwoStep-v0`:

    | | rewarded, common | rewarded, rare | unrewarded, common | unrewarded, rare |
    | --- | --- | --- | --- | --- |
    | this agent | 0.97 | 0.03 | 0.03 | 0.97 |
    | Fig. 5b, read off | 0.97 | 0 | 0 | 0.94 |

    The paper's two outer shares differ, these cannot. A larger `inverse_temperature` brings the
    middle two to 0 and the outer two to 1; slower learning moves the middle two up. Without the
    fictitious update both would be above 0.2 at any rate, if the outer two are above 0.9.

    Args:
        meta_observation: Of the environment to act in.
        family: The two-step task to play.
        learning_rate: In [0, 1].
        inverse_temperature: At least 0.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        family: TwoStep,
        learning_rate: float = 1.0,
        inverse_temperature: float = 7.0,
    ) -> None:
        super().__init__(meta_observation, family, learning_rate, inverse_temperature)
        self.common_probability = family.common_probability

    def credited(self, choices: NDArray[np.intp], seconds: NDArray[np.intp]) -> NDArray[np.intp]:
        return seconds

    def action_values(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        common = self.common_probability
        return common * values + (1 - common) * values[:, ::-1]


class TwoStepModelFree(TwoStepLearner):
    """Learns what the actions in S1 are worth from the rewards that follow, however it got there.

    As SARSA(1) does: with full eligibility the value of the second-stage state cancels out, and
    the action's value follows the trial's reward. The model-free prediction of Wang et al. 2016,
    Fig. 5b. The paper gives no parameters; with these, the chances to stay after a trial are,
    over all trials of `MetaTwoStep-v0`:

    | | rewarded, common | rewarded, rare | unrewarded, common | unrewarded, rare |
    | --- | --- | --- | --- | --- |
    | this agent | 0.85 | 0.84 | 0.17 | 0.18 |
    | Fig. 5b, read off | 0.85 | 0.85 | 0.18 | 0.18 |

    Args:
        meta_observation: Of the environment to act in.
        family: The two-step task to play.
        learning_rate: In [0, 1].
        inverse_temperature: At least 0.
    """

    def __init__(
        self,
        meta_observation: MetaObservationWriter,
        family: TwoStep,
        learning_rate: float = 0.9,
        inverse_temperature: float = 1.8,
    ) -> None:
        super().__init__(meta_observation, family, learning_rate, inverse_temperature)

    def credited(self, choices: NDArray[np.intp], seconds: NDArray[np.intp]) -> NDArray[np.intp]:
        return choices

    def action_values(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values


def make_two_step_model_based(
    env: MetaVectorEnv, learning_rate: float = 1.0, inverse_temperature: float = 7.0
) -> Agent:
    """The model-based learner."""
    assert isinstance(env.family, TwoStep)
    return TwoStepModelBased(env.meta_observation, env.family, learning_rate, inverse_temperature)


def make_two_step_model_free(
    env: MetaVectorEnv, learning_rate: float = 0.9, inverse_temperature: float = 1.8
) -> Agent:
    """The model-free learner."""
    assert isinstance(env.family, TwoStep)
    return TwoStepModelFree(env.meta_observation, env.family, learning_rate, inverse_temperature)
