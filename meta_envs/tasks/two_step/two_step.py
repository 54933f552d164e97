"""The two-step task: a choice, a random transition, and a second-stage state that pays or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_flag, check_number, check_task
from meta_envs.core.family import StepResult, Task, TaskFamily
from meta_envs.tasks.two_step import rendering
from meta_envs.tasks.two_step.rendering import Trial

FIXATION, CHOICE, SECOND = 0, 1, 2
"""States: the fixation point, S1, and the first of the two second-stage states S2 and S3."""
NUM_STATES = 4
NUM_ACTIONS = 2
TWO = np.array(2)
"""Good states, actions, and values of below; NumPy multiplies by an array in half the time."""


class TwoStep(TaskFamily):
    """A choice leads, by chance, to one of two second-stage states, of which one pays well.

    ## Description
    Which of the states S2 and S3 is the good one differs between episodes; where the two
    actions lead is always the same. An agent that knows the latter learns from a reward after
    a rare transition that the *other* action is the better one. An agent that only repeats what
    paid does not. The task is made to tell the two apart, by how often they stay with their
    last choice after each kind of trial. "Two-step task" in Wang et al. 2016, section 3.2.1,
    after Daw et al. 2011.

    | id | trials | common | reversals | fixation |
    | --- | --- | --- | --- | --- |
    | `MetaTwoStep-v0` | 10 | 0.75 | none | no |
    | `MetaTwoStepReversal-v0` | 100 | 0.8 | 0.025 a trial | yes |

    ## Action Space
    `Discrete(2)`. In S1, action 0 leads to S2 with `common_probability` and else to S3, action
    1 to S3 with `common_probability` and else to S2. Elsewhere the action is ignored.

    ## Observation Space
    `Box(0, 1, (7,), float32)`: one-hot state (S1, S2, S3), one-hot last action, last reward,
    timestep divided by the episode's length. With `fixation` the state is one-hot over
    fixation, S1, S2, S3 and the space `Box(0, 1, (8,), float32)`. At the first step all is zero
    but the state. `inputs` leaves parts out.

    ## Starting State
    The first state of a trial: S1, or with `fixation` the fixation point, from where one step
    leads to S1. The good state is drawn from S2 and S3, equally likely. Before every later
    trial it changes with `reversal_probability`.

    ## Rewards
    The step taken in the second-stage state brings 1 with `reward_probability` if that state is
    the good one, and with 1 - `reward_probability` if not. All other steps bring 0. The
    transition of a trial is common, and a state pays, by noise that does not depend on the
    choice.

    ## Episode End
    Terminates after `num_trials` trials of two steps, or three with `fixation`.

    ## Information
    `step` returns `regret` and `trial`, the index of the trial. The regret is counted at the
    choice: the chance of a reward after the better action, as long as the good state is what it
    is now, minus that after the action taken. It is 0 at steps whose action is ignored.
    `env.unwrapped.task` is `{"good_states": [...]}`, for each trial 0 where S2 is good and 1
    where S3 is, and `env.reset(options={"task": task})` plays it again, also with changes that
    the distribution would not draw.

    ## Arguments
    - `num_trials=10`: trials in an episode, at least 1.
    - `common_probability=0.75`: of the more likely of the two transitions, in [0.5, 1].
    - `reward_probability=0.9`: that the good state pays, in [0.5, 1]; the other one pays with 1
      minus this.
    - `reversal_probability=0.0`: that the good state changes between two trials, in [0, 1].
    - `fixation=False`: whether a trial starts with a fixation step.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.1. That
      the action in S2 and S3 is ignored is a choice.
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 4, after Miller et al. 2017. That the fixation point is one
      step, with two actions that are both ignored, is a choice: the paper does not say which
      actions are valid when.
    - Daw et al. 2011, "Model-based influences on humans' choices and striatal prediction
      errors", Neuron 69:1204.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.two_step.two_step"
    episode_arrays = (*TaskFamily.episode_arrays, "states", "good_states")

    def __init__(
        self,
        num_envs: int,
        num_trials: int = 10,
        common_probability: float = 0.75,
        reward_probability: float = 0.9,
        reversal_probability: float = 0.0,
        fixation: bool = False,
    ) -> None:
        self.num_trials = check_count("num_trials", num_trials, minimum=1)
        self.common_probability, self.reward_probability = (
            check_number(name, value, minimum=0.5, maximum=1.0)
            for name, value in (
                ("common_probability", common_probability),
                ("reward_probability", reward_probability),
            )
        )
        self.reversal_probability = check_number(
            "reversal_probability", reversal_probability, minimum=0.0, maximum=1.0
        )
        self.fixation = check_flag("fixation", fixation)
        self.trial_length = 3 if self.fixation else 2
        # The task: which state is good, then a reversal between trials. The noise: for each
        # trial whether the transition is common, then whether the state pays.
        super().__init__(
            num_envs,
            num_actions=NUM_ACTIONS,
            episode_length=self.num_trials * self.trial_length,
            num_draws=3 * self.num_trials,
            observation_size=NUM_STATES if self.fixation else NUM_STATES - 1,
            episode_size=self.num_trials,
            table_size=3 * self.num_trials * self.trial_length,
        )
        self.start_state = FIXATION if self.fixation else CHOICE
        self.states = np.full(self.num_envs, self.start_state)
        self.good_states = np.zeros((self.num_envs, self.num_trials), np.int64)
        self._flip_chances = np.full(self.num_trials, self.reversal_probability)
        self._flip_chances[0] = 0.5
        self._one_hot = np.eye(NUM_STATES, dtype=np.float32)[:, self.start_state :]
        self._make_clock()
        self._make_dynamics()

    def _make_clock(self) -> None:
        """Tables by timestep: the trial, and the column of the noise that the step meets."""
        steps = np.arange(self.episode_length + 1)
        self._trial = np.minimum(steps // self.trial_length, self.num_trials - 1)
        last = steps % self.trial_length == self.trial_length - 1
        self._noise = self.num_trials + 2 * self._trial + last
        # Flat positions of each episode's first entry: one `take` then gathers a whole batch.
        self._first_trial = np.arange(self.num_envs) * self.num_trials
        self._first_draw = np.arange(self.num_envs) * self.draws.shape[1]

    def _make_dynamics(self) -> None:
        """Tables over (state, good state, action, below), all but the first two axes as needed.

        `below` is 1 where the step's random number is below the chance: in S1 the transition is
        common then, in S2 and S3 there is a reward.
        """
        state, good, action, below = np.indices((NUM_STATES, 2, NUM_ACTIONS, 2))
        common, p = self.common_probability, self.reward_probability
        reached = SECOND + np.where(below, action, 1 - action)
        self._next = np.select(
            [state == FIXATION, state == CHOICE], [CHOICE, reached], self.start_state
        )
        self._rewards = ((state >= SECOND) & (below == 1)).astype(np.float64)
        self._ends = np.arange(NUM_STATES) >= SECOND
        state, good, action = (axis[..., 0] for axis in (state, good, action))
        pays = np.where(state == SECOND + good, p, 1 - p)
        right = common * p + (1 - common) * (1 - p)
        wrong = common * (1 - p) + (1 - common) * p
        self._values = np.select(
            [state == FIXATION, state == CHOICE],
            [right, np.where(action == good, right, wrong)],
            pays,
        )
        self._regret = self._values.max(axis=-1, keepdims=True) - self._values
        chance = np.select([state == FIXATION, state == CHOICE], [0.0, common], pays)
        self._chance = chance[..., 0]

    def choice_values(self) -> tuple[float, float]:
        """Chance of a reward after the better and after the worse choice."""
        right, wrong = self._values[CHOICE, 0].tolist()
        return right, wrong

    @property
    def choice_column(self) -> int:
        """Where S1 stands in the observation; S2 and S3 stand behind it."""
        return CHOICE - self.start_state

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        flips = self.draws[envs, : self.num_trials] < self._flip_chances
        self.good_states[envs] = np.cumsum(flips, axis=1) % 2
        self.states[envs] = self.start_state

    def _parse_task(self, task: Mapping[str, Any]) -> NDArray[np.int64]:
        return check_task(task, "good_states", (self.num_trials,), 0, 1, whole=True)

    def _set_task(self, env: int, parsed: NDArray[np.int64]) -> None:
        self.good_states[env] = parsed

    def task(self, env: int) -> Task:
        return {"good_states": self.good_states[env].tolist()}

    def _situation(self, trial: NDArray[np.int64]) -> NDArray[np.int64]:
        """Position of (state, good state now) in a table of its first two axes."""
        return TWO * self.states + self.good_states.take(self._first_trial + trial)

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        trial = self._trial.take(self.steps)
        code = self._situation(trial)
        noise = self.draws.take(self._first_draw + self._noise.take(self.steps))
        below = noise < self._chance.take(code)
        code = TWO * code + actions
        regret = self._regret.take(code)
        code = TWO * code + below
        rewards = self._rewards.take(code)
        self.trial_over = self._ends.take(self.states)
        self.states = self._next.take(code)
        return rewards, regret, trial, self.advance()

    def observe(self) -> NDArray[np.float32]:
        return self._one_hot.take(self.states, axis=0)

    def action_values(self) -> NDArray[np.float64]:
        situation = self._situation(self._trial.take(self.steps))
        return self._values.reshape(-1, NUM_ACTIONS).take(situation, axis=0)

    def _trials(self, env: int, history: Sequence[tuple[int, float]]) -> list[Trial]:
        """The trials of an episode so far, the one under way with what is known of it."""
        choice, length, trials = self.trial_length - 2, self.trial_length, []
        common = self.draws[env, self.num_trials :: 2] < self.common_probability
        for number in range(min(len(history) // length + 1, self.num_trials)):
            steps = history[number * length : (number + 1) * length]
            action = steps[choice][0] if len(steps) > choice else None
            reward = steps[-1][1] if len(steps) == length else None
            good = int(self.good_states[env, number]) if self.reveal else None
            trials.append(Trial(len(steps), good, action, bool(common[number]), reward))
        return trials

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """Where the agent is and which state is good, then a column a trial.

        The rows are the choice, whether the transition was common (`-`) or rare (`~`), and
        whether there was a reward (`#`) or not (`o`).
        """
        return rendering.text(self._trials(env, history), self.num_trials, self.fixation)

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """Above the states and the path of the trial, below a column a trial.

        A square each for the fixation point (+), S1, and on the right S2 above S3; the good one
        has a purple frame, the present one is dark, and a rare transition is broken.

        Below, each in one of two lanes, the upper for action 0 and S2: the choice; the
        transition, low and grey if common and tall if rare, in the lane of the state reached; the
        reward, again there, a tall dark bar or a low light one, with purple in the lane of the
        good state.
        """
        trials = self._trials(env, history)
        return rendering.draw(self, trials, self.num_trials, self.fixation, history)
