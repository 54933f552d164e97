"""A network that counts as Bayes does, by weights set by hand, and what it is compared with."""

import numpy as np
import torch

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.agent import Inspection
from baselines.evaluation.evaluate import evaluate
from baselines.inside.record import record

ENV_ID = "MetaBandit-v0"
SHORT = {"num_trials": 20}
STEP = 0.002
"""What a count adds to a unit: so little that tanh is straight."""


def counting_network():
    """An LSTM of four units whose cells count successes and failures of two arms.

    The input gate of a unit opens where both its arm was the last and its outcome came; forget
    and output gates are open. The policy reads successes minus failures.
    """
    agent = A2CLSTM(ENV_ID, A2CLSTMConfig(hidden_size=4, num_envs=1), env_kwargs=SHORT)
    cell, heads = agent.policy.network.cell, agent.policy.network.heads
    weight_ih, weight_hh, bias, other = cell.parameters()
    with torch.no_grad():
        for part in (weight_ih, weight_hh, bias, other, heads.weight, heads.bias):
            part.zero_()
        for unit, (arm, won) in enumerate([(0, 1), (0, 0), (1, 1), (1, 0)]):
            # Of the input gate, the first four rows: 20 where both hold, -20 or less elsewhere.
            weight_ih[unit, arm] = 40.0
            weight_ih[unit, 2] = 40.0 if won else -40.0
            bias[unit] = -60.0 if won else -20.0
        bias[4:8], bias[8:12], bias[12:16] = 20.0, np.arctanh(STEP), 20.0
        worth = torch.tensor([1.0, -1.0, -1.0, 1.0]) / STEP / 4
        heads.weight[0], heads.weight[1] = worth, -worth
    return agent.policy


def record_bayes(agent, episodes=60, teacher="thompson", seed=0):
    """A recording of an agent in the teacher's episodes; its belief is of counts."""
    return record(agent, evaluate(teacher, ENV_ID, episodes, seed, SHORT))


class Mixed:
    """Holds the counts, turned and stretched by a matrix: all a linear readout can undo."""

    def __init__(self):
        self.matrix = np.random.default_rng(5).normal(size=(4, 6))

    def inspect(self, observation, state, episode_start):
        known = np.zeros((len(observation), 4)) if state is None else state[0].copy()
        action, reward = observation[:, :2], observation[:, 2:3]
        known += np.stack([action * reward, action * (1 - reward)], axis=-1).reshape(-1, 4)
        return Inspection((known @ self.matrix).astype(np.float32), None, None), (known,)

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        raise AssertionError("it only watches")
