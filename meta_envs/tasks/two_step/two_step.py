"""The two-step task: a choice, a random transition, and a second-stage state that pays or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_count, check_flag, check_number, check_task
from meta_envs.core.family import StepResult, Task
from meta_envs.tasks.cued.cued_trials import CENTRE, CHOOSE, FIXATE, INVALID, TWO, CuedTrials
from meta_envs.tasks.two_step import rendering
from meta_envs.tasks.two_step.rendering import Trial


class TwoStep(CuedTrials):
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
    `Discrete(2)`, or with `fixation` `Discrete(3)`: left (0), right (1), centre (2). In S1, left
    leads to S2 with `common_probability` and else to S3, right to S3 with `common_probability`
    and else to S2. In S2 and S3, left and right do the same. With `fixation` the fixation point
    asks for the centre and all other states for left or right, and every other response is
    invalid: a choice in S1 that is none leads to S2 or S3 with probability 0.5, and S2 and S3
    then bring no reward.

    ## Observation Space
    `Box(0, 1, (7,), float32)`: one-hot state (S1, S2, S3), one-hot last action, last reward,
    timestep divided by the episode's length. With `fixation` the state is one-hot over
    fixation, S1, S2, S3, the last action over three, the last reward at least -1, and the shape
    (9,). At the first step all is zero but the state. `inputs` leaves parts out.

    ## Starting State
    The first state of a trial: S1, or with `fixation` the fixation point, from where one step
    leads to S1. The good state is drawn from S2 and S3, equally likely. Before every later
    trial it changes with `reversal_probability`.

    ## Rewards
    The step taken in the second-stage state brings 1 with `reward_probability` if that state is
    the good one, and with 1 - `reward_probability` if not. All other steps bring 0, but invalid
    responses -1. The transition of a trial is common, and a state pays, by noise that does not
    depend on the choice.

    ## Episode End
    Terminates after `num_trials` trials of two steps, or three with `fixation`.

    ## Information
    `step` returns `regret` and `trial`, the index of the trial. The regret is counted at the
    choice: the chance of a reward after the better action, as long as the good state is what it
    is now, minus that after the action taken; and at an invalid response, what it has cost. At
    all other steps it is 0.
    `env.unwrapped.task` is `{"good_states": [...]}`, for each trial 0 where S2 is good and 1
    where S3 is, and `env.reset(options={"task": task})` plays it again, also with changes that
    the distribution would not draw.

    ## Arguments
    - `num_trials=10`: trials in an episode, at least 1.
    - `common_probability=0.75`: of the more likely of the two transitions, in [0.5, 1].
    - `reward_probability=0.9`: that the good state pays, in [0.5, 1]; the other one pays with 1
      minus this.
    - `reversal_probability=0.0`: that the good state changes between two trials, in [0, 1].
    - `fixation=False`: whether a trial starts with a fixation step, and responses can be invalid.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.1. That
      the action in S2 and S3 does not matter is a choice.
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 4, after Miller et al. 2017; invalid responses after its
      Methods, "General task structure". That left and right are both valid in S2 and S3, and what
      follows an invalid response, are choices: the paper does not say.
    - Daw et al. 2011, "Model-based influences on humans' choices and striatal prediction
      errors", Neuron 69:1204.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.two_step.two_step"
    episode_arrays = (*CuedTrials.episode_arrays, "good_states")

    def __init__(
        self,
        num_envs: int,
        num_trials: int = 10,
        common_probability: float = 0.75,
        reward_probability: float = 0.9,
        reversal_probability: float = 0.0,
        fixation: bool = False,
    ) -> None:
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
        responses = [CHOOSE] * 3
        num_trials = check_count("num_trials", num_trials, minimum=1)
        # The task: which state is good, then a reversal between trials. The noise: for each
        # trial whether the transition is common, then whether the state pays.
        super().__init__(
            num_envs,
            responses=[FIXATE, *responses] if self.fixation else responses,
            num_trials=num_trials,
            trial_length=3 if self.fixation else 2,
            num_draws=3 * num_trials,
            episode_size=num_trials,
        )
        self.choice_state = 1 if self.fixation else 0
        self.good_states = np.zeros((self.num_envs, self.num_trials), np.int64)
        last = self.place_at == self.trial_length - 1
        self._noise_at = self.num_trials + 2 * self.trial_at + last
        self._first_trial = np.arange(self.num_envs) * self.num_trials
        self._make_dynamics()

    def _make_dynamics(self) -> None:
        """Tables over (state, good state, action, below), all but the first two axes as needed.

        `below` is 1 where the step's random number is below the chance: in S1 the transition is
        common then, in S2 and S3 there is a reward.
        """
        num_states, num_actions = self.valid.shape
        second = self.choice_state + 1
        state, good, action, below = np.indices((num_states, 2, num_actions, 2))
        common, p = self.common_probability, self.reward_probability
        fixation, choice, valid = state < self.choice_state, state == second - 1, self.valid
        # No choice is a choice of left whose transition is common half of the time.
        side = np.where(action == CENTRE, 0, action)
        reached = second + np.where(below, side, 1 - side)
        self._next = np.select([fixation, choice], [self.choice_state, reached], 0)
        pays = (state >= second) & (below == 1)
        self._rewards = np.where(valid[state, action], pays, INVALID).astype(np.float64)
        self._ends = np.arange(num_states) >= second
        state, good, action = (axis[..., 0] for axis in (state, good, action))
        fixation, choice = fixation[..., 0], choice[..., 0]
        share = np.where(action == CENTRE, 0.5, common)
        right = common * p + (1 - common) * (1 - p)
        after = np.where(action == good, share, 1 - share)
        after_choice = after * p + (1 - after) * (1 - p)
        pays = np.where(state == second + good, p, 1 - p)
        cost = np.where(valid[state, action], 0.0, INVALID)
        over = ~valid[state, action] & (state >= second)
        self._values = np.select(
            [fixation, choice], [right + cost, after_choice + cost], np.where(over, INVALID, pays)
        )
        self._regret = self._values.max(axis=-1, keepdims=True) - self._values
        self._chance = np.select([fixation, choice], [0.0, share], pays)

    def choice_values(self) -> tuple[float, float]:
        """Chance of a reward after the better and after the worse choice."""
        better, worse = self._values[self.choice_state, 0, :2].tolist()
        return better, worse

    def _load_tasks(self, envs: NDArray[np.intp]) -> None:
        super()._load_tasks(envs)
        draws = self.draws[envs, : self.num_trials]
        self.good_states[envs] = self.switched(draws, self.reversal_probability)

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
        trial = self.trial_at.take(self.steps)
        code = self._actions * self._situation(trial) + actions
        noise = self.draws.take(self._first_draw + self._noise_at.take(self.steps))
        below = noise < self._chance.take(code)
        regret = self._regret.take(code)
        code = TWO * code + below
        rewards = self._rewards.take(code)
        self.trial_over = self._ends.take(self.states)
        self.states = self._next.take(code)
        return rewards, regret, trial, self.advance()

    def action_values(self) -> NDArray[np.float64]:
        situation = self._situation(self.trial_at.take(self.steps))
        return self._values.reshape(-1, self.num_actions).take(situation, axis=0)

    def _trials(self, env: int, history: Sequence[tuple[int, float]]) -> list[Trial]:
        """The trials of an episode so far, the one under way with what is known of it."""
        length, trials = self.trial_length, []
        for number in range(min(len(history) // length + 1, self.num_trials)):
            steps = history[number * length : (number + 1) * length]
            choice = steps[length - 2][0] if len(steps) >= length - 1 else None
            second = None if choice is None else self._second(env, number, choice)
            reward = steps[-1][1] if len(steps) == length else None
            good = int(self.good_states[env, number]) if self.reveal else None
            trials.append(Trial(len(steps), good, choice, second, reward))
        return trials

    def _second(self, env: int, trial: int, choice: int) -> int:
        """Where a choice leads: 0 for S2, 1 for S3."""
        code = TWO * self.choice_state * self._actions + choice
        below = self.draws[env, self.num_trials + 2 * trial] < self._chance.take(code)
        return int(self._next.take(TWO * code + below)) - self.choice_state - 1

    def render_ansi(self, env: int, history: Sequence[tuple[int, float]]) -> str:
        """Where the agent is and which state is good, then a column a trial.

        The rows are the choice, whether the transition was common (`-`) or rare (`~`), and
        whether there was a reward (`#`) or not (`o`); an invalid response is a `!`.
        """
        return rendering.text(self._trials(env, history), self.num_trials, self.fixation)

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """Above the states and the path of the trial, below a column a trial.

        A square each for the fixation point (+), S1, and on the right S2 above S3; the good one
        has a purple frame, the present one is dark, and a rare transition is broken.

        Below, each in one of two lanes, the upper for action 0 and S2: the choice; the
        transition, low and grey if common and tall if rare, in the lane of the state reached; the
        reward, again there, a tall dark bar or a low light one, with purple in the lane of the
        good state. For an invalid response there is nothing.
        """
        trials = self._trials(env, history)
        return rendering.draw(self, trials, self.num_trials, self.fixation, history)
