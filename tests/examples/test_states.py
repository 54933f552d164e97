"""What `evaluate` hands an agent: whatever state it returned, and where an episode starts."""

from typing import NamedTuple

import numpy as np
import pytest
import torch

from baselines import evaluate


class Hidden(NamedTuple):
    """As sb3-contrib's RNNStates: a tuple with names."""

    pi: tuple
    vf: tuple


STATES = {
    "array": lambda steps: np.full(3, steps),
    "tuple": lambda steps: (np.full(3, steps), np.full(3, -steps)),
    "dict": lambda steps: {"h": torch.full((1, 3), steps), "c": torch.full((1, 3), -steps)},
    "named tuple": lambda steps: Hidden((torch.tensor(steps),), (torch.tensor(-steps),)),
    "object": lambda steps: [object(), steps],
}


@pytest.mark.parametrize("kind", STATES)
def test_any_state_comes_back_as_it_went(kind):
    """Broken if a state were copied, changed, or carried from one batch of episodes to the next."""
    calls, returned = [], []

    def agent(observation, state, episode_start, deterministic):
        calls.append((state, episode_start.copy(), observation[:, -1].max()))
        returned.append(STATES[kind](len(calls)))
        return np.zeros(len(observation), np.int64), returned[-1]

    evaluate(agent, "MetaBandit-v0", 1_200, env_kwargs={"num_trials": 5})
    assert len(calls) == 2 * 5  # A thousand episodes, and the others.
    for call, (state, episode_start, time) in enumerate(calls):
        first = call % 5 == 0
        assert state is None if first else state is returned[call - 1]
        assert episode_start.all() if first else not episode_start.any()
        assert (time == 0) == first
