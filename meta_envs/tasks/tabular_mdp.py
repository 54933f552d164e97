"""Random Markov decision processes, played for several trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.family import StepResult, Task, TaskFamily, check_count, check_task
from meta_envs.tasks.planning import value_iteration
from meta_envs.tasks.shapes import disc, heat, line

START = 0
"""The state that every trial starts in."""
REWARD_MEAN, REWARD_SD, NOISE_SD = 1.0, 1.0, 1.0
"""Of the mean rewards over tasks, and of the noise around them."""
BLOCK = 256
"""Tasks that are solved at once: few enough to stay in the processor's cache."""

SIDE, MARGIN = 400, 20
"""Pixels of each of the picture's two halves, and of the gap around them."""
WHITE, GREY, BLACK = np.array(((255,) * 3, (150,) * 3, (0,) * 3), np.float32)
LOW, HIGH = REWARD_MEAN - 2 * REWARD_SD, REWARD_MEAN + 2 * REWARD_SD
"""Mean rewards that are drawn fully red and fully green."""
WORST_REGRET = 3.0
"""Regret of a step that is drawn fully red."""


class Moves(NamedTuple):
    """What happened in an episode, one entry a step."""

    states: NDArray[np.intp]
    actions: NDArray[np.intp]
    rewards: NDArray[np.float64]
    regrets: NDArray[np.float64]


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
    values of somebody who knows the process, and `trial`, the index of the trial.
    `env.unwrapped.task` is `{"transitions": p, "reward_means": r}`, with p[s][a][s'] the
    probability of s' after action a in state s, and `env.reset(options={"task": task})` plays
    it again.

    ## Arguments
    - `num_states=10`: at least 1.
    - `num_actions=5`: at least 2.
    - `horizon=10`: steps in a trial, at least 1.
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

    def __init__(
        self,
        num_envs: int,
        num_states: int = 10,
        num_actions: int = 5,
        horizon: int = 10,
        num_trials: int = 10,
    ) -> None:
        self.num_states = check_count("num_states", num_states, minimum=1)
        self.horizon = check_count("horizon", horizon, minimum=1)
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        pairs = num_states * check_count("num_actions", num_actions, minimum=2)
        length = horizon * num_trials
        super().__init__(
            num_envs,
            num_actions=num_actions,
            episode_length=length,
            num_draws=pairs * (num_states + 1) + 2 * length,
            observation_size=num_states,
            reward_range=(-np.inf, np.inf),
        )
        self.states = np.zeros(num_envs, np.int64)
        self.transitions = np.zeros((num_envs, num_states, num_actions, num_states))
        self.reward_means = np.zeros((num_envs, num_states, num_actions))
        self._cumulative = np.zeros((num_envs * pairs, num_states))
        # With 1, 2, ..., horizon steps to go.
        self._values = np.zeros((num_envs, horizon, num_states))
        self._action_values = np.zeros((num_envs, horizon, num_states, num_actions))
        # An episode's draws: exponentials for the transitions, normals for mean rewards and
        # noise, uniforms for where a step leads.
        self._normals = slice(pairs * num_states, pairs * (num_states + 1) + length)
        self._envs = np.arange(num_envs)
        self._draws_start = self._envs * self.draws.shape[1]
        self._trial_of_step = np.arange(length) // horizon
        self._to_go = horizon - 1 - np.arange(length) % horizon
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
        self._cumulative.reshape(self.transitions.shape)[envs] = cumulative
        action_values, values = value_iteration(transitions, reward_means[:, None], self.horizon)
        self._action_values[envs] = action_values
        self._values[envs] = values

    def _parse_task(
        self, task: Mapping[str, Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shape = self.transitions.shape[1:]
        transitions = check_task(task, "transitions", shape, 0.0, 1.0)
        if np.abs(transitions.sum(axis=-1) - 1).max() > 1e-9:
            raise ValueError("task['transitions'] must add up to 1 for each state and action")
        return transitions, check_task(task, "reward_means", shape[:-1], -np.inf, np.inf)

    def _set_task(self, env: int, parsed: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
        transitions, reward_means = parsed
        self._set_tasks(np.array([env]), transitions[None], reward_means[None])

    def task(self, env: int) -> Task:
        return {
            "transitions": self.transitions[env].tolist(),
            "reward_means": self.reward_means[env].tolist(),
        }

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        pair = (self._envs * self.num_states + self.states) * self.num_actions + actions
        to_go = self._to_go.take(self.steps)
        valued = (self._envs * self.horizon + to_go) * self.num_states + self.states
        chosen = self._action_values.take(valued * self.num_actions + actions)
        regret = self._values.take(valued) - chosen
        draw = self._draws_start + self.steps
        noise = self.draws.take(draw + (self._normals.stop - self.episode_length))
        rewards = self.reward_means.take(pair) + NOISE_SD * noise
        luck = self.draws.take(draw + self._normals.stop)
        landed = (self._cumulative.take(pair, axis=0) > luck[:, None]).argmax(axis=1)
        trial = self._trial_of_step.take(self.steps)
        self.steps += 1
        self.trial_over = to_go == 0
        self.states = np.where(self.trial_over, START, landed)
        return rewards, regret, trial, self.steps >= self.episode_length

    def observe(self) -> NDArray[np.float32]:
        return self._one_hot.take(self.states, axis=0)

    def trial_values(self) -> NDArray[np.float64]:
        """What a trial is worth to someone who knows the task, shape (num_envs,)."""
        return self._values[:, -1, START].copy()

    def action_values(self) -> NDArray[np.float64]:
        to_go = self._to_go[np.minimum(self.steps, self.episode_length - 1)]
        return self._action_values[self._envs, to_go, self.states]

    def moves(self, env: int, history: Sequence[tuple[int, float]]) -> Moves:
        """The steps of an episode so far, from its task and its luck."""
        states, regrets, state = [], [], START
        for t, (action, _) in enumerate(history):
            states.append(state)
            to_go = self._to_go[t]
            values = self._action_values[env, to_go, state]
            regrets.append(values.max() - values[action])
            pair = (env * self.num_states + state) * self.num_actions + action
            luck = self.draws[env, self._normals.stop + t]
            state = int((self._cumulative[pair] > luck).argmax()) if to_go else START
        return Moves(
            np.array(states, np.intp),
            np.array([action for action, _ in history], np.intp),
            np.array([reward for _, reward in history]),
            np.array(regrets),
        )

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """One line a trial: its steps as `state:action reward`, and what they have added up to."""
        moves = self.moves(env, history)
        best = self._values[env, -1, START]
        lines = [
            f"step {len(history)} of {self.episode_length}, now in state {self.states[env]}; "
            f"state:action reward; best trial on average {best:.2f}"
        ]
        for first in range(0, len(history), self.horizon):
            trial = slice(first, first + self.horizon)
            steps = zip(*(part[trial].tolist() for part in moves[:3]), strict=True)
            text = "  ".join(f"{state}:{action} {reward:+.2f}" for state, action, reward in steps)
            total = moves.rewards[trial].sum()
            lines.append(f"trial {first // self.horizon:<3d} {text}  = {total:.2f}")
        return "\n".join(lines) + "\n"

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """The states on the left, the steps on the right.

        Left: the states in a ring, state 0 on top, each coloured by the mean reward of its best
        action, from red (-1) to green (3), the stronger the more often it has been visited; the
        present one has a black edge. The lines are the path of the present trial, darker where
        it is recent, with a dot where they end. Right: a row a trial and a column a step, from
        green (no regret) to red.
        """
        moves = self.moves(env, history)
        image = np.full((SIDE + 2 * MARGIN, 2 * SIDE + 3 * MARGIN, 3), WHITE)
        self._paint_ring(image[MARGIN:-MARGIN, MARGIN : MARGIN + SIDE], env, moves)
        self._paint_steps(image[MARGIN:-MARGIN, -SIDE - MARGIN : -MARGIN], moves)
        return np.rint(image).astype(np.uint8)

    def _paint_ring(self, image: NDArray[np.float32], env: int, moves: Moves) -> None:
        played = len(moves.states)
        first = max(played - 1, 0) // self.horizon * self.horizon
        path = moves.states[first:]
        if played < first + self.horizon:  # Else the trial is over and leads nowhere.
            path = np.append(path, self.states[env])
        radius = min(SIDE / 2 * np.pi / (self.num_states + np.pi) * 0.8, SIDE / 10)
        angles = 2 * np.pi * np.arange(self.num_states) / self.num_states
        ring = np.stack([-np.cos(angles), np.sin(angles)], axis=1)
        places = SIDE / 2 + (SIDE / 2 - radius - 3) * ring
        visits = np.bincount(moves.states, minlength=self.num_states)
        best = self._action_values[env, self._to_go[min(played, self.episode_length - 1)]]
        means = self.reward_means[env][np.arange(self.num_states), best.argmax(axis=-1)]
        for state, place in enumerate(places):
            disc(image, place, radius + 3, BLACK if state == path[-1] else GREY)
            strength = 0.15 + 0.85 * visits[state] / max(visits.max(), 1)
            colour = heat((means[state] - LOW) / (HIGH - LOW))
            disc(image, place, radius, WHITE + (colour - WHITE) * strength)
        for age, (one, other) in enumerate(pairwise(path), start=2):
            colour = GREY + (BLACK - GREY) * age / len(path)
            line(image, places[one], places[other], 2.5, colour)
            disc(image, places[other], 5, colour)

    def _paint_steps(self, image: NDArray[np.float32], moves: Moves) -> None:
        rows = np.linspace(0, SIDE, self.num_trials + 1).astype(int)
        columns = np.linspace(0, SIDE, self.horizon + 1).astype(int)
        image[...] = WHITE + (GREY - WHITE) * 0.2
        for t, regret in enumerate(moves.regrets):
            trial, step = divmod(t, self.horizon)
            cell = (slice(*rows[trial : trial + 2]), slice(*columns[step : step + 2]))
            image[cell] = heat(1 - regret / WORST_REGRET)
        for gap in rows[1:-1] if SIDE // self.num_trials > 3 else ():
            image[gap] = WHITE
        for gap in columns[1:-1] if SIDE // self.horizon > 3 else ():
            image[:, gap] = WHITE
