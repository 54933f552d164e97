"""Random Markov decision processes, played for several trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_task
from meta_envs.core.family import StepResult, Task, TaskFamily
from meta_envs.tasks.mdps import rendering
from meta_envs.tasks.mdps.planning import value_iteration

START = 0
"""The state that every trial starts in."""
REWARD_MEAN, REWARD_SD, NOISE_SD = 1.0, 1.0, 1.0
"""Of the mean rewards over tasks, and of the noise around them."""
LARGEST_MEAN = 1e30
"""Of a reward that a task may be given: float32, in which it is shown, holds little more."""
LONGEST_HORIZON = 50_000
"""As every step of it is planned when an episode starts."""
BLOCK = 256
"""Tasks that are solved at once: few enough to stay in the processor's cache."""


class TabularMDP(TaskFamily):
    """A random Markov decision process of a few states, played for several short trials.

    ## Description
    Each episode draws a process of its own and lets the agent play it `num_trials` times from
    the same start. The first trials are for finding out where actions lead and what they pay,
    the later ones for using it. Unlike in a bandit, what is worth trying depends on how to get
    there. The tabular MDPs of Duan et al. 2016 (RL^2), section 3.1.2, where a trial is called an
    episode and an episode a trial.

    ## Action Space
    `Discrete(num_actions)`.

    ## Observation Space
    `Box(low, high, (num_states + num_actions + 3,), float32)`: one-hot state, one-hot last
    action, last reward, whether the last step ended a trial (1 or 0), timestep divided by
    `horizon * num_trials`. The reward is bounded by the range of float32 only, all else is in
    [0, 1]. At the first step all are zero but the state. After the last step of a trial the
    state is the one in which the next trial starts. `inputs` leaves parts out, but not the state.

    ## Starting State
    For each state and action, the probabilities of the next state are drawn from the flat
    Dirichlet distribution, and the mean reward from the normal distribution with mean 1 and
    variance 1. Every trial starts in state 0.

    ## Rewards
    The mean reward of the state and action, plus normal noise of mean 0 and variance 1, which is
    the same whichever action is taken.

    ## Episode End
    Terminates after `num_trials` trials of `horizon` steps.

    ## Information
    `step` returns `regret`, V*(s) - Q*(s, a) to the end of the trial, where V* and Q* are the
    values of an informed agent, and `trial`, the index of the trial.
    `env.unwrapped.task` is `{"transitions": p, "reward_means": r}`, with p[s][a][s'] the
    probability of s' after action a in state s, and `env.reset(options={"task": task})` plays
    it again.

    ## Arguments
    - `num_states=10`: at least 1.
    - `num_actions=5`: at least 2.
    - `horizon=10`: steps in a trial, 1 to 50,000.
    - `num_trials=10`: trials in an episode, at least 1. The paper has 10, 25, 50, 75 and 100.
    - `inputs=("action", "reward", "done", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Duan et al. 2016, "RL^2: Fast reinforcement learning via slow reinforcement learning",
      arXiv 1611.02779, section 3.1.2. The paper's agent sees no timestep; leave it out with
      `inputs=("action", "reward", "done")`.
    - Mishra et al. 2018, "A simple neural attentive meta-learner", arXiv 1707.03141, section
      5.1.2, has the same tasks. Its scores are fractions of 20.76 a trial; the mean of V* over
      tasks is 21.83 a trial without discount.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.mdps.tabular_mdp"
    episode_arrays = (
        *TaskFamily.episode_arrays,
        "states",
        "transitions",
        "reward_means",
        "cumulative",
        "state_values",
        "q_values",
    )

    def __init__(
        self,
        num_envs: int,
        num_states: int = 10,
        num_actions: int = 5,
        horizon: int = 10,
        num_trials: int = 10,
    ) -> None:
        self.num_states = check_count("num_states", num_states, minimum=1)
        self.horizon = check_count("horizon", horizon, minimum=1, maximum=LONGEST_HORIZON)
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        num_states, horizon = self.num_states, self.horizon
        num_actions = check_count("num_actions", num_actions, minimum=2)
        pairs = num_states * num_actions
        length = horizon * self.num_trials
        super().__init__(
            num_envs,
            num_actions=num_actions,
            episode_length=length,
            num_draws=pairs * (num_states + 1) + 2 * length,
            observation_size=num_states,
            reward_range=(-np.inf, np.inf),
            # Twice, as all is computed before it is put in its place.
            episode_size=2 * pairs * (2 * num_states + 2 * horizon + 1),
            table_size=num_states**2,
        )
        num_envs = self.num_envs
        self.states = np.zeros(num_envs, np.int64)
        self.transitions = np.zeros((num_envs, num_states, num_actions, num_states))
        self.reward_means = np.zeros((num_envs, num_states, num_actions))
        self.cumulative = np.zeros_like(self.transitions)
        # With 1, 2, ..., horizon steps to go.
        self.state_values = np.zeros((num_envs, horizon, num_states))
        self.q_values = np.zeros((num_envs, horizon, num_states, num_actions))
        # An episode's draws: exponentials for the transitions, normals for mean rewards and
        # noise, uniforms for where a step leads.
        self._normals = slice(pairs * num_states, pairs * (num_states + 1) + length)
        self._envs = np.arange(num_envs)
        self._trial_of_step = np.arange(length) // horizon
        self._to_go = horizon - 1 - np.arange(length) % horizon
        self._last_of_trial = self._to_go == 0
        # Flat positions of each episode's first entry: one `take` then gathers a whole batch.
        self._first_state = self._envs * num_states
        self._first_valued = self._first_state * horizon
        self._first_uniform = self._envs * self.draws.shape[1] + self._normals.stop
        self._first_noise = self._first_uniform - length
        self._to_go_rows = self._to_go * num_states
        self._one_hot = np.eye(num_states, dtype=np.float32)

    def _draw(self, generator: np.random.Generator, row: NDArray[np.float64]) -> None:
        generator.standard_exponential(out=row[: self._normals.start])
        generator.standard_normal(out=row[self._normals])
        generator.random(out=row[self._normals.stop :])

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        shape = (-1, *self.transitions.shape[1:])
        first, last = self._normals.start, self._normals.stop - self.episode_length
        for start in range(0, len(envs), BLOCK):
            block = envs[start : start + BLOCK]
            # Exponentials divided by their sum are a draw of the flat Dirichlet distribution.
            weights = self.draws[block, :first].reshape(shape)
            normals = self.draws[block, first:last].reshape(shape[:-1])
            transitions = weights / weights.sum(axis=-1, keepdims=True)
            self._set_tasks(block, transitions, REWARD_MEAN + REWARD_SD * normals)

    def _set_tasks(
        self,
        envs: NDArray[np.intp],
        transitions: NDArray[np.float64],
        reward_means: NDArray[np.float64],
    ) -> None:
        self.states[envs] = START
        self.transitions[envs] = transitions
        self.reward_means[envs] = reward_means
        cumulative = transitions.cumsum(axis=-1)
        cumulative /= cumulative[..., -1:]  # Ends at 1 exactly, which no uniform number reaches.
        self.cumulative[envs] = cumulative
        action_values, values = value_iteration(transitions, reward_means[:, None], self.horizon)
        self.q_values[envs] = action_values
        self.state_values[envs] = values

    def _parse_task(
        self, task: Mapping[str, Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shape = self.transitions.shape[1:]
        transitions = check_task(task, "transitions", shape, 0.0, 1.0)
        if np.abs(transitions.sum(axis=-1) - 1).max() > 1e-9:
            raise ValueError("task['transitions'] must add up to 1 for each state and action")
        return transitions, check_task(
            task, "reward_means", shape[:-1], -LARGEST_MEAN, LARGEST_MEAN
        )

    def _set_task(self, env: int, parsed: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
        transitions, reward_means = parsed
        self._set_tasks(np.array([env]), transitions[None], reward_means[None])

    def task(self, env: int) -> Task:
        return {
            "transitions": self.transitions[env].tolist(),
            "reward_means": self.reward_means[env].tolist(),
        }

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        pair = (self._first_state + self.states) * self.num_actions + actions
        valued = self._first_valued + self._to_go_rows.take(self.steps) + self.states
        chosen = self.q_values.take(valued * self.num_actions + actions)
        regret = self.state_values.take(valued) - chosen
        noise = self.draws.take(self._first_noise + self.steps)
        rewards = self.reward_means.take(pair) + NOISE_SD * noise
        uniform = self.draws.take(self._first_uniform + self.steps)
        cumulative = self.cumulative.reshape(-1, self.num_states).take(pair, axis=0)
        landed = (cumulative > uniform[:, None]).argmax(axis=1)
        trial = self._trial_of_step.take(self.steps)
        self.trial_over = self._last_of_trial.take(self.steps)
        landed[self.trial_over] = START
        self.states = landed
        return rewards, regret, trial, self.advance()

    def observe(self) -> NDArray[np.float32]:
        return self._one_hot.take(self.states, axis=0)

    def trial_values(self) -> NDArray[np.float64]:
        """What a trial is worth to an informed agent, shape (num_envs,)."""
        return self.state_values[:, -1, START].copy()

    def action_values(self) -> NDArray[np.float64]:
        to_go = self._to_go[np.minimum(self.steps, self.episode_length - 1)]
        return self.q_values[self._envs, to_go, self.states]

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        """What people see of an episode so far, from its task and its noise."""
        states, regrets, state = [], [], START
        for t, (action, _) in enumerate(history):
            states.append(state)
            to_go = self._to_go[t]
            values = self.q_values[env, to_go, state]
            regrets.append(values.max() - values[action])
            uniform = self.draws[env, self._normals.stop + t]
            landed = (self.cumulative[env, state, action] > uniform).argmax()
            state = int(landed) if to_go else START
        to_go = self._to_go[min(len(history), self.episode_length - 1)]
        best = self.q_values[env, to_go].argmax(axis=-1)
        means = self.reward_means[env][np.arange(self.num_states), best]
        return rendering.Scene(
            horizon=self.horizon,
            num_trials=self.num_trials,
            states=np.array(states, np.intp),
            actions=np.array([action for action, _ in history], np.intp),
            rewards=np.array([reward for _, reward in history]),
            regrets=np.array(regrets) if self.reveal else None,
            state=int(self.states[env]),
            num_states=self.num_states,
            means=means if self.reveal else None,
            best_trial=float(self.state_values[env, -1, START]) if self.reveal else None,
        )

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """One line a trial: its steps as `state:action reward`, and their sum."""
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """The states in a ring on the left, the steps on the right, a row a trial."""
        return rendering.draw(self, self._scene(env, history))
