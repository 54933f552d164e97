"""An id names its dynamics for good: docs/versioning.md.

`dynamics.json` holds what episodes of each id gave when it was added. Where a change of the code
gives other numbers, it is a new version of the environment, not a new entry here:

    python -m tests.meta_envs.core.test_dynamics    # adds ids that have no entry, and only those
"""

import json
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import meta_envs  # noqa: F401
from meta_envs.registration import TABLE

RECORDED = Path(__file__).with_name("dynamics.json")
SEED, EPISODES, MOST_STEPS = 2024, 3, 300


def play(env_id):
    """What episodes of fixed actions give: returns, regrets, lengths, and all that was seen."""
    env = gym.make(env_id)
    rng = np.random.default_rng(SEED)
    found = []
    for episode in range(EPISODES):
        observation, _ = env.reset(seed=SEED + episode)
        seen, total, regret, steps, over = weigh(observation, 0), 0.0, 0.0, 0, False
        while not over and steps < MOST_STEPS:
            action = int(rng.integers(env.action_space.n))
            observation, reward, terminated, truncated, info = env.step(action)
            steps, over = steps + 1, terminated or truncated
            total += float(reward)
            regret += float(info.get("regret", 0.0))
            seen += weigh(observation, steps)
        found.append({"return": total, "regret": regret, "steps": steps, "seen": seen})
    env.close()
    return found


def weigh(observation, step):
    """A number that a change of any entry of an observation, or of their order, changes."""
    parts = observation.values() if isinstance(observation, dict) else [observation]
    flat = np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])
    return float(flat @ np.cos(np.arange(flat.size) + step))


@pytest.mark.parametrize("env_id", [row.id for row in TABLE])
def test_an_id_gives_what_it_has_always_given(env_id):
    """Broken by any change of tasks, rewards, observations, length, or the order of draws."""
    recorded = json.loads(RECORDED.read_text())[env_id]
    for now, then in zip(play(env_id), recorded, strict=True):
        assert now == pytest.approx(then, rel=1e-6, abs=1e-6)


if __name__ == "__main__":
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    known |= {row.id: play(row.id) for row in TABLE if row.id not in known}
    RECORDED.write_text(json.dumps(known, indent=1) + "\n")
