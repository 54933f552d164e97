"""A task of one's own, with its optimum: `python -m baselines train --env cups:Cups-v0`."""

import numpy as np

import meta_envs
from meta_envs.core.checks import check_count, check_task
from meta_envs.policies import BanditPolicy


class Cups(meta_envs.TaskFamily):
    """One of `num_cups` cups hides a coin, the same one in every trial: guess where."""

    episode_arrays = (*meta_envs.TaskFamily.episode_arrays, "coins")
    optimum = __name__

    def __init__(self, num_envs, num_cups=3, num_trials=6):
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        cups = check_count("num_cups", num_cups, minimum=2)
        super().__init__(num_envs, num_actions=cups, episode_length=self.num_trials, num_draws=1)
        self.coins = np.zeros(num_envs, np.intp)

    def _load_tasks(self, envs):
        self.coins[envs] = (self.draws[envs, 0] * self.num_actions).astype(np.intp)

    def _parse_task(self, task):
        return int(check_task(task, "coin", (), 0, self.num_actions - 1, whole=True))

    def _set_task(self, env, parsed):
        self.coins[env] = parsed

    def task(self, env):
        return {"coin": int(self.coins[env])}

    def action_values(self):
        return np.eye(self.num_actions)[self.coins]

    def step(self, actions):
        rewards = (actions == self.coins).astype(np.float64)
        self.steps += 1
        return rewards, 1 - rewards, self.steps - 1, self.steps >= self.num_trials

    def render_ansi(self, env, history):
        return f"coin under cup {self.coins[env] if self.reveal else '?'}, {len(history)} tried\n"


class OptimalPolicy(BanditPolicy):
    """Lifts one cup after the other, and stays where the coin is."""

    def __init__(self, family, meta_observation):
        super().__init__(meta_observation)

    def initial_memory(self, num_envs):
        return np.ones((num_envs, self.num_actions))

    def update(self, memory, actions, rewards):
        lifted = np.eye(self.num_actions)[actions]
        memory[...] = np.where(rewards[:, None] > 0, lifted, memory * (1 - lifted))

    def act(self, memory):
        return self.best(memory)


def optimal_return(family):
    """The coin is found at the first, second, ... try, each as likely."""
    return float(np.maximum(family.num_trials - np.arange(family.num_actions), 0).mean())


meta_envs.register("Cups-v0", Cups, source="a shell game", summary="a coin under one of three cups")
