"""VariBAD's gridworld."""

from __future__ import annotations

from meta_envs.core.checks import check_count
from meta_envs.tasks.grids.goal_grid import GoalGrid

STEP_REWARD = -0.1
NEAR = 2
"""The goal is never in the square of this side around the start's corner."""


class Gridworld(GoalGrid):
    """A small room with an invisible goal that pays on every step; four trials to use it in.

    ## Description
    A good agent searches the room on a path that never enters a cell twice, stays on the goal
    once it has found it, and goes straight there in the later trials. The gridworld of
    Zintgraf et al. 2020 (VariBAD), who call a trial an episode and all trials of a task a
    rollout.

    ## Action Space
    `Discrete(5)`: 0 no-op, 1 up, 2 right, 3 down, 4 left. A move against a wall stays.

    ## Observation Space
    `Box(low, high, (size**2 + 7,), float32)`: the agent's cell, one-hot, (x, y) at index
    y * size + x; then one-hot last action, last reward, timestep divided by the episode's
    length. The last three are zero at the first step. The reward is in [-0.1, 1], all else in
    [0, 1]. `inputs` leaves parts out or adds "done".

    ## Starting State
    Every trial starts in cell (0, 0). The goal is drawn once for all trials, uniformly from the
    cells other than (0, 0), (0, 1), (1, 0) and (1, 1).

    ## Rewards
    1 for every step that ends on the goal, else -0.1.

    With the default arguments the best possible mean return is 37.21, and that of an
    informed agent, which knows the goal, 44.29; both are exact.

    ## Episode End
    Terminates after `num_trials` trials of `trial_length` steps. Where a step ends a trial, the
    observation shows the cell that the next one starts in.

    ## Information
    `step` returns `regret`, by how much the action lowers what an informed agent can
    still earn in the trial, and `trial`, the index of the trial. `env.unwrapped.task` is
    `{"goal": [x, y]}`, and `env.reset(options={"task": task})` plays it again, also with a
    cell that would not be drawn.

    ## Arguments
    - `size=5`: cells a side, at least 3.
    - `num_trials=4`: trials in an episode, at least 1.
    - `trial_length=15`: steps in a trial, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Zintgraf et al. 2020, "VariBAD: A Very Good Method for Bayes-Adaptive Deep RL via
      Meta-Learning", arXiv 1910.08348, and its code, which shows the agent (x, y) as two
      numbers. One-hot is a choice.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.grids.goal_grid"

    def __init__(
        self, num_envs: int, size: int = 5, num_trials: int = 4, trial_length: int = 15
    ) -> None:
        size = check_count("size", size, minimum=NEAR + 1)
        super().__init__(
            num_envs,
            size=size,
            num_trials=num_trials,
            trial_length=trial_length,
            start=0,
            near=NEAR,
            step_reward=STEP_REWARD,
            once=False,
        )
