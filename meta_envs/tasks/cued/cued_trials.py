"""What tasks of Wang et al. 2018 share: trials led by cues, and a price on invalid responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count
from meta_envs.core.family import TaskFamily

LEFT, RIGHT, CENTRE = 0, 1, 2
"""The actions a_L, a_R and a_C of the paper."""
ACTION_NAMES = ("left", "right", "centre")
CHOOSE, FIXATE, ANY = (LEFT, RIGHT), (CENTRE,), (LEFT, RIGHT, CENTRE)
"""Valid responses: to a stimulus, to the fixation point, and where none is asked for."""
INVALID = -1.0
"""Reward of an invalid response."""
TWO = np.array(2)
"""Ways that something with two of them can be, in positions in tables; NumPy multiplies by an array
in half the time."""


class CuedTrials(TaskFamily):
    """Trials of a fixed number of steps, in each of which the agent sees a state and responds.

    Wang et al. 2018, Methods, "General task structure": the fixation point asks for a_C, stimuli
    ask for a_L or a_R, and an invalid response brings -1. The paper does not say what else it does.
    Here time goes on, so that an episode always has as many steps as the paper counts, and the
    response counts as none.

    The task's own observation is the one-hot state. State 0 is the first of a trial. Where no state
    asks for a_C there are only the two other actions, and all are valid.

    A subclass extends `_load_tasks` and implements what `TaskFamily` asks for. In `step` it sets
    `states` to those reached.

    Args:
        num_envs: Episodes held side by side.
        responses: The valid actions in each state.
        num_trials: Trials in an episode, at most.
        trial_length: Steps in a trial.
        num_draws: Random numbers an episode needs.
        reward_range: Least and largest reward of valid responses.
        episode_size: See `TaskFamily`.
        table_size: See `TaskFamily`.

    Attributes:
        states: The present state of each episode, shape (num_envs,).
        valid: Which actions are valid, shape (num_states, num_actions).
        trial_at: The trial by timestep, shape (episode_length + 1,).
        place_at: The step within its trial by timestep, same shape.
    """

    episode_arrays = (*TaskFamily.episode_arrays, "states")

    def __init__(
        self,
        num_envs: int,
        *,
        responses: Sequence[tuple[int, ...]],
        num_trials: int,
        trial_length: int,
        num_draws: int,
        reward_range: tuple[float, float] = (0.0, 1.0),
        episode_size: int = 0,
        table_size: int = 0,
    ) -> None:
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        self.trial_length = trial_length
        num_actions = 1 + max(max(actions) for actions in responses)
        self.valid = np.zeros((len(responses), num_actions), np.bool_)
        for state, actions in enumerate(responses):
            self.valid[state, list(actions)] = True
        least, most = reward_range
        super().__init__(
            num_envs,
            num_actions=num_actions,
            episode_length=self.num_trials * trial_length,
            num_draws=num_draws,
            observation_size=len(responses),
            reward_range=(least if self.valid.all() else min(least, INVALID), most),
            episode_size=episode_size + 1,
            table_size=table_size + 2 * self.num_trials * trial_length,
        )
        self.action_names = ACTION_NAMES[:num_actions]
        self.states = np.zeros(self.num_envs, np.int64)
        steps = np.arange(self.episode_length + 1)
        self.trial_at = np.minimum(steps // trial_length, self.num_trials - 1)
        self.place_at = steps % trial_length
        self._actions = np.array(num_actions)
        self._one_hot = np.eye(len(responses), dtype=np.float32)
        # Flat position of each episode's first draw: one `take` then gathers a whole batch.
        self._first_draw = np.arange(self.num_envs) * num_draws

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        self.states[envs] = 0

    def observe(self) -> NDArray[np.float32]:
        return self._one_hot.take(self.states, axis=0)

    def respond(self, states: NDArray[np.intp], choices: NDArray[np.intp]) -> NDArray[np.intp]:
        """Valid responses in some states: choices that are valid, and else what is asked for.

        Args:
            states: Shape (batch,).
            choices: Actions, same shape.
        """
        return np.where(self.valid[states, choices], choices, self.valid.argmax(axis=1)[states])

    @staticmethod
    def switched(draws: NDArray[np.float64], probability: float) -> NDArray[np.int64]:
        """Which of two is the case at each time: either at first, and then it may change.

        Args:
            draws: Uniform numbers, shape (batch, times).
            probability: That it changes between two times.

        Returns:
            0 or 1, same shape.
        """
        chances = np.full(draws.shape[1], probability)
        chances[0] = 0.5
        return np.cumsum(draws < chances, axis=1) % 2

    def are_valid(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each of some actions, shape (num_envs,), is valid in the present state."""
        return self.valid.ravel().take(self.states * self.num_actions + actions)
