"""Algorithm Distillation's dark rooms."""

from __future__ import annotations

from meta_envs.core.checks import check_choice, check_count
from meta_envs.tasks.grids.goal_grid import GoalGrid

PAYS = ("every-step", "once")


class DarkRoom(GoalGrid):
    """A room with an invisible goal; the agent sees only where it is.

    ## Description
    A good agent searches the room trial by trial without entering a cell twice where it need
    not, and goes straight to the goal in every trial after the one in which it has found it.
    "Dark Room" and "Dark Room Hard" of Laskin et al. 2022, who call a trial an episode.

    | id | room | the goal pays |
    | --- | --- | --- |
    | `MetaDarkRoom-v0` | 9 x 9 | on every step that ends there |
    | `MetaDarkRoomHard-v0` | 17 x 17 | once a trial |

    ## Action Space
    `Discrete(5)`: 0 no-op, 1 up, 2 right, 3 down, 4 left. A move against a wall stays.

    ## Observation Space
    `Box(0, 1, (size**2 + 7,), float32)`: the agent's cell, one-hot, (x, y) at index
    y * size + x; then one-hot last action, last reward, timestep divided by the episode's
    length. The last three are zero at the first step. `inputs` leaves parts out or adds "done".

    ## Starting State
    Every trial starts in the middle, cell (size // 2, size // 2). The goal is drawn once for
    all trials, uniformly from all cells; it may be the middle, which pays from the first step
    that ends there.

    ## Rewards
    1 for a step that ends on the goal, with `pays="once"` only for the trial's first; else 0.

    | id | reference policy | no policy exceeds | informed agent |
    | --- | --- | --- | --- |
    | `MetaDarkRoom-v0` | 51.93 | 52.79 | 82.72 |
    | `MetaDarkRoomHard-v0` | 299 / 289 = 1.035 | the same: it is optimal | 5 |

    These mean returns are exact; an informed agent knows the goal. For other arguments
    `meta_envs.optimal` tells whether the reference policy, the best one known, is proved best: then
    `optimal_return` and `optimal_bound` are equal.

    ## Episode End
    Terminates after `num_trials` trials of `trial_length` steps; finding the goal ends nothing.
    Where a step ends a trial, the observation shows the cell that the next one starts in.

    ## Information
    `step` returns `regret`, by how much the action lowers what an informed agent can
    still earn in the trial, and `trial`, the index of the trial. `env.unwrapped.task` is
    `{"goal": [x, y]}`, and `env.reset(options={"task": task})` plays it again.

    ## Arguments
    - `size=9`: cells a side, at least 2; `MetaDarkRoomHard-v0` has 17.
    - `num_trials=5`: trials in an episode, at least 1.
    - `trial_length=20`: steps in a trial, at least 1.
    - `pays="every-step"`: when the goal pays, "every-step" or "once" a trial;
      `MetaDarkRoomHard-v0` has "once".
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Laskin et al. 2022, "In-context Reinforcement Learning with Algorithm Distillation", arXiv
      2210.14215. Their histories run over hundreds of trials; five to an episode are a choice,
      and so are the order of the actions and the one-hot cell.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.grids.goal_grid"

    def __init__(
        self,
        num_envs: int,
        size: int = 9,
        num_trials: int = 5,
        trial_length: int = 20,
        pays: str = "every-step",
    ) -> None:
        size = check_count("size", size, minimum=2)
        super().__init__(
            num_envs,
            size=size,
            num_trials=num_trials,
            trial_length=trial_length,
            start=size // 2 * (size + 1),
            step_reward=0.0,
            once=check_choice("pays", pays, PAYS) == "once",
        )
