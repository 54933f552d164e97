"""Two cues of which one is rewarded, until they change roles: what does the other one tell?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_number, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.cued import inferred_value_rendering as rendering
from meta_envs.tasks.cued.cued_trials import (
    ANY,
    FIXATE,
    INVALID,
    LEFT,
    RIGHT,
    TWO,
    CuedTrials,
)

FIXATION, CUES, GO, OUTCOME = 0, 1, 3, 5
"""States: the fixation point; the first of the two cues, left and right; the first of the two that
ask for the response a cue has told; the outcome."""
TRIAL_LENGTH = 4
LEFT_SHARE = 0.5
"""Of the trials, have the left cue."""


class InferredValue(CuedTrials):
    """One of two cues is rewarded; when they change roles, either one tells of both.

    ## Description
    A cue tells on which side to respond, and on one of the sides the response is rewarded. Now and
    then the sides change roles. After one trial with one of them, a learner who knows that they
    always change together also knows what the *other* one is worth now, without having met it
    since; a learner of values by cue alone does not. There is nothing to choose: what the agent
    has learnt shows in its value, and in the reward prediction error when it sees the cue.
    Simulation 3 of Wang et al. 2018, after Bromberg-Martin et al. 2010.

    ## Action Space
    `Discrete(3)`: left (0), right (1), centre (2). The fixation point and a cue ask for the centre;
    then the side that the cue told is asked for. Other responses are invalid. At the outcome every
    response is valid.

    ## Observation Space
    `Box(-1, 1, (10,), float32)`: one-hot state (fixation, left cue, right cue, left asked for,
    right asked for, outcome), one-hot last action, last reward. At the first step all is zero but
    the state. The paper's network has no clock, and with one it could tell when the sides may
    change: `inputs` adds parts or leaves them out.

    ## Starting State
    The fixation point. Which side is rewarded is a fair coin, and at the start of every later block
    of `block_length` trials it changes with `reversal_probability`. Each trial's cue is left or
    right, equally likely.

    ## Rewards
    The step taken at the outcome brings 1 if the response before it was on the rewarded side, and 0
    if it was on the other one or invalid. An invalid response brings -1, all other steps 0.

    ## Episode End
    Terminates after `num_blocks` blocks of `block_length` trials of four steps: fixation, cue,
    response, outcome.

    ## Information
    `step` returns `regret` and `trial`, the index of the trial. The regret of an invalid response
    is what it costs: 1, and the reward that it forgoes. `env.unwrapped.task` is
    `{"rewarded_sides": [...]}`, for each block 0 where the left side is rewarded and 1 where the
    right one is, and `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `num_blocks=10`: blocks in an episode, at least 1.
    - `block_length=5`: trials in a block, at least 1.
    - `reversal_probability=0.5`: that the rewarded side changes between two blocks, in [0, 1].
    - `inputs=("action", "reward")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 3. The paper calls a block an episode, but its analysis and
      its windows of 200 steps ask for a memory of the block before: ten blocks are one episode
      here. That the cue asks for the centre, that the side is still shown when it is asked for,
      and that the reward comes with the step after the response, are choices; the paper says what
      each of the four steps is, but not which responses are valid in it.
    - Bromberg-Martin et al. 2010, "A pallidus-habenula-dopamine pathway signals inferred stimulus
      values", Journal of Neurophysiology 104:1068.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.cued.inferred_value"
    episode_arrays = (*CuedTrials.episode_arrays, "rewarded", "pending")

    def __init__(
        self,
        num_envs: int,
        num_blocks: int = 10,
        block_length: int = 5,
        reversal_probability: float = 0.5,
    ) -> None:
        self.num_blocks = check_count("num_blocks", num_blocks, minimum=1)
        self.block_length = check_count("block_length", block_length, minimum=1)
        self.reversal_probability = check_number(
            "reversal_probability", reversal_probability, minimum=0.0, maximum=1.0
        )
        # The task: which side is rewarded, then a reversal between blocks. The noise: the cues.
        super().__init__(
            num_envs,
            responses=(FIXATE, FIXATE, FIXATE, (LEFT,), (RIGHT,), ANY),
            num_trials=self.num_blocks * self.block_length,
            trial_length=TRIAL_LENGTH,
            num_draws=self.num_blocks * (1 + self.block_length),
            episode_size=self.num_blocks + 1,
        )
        self.rewarded = np.zeros((self.num_envs, self.num_blocks), np.int64)
        self.pending = np.zeros(self.num_envs, np.int64)
        self._block_at = self.trial_at // self.block_length
        self._first_block = np.arange(self.num_envs) * self.num_blocks
        self._first_cue = self._first_draw + self.num_blocks
        self._make_dynamics()

    def _make_dynamics(self) -> None:
        """Tables over (state, rewarded side, pending, action), and where a state leads by the cue.

        What is due is what valid responses still bring in the trial; 0.5 before the cue.
        """
        num_states, num_actions = self.valid.shape
        state, side, pending, action = np.indices((num_states, 2, 2, num_actions))
        cued, at_go = (state >= CUES) & (state < GO), (state >= GO) & (state < OUTCOME)
        valid, at_outcome = self.valid[state, action], state == OUTCOME
        told = np.where(at_go, state - GO, state - CUES)
        self._rewards = np.where(valid, at_outcome * pending, INVALID).astype(np.float64)
        self._next_pending = (at_go & valid & (told == side)).astype(np.int64)
        due = np.select([cued | at_go, at_outcome], [told == side, pending], 0.5)
        self._values = np.where(valid, due, np.where(at_go, 0.0, due) + INVALID)
        self._regret = self._values.max(axis=-1, keepdims=True) - self._values
        state, cue = np.indices((num_states, 2))
        self._next = np.select(
            [state == FIXATION, state < GO, state < OUTCOME],
            [CUES + cue, state + GO - CUES, OUTCOME],
            FIXATION,
        )

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        super()._load_tasks(envs)
        self.pending[envs] = 0
        draws = self.draws[envs, : self.num_blocks]
        self.rewarded[envs] = self.switched(draws, self.reversal_probability)

    def _parse_task(self, task: Mapping[str, Any]) -> NDArray[np.int64]:
        return check_task(task, "rewarded_sides", (self.num_blocks,), 0, 1, whole=True)

    def _set_task(self, env: int, parsed: NDArray[np.int64]) -> None:
        self.rewarded[env] = parsed

    def task(self, env: int) -> Task:
        return {"rewarded_sides": self.rewarded[env].tolist()}

    def cues(self) -> NDArray[np.int64]:
        """The cue of every trial, 0 for left and 1 for right, shape (num_envs, num_trials)."""
        return (self.draws[:, self.num_blocks :] >= LEFT_SHARE).astype(np.int64)

    def _situation(self) -> NDArray[np.int64]:
        """Position of (state, rewarded side now, pending) in a table of its first three axes."""
        block = self._first_block + self._block_at.take(self.steps)
        return TWO * (TWO * self.states + self.rewarded.take(block)) + self.pending

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        trial = self.trial_at.take(self.steps)
        code = self._actions * self._situation() + actions
        cue = self.draws.take(self._first_cue + trial) >= LEFT_SHARE
        rewards, regret = self._rewards.take(code), self._regret.take(code)
        self.trial_over = self.states == OUTCOME
        self.pending = self._next_pending.take(code)
        self.states = self._next.take(TWO * self.states + cue)
        return rewards, regret, trial, self.advance()

    def action_values(self) -> NDArray[np.float64]:
        situation = self._situation()
        return self._values.reshape(-1, self.num_actions).take(situation, axis=0)

    def _scene(self, env: int, history: Sequence[tuple[int, float]]) -> rendering.Scene:
        rewarded = self.rewarded[env].repeat(self.block_length) if self.reveal else None
        cues = self.cues()[env]
        return rendering.Scene(cues, rewarded, self.block_length, TRIAL_LENGTH, history)

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """What the agent sees and which side is rewarded, then a column a trial.

        The rows are the cue, left (`L`) or right (`R`), and whether the trial was rewarded (`#`) or
        not (`o`); a trial with an invalid response is a `!`. A `|` stands between blocks.
        """
        return rendering.text(self._scene(env, history))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """Above what is on the screen now, below a column a trial, in a lane for either side.

        The cue is dark; the reward is a tall dark bar or a low light one, and nothing where a
        response was invalid, on purple in the lane of the rewarded side. Blocks stand apart.
        """
        return rendering.draw(self, self._scene(env, history))
