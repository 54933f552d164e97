"""CartPole whose physics are drawn: `python -m baselines train --env cartpole:MetaCartPole-v0`.

Gravity, the pole's length and the engine's force are drawn, and half of the engines are built in
the wrong way round: they push right when told to push left. An agent that is not told has to find
out while the pole falls, and has a second pole of the same physics to use it on. All by wrappers:

- MetaCartPole-v0 draws the task and shows the last action, reward, done and timestep,
- MetaCartPoleBare-v0 draws it and shows nothing but cart and pole,
- MetaCartPoleTold-v0 draws it and tells it.
"""

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from meta_envs.wrappers import MetaEpisode, MetaObservation, TaskDistribution

STEPS = 100
"""Of an inner episode, at most."""
GRAVITY, LENGTH, FORCE = (5.0, 15.0), (0.3, 1.0), (7.0, 15.0)


def draw_task(generator):
    """Physics, each number uniform in its range, and either sign of the force."""
    force = generator.uniform(*FORCE) * generator.choice([-1.0, 1.0])
    return {
        "gravity": generator.uniform(*GRAVITY),
        "length": generator.uniform(*LENGTH),
        "force": force,
    }


def set_task(env, task):
    """Gives CartPole its physics."""
    cartpole = env.unwrapped
    cartpole.gravity, cartpole.length = task["gravity"], task["length"]
    cartpole.force_mag = task["force"]
    cartpole.polemass_length = cartpole.masspole * cartpole.length


class TellTask(gym.ObservationWrapper, RecordConstructorArgs):
    """Adds the task to the observations: for an agent that is told."""

    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        low, high = env.observation_space.low, env.observation_space.high
        ones = np.ones(3, np.float32)
        self.observation_space = gym.spaces.Box(np.append(low, -ones), np.append(high, ones))

    def observation(self, observation):
        task = self.get_wrapper_attr("task")
        told = [task["gravity"] / GRAVITY[1], task["length"] / LENGTH[1], task["force"] / FORCE[1]]
        return np.append(observation, told).astype(np.float32)


DRAWN = (
    TaskDistribution.wrapper_spec(tasks="cartpole:draw_task", apply="cartpole:set_task"),
    MetaEpisode.wrapper_spec(num_episodes=2),
)
SEEN = {
    "MetaCartPole-v0": MetaObservation.wrapper_spec(
        inputs=["action", "reward", "done", "timestep"]
    ),
    "MetaCartPoleBare-v0": None,
    "MetaCartPoleTold-v0": TellTask.wrapper_spec(),
}
for env_id, seen in SEEN.items():
    gym.register(
        env_id,
        "gymnasium.envs.classic_control.cartpole:CartPoleEnv",
        max_episode_steps=STEPS,
        additional_wrappers=DRAWN if seen is None else (*DRAWN, seen),
    )
