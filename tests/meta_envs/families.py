"""A family in the plainest form, and the ways in which one can be wrong."""

import numpy as np

from meta_envs import TaskFamily
from meta_envs.core.checks import check_count, check_task


class Cups(TaskFamily):
    """One of three cups hides a coin, the same one in every trial: guess where."""

    optimum = "tests.meta_envs.families_optimum"
    episode_arrays = (*TaskFamily.episode_arrays, "coins")

    def __init__(self, num_envs, num_trials=4):
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        super().__init__(num_envs, num_actions=3, episode_length=self.num_trials, num_draws=1)
        self.coins = np.zeros(num_envs, np.intp)

    def _load_tasks(self, envs):
        self.coins[envs] = (self.draws[envs, 0] * 3).astype(np.intp)

    def _parse_task(self, task):
        return int(check_task(task, "coin", (), 0, 2, whole=True))

    def _set_task(self, env, parsed):
        self.coins[env] = parsed

    def task(self, env):
        return {"coin": int(self.coins[env])}

    def step(self, actions):
        rewards = (actions == self.coins).astype(np.float64)
        trial = self.steps.copy()
        self.steps += 1
        return rewards, 1 - rewards, trial, self.steps >= self.num_trials

    def action_values(self):
        return np.eye(3)[self.coins]

    def render_ansi(self, env, history):
        return "".join("$" if reward else "." for _, reward in history) + "\n"

    def render_rgb(self, env, history):
        return np.full((4, 4, 3), 10 * len(history), np.uint8)


class NoClock(Cups):
    """Forgets to advance `steps`."""

    def step(self, actions):
        result = super().step(actions)
        self.steps -= 1
        return result


class OwnRandomness(Cups):
    """Draws random numbers of its own."""

    def step(self, actions):
        rewards, _, trial, over = super().step(actions)
        rewards = (np.random.default_rng().random(self.num_envs) < 0.5).astype(float)
        return rewards, (1 - rewards) * 0 + (actions != self.coins), trial, over


class DrawsInSteps(Cups):
    """Draws from the episode's row in a step, so that noise depends on what is done."""

    def step(self, actions):
        self.draws[:, 0] = actions / 3
        return super().step(actions)


class PaysTooMuch(Cups):
    """Pays outside its range."""

    def step(self, actions):
        rewards, regret, trial, over = super().step(actions)
        return 2 * rewards, regret, trial, over


class WrongShape(Cups):
    """Returns one reward for all."""

    def step(self, actions):
        rewards, *rest = super().step(actions)
        return rewards.sum(), *rest


class HandsOutItsClock(Cups):
    """Returns the array of its steps, which the next step changes."""

    def step(self, actions):
        rewards, regret, _, over = super().step(actions)
        return rewards, regret, self.steps, over


class Unending(Cups):
    """Never terminates."""

    def step(self, actions):
        *rest, over = super().step(actions)
        return *rest, over & False


class WrongRegret(Cups):
    """Counts regret where there is none."""

    def step(self, actions):
        rewards, regret, trial, over = super().step(actions)
        return rewards, regret + 0.5, trial, over


class ForgetsAnArray(Cups):
    """Does not say that the coins are part of an episode."""

    episode_arrays = TaskFamily.episode_arrays


class Leaks(Cups):
    """Shows the coin."""

    def __init__(self, num_envs):
        super().__init__(num_envs)
        TaskFamily.__init__(
            self, num_envs, num_actions=3, episode_length=4, num_draws=1, observation_size=3
        )

    def observe(self):
        return np.eye(3, dtype=np.float32)[self.coins]


class WrongObservation(Leaks):
    """Observes something of another size."""

    def observe(self):
        return np.zeros((self.num_envs, 2), np.float32)


class NoJson(Cups):
    """Tells its task in NumPy's numbers."""

    def task(self, env):
        return {"coin": self.coins[env]}


class OneTask(Cups):
    """Always hides the coin in the same place."""

    def _load_tasks(self, envs):
        self.coins[envs] = 1


class TakesAnyTask(Cups):
    """Does not check a task."""

    def _parse_task(self, task):
        return 0


class NoOptimumThere(Cups):
    """Names a module without an optimum."""

    optimum = "math"


class BadOptimum(Cups):
    """Says that more can be earned than its policy gets."""

    optimum = "tests.meta_envs.families_bad_optimum"


class NoGaps(Cups):
    """Says that nothing is ever lost."""

    optimum = "tests.meta_envs.families_bad_gaps"

    def wrong_gaps(self, actions):
        return np.zeros(actions.shape)


class NegativeGaps(NoGaps):
    """Says that something is better than the optimum."""

    def wrong_gaps(self, actions):
        return np.where(actions == 0, -0.5, 0)


class GapsOfTheBest(NoGaps):
    """Says that the optimum loses something."""

    def wrong_gaps(self, actions):
        return np.full(actions.shape, 0.25)


class GapsOfEpisodes(NoGaps):
    """Says what every step of an episode has lost, and not the present one."""

    def wrong_gaps(self, actions):
        return np.zeros((len(actions), 4))


class RenderingPlays(Cups):
    """Changes the episode when it is looked at."""

    def render_ansi(self, env, history):
        self.coins[env] = (self.coins[env] + 1) % 3
        return super().render_ansi(env, history)


class DrawsNoImage(Cups):
    """Returns an image that is none."""

    def render_rgb(self, env, history):
        return np.zeros((4, 4))


class Blind(Cups):
    """Draws nothing for people."""

    render_ansi = TaskFamily.render_ansi
    render_rgb = TaskFamily.render_rgb
