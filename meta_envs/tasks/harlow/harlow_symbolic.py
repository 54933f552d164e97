"""Harlow's learning-set task from codes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice, check_count
from meta_envs.tasks.harlow import rendering
from meta_envs.tasks.harlow.gaze import CHOICE, DEGREE, OBJECT_ANGLE, SCREEN
from meta_envs.tasks.harlow.harlow_task import HarlowTask
from meta_envs.tasks.harlow.objects import NUM_OBJECTS, SALT, SPLITS

NUM_PLACES = 9
PLACE = 7 * DEGREE
"""Places side by side in the view, and how wide each is."""
PLACE_ANGLES = PLACE * (np.arange(NUM_PLACES) - NUM_PLACES // 2)
"""Where their middles are from the gaze."""
OBJECT_ANGLES = np.array([-OBJECT_ANGLE, OBJECT_ANGLE])
ON_SCREEN, CROSS, CODE = 0, 1, 2
"""What is told of a place: whether the screen is there, whether the cross is, an object's code."""


class HarlowSymbolic(HarlowTask):
    """The Harlow task as `MetaHarlow-v0` has it, seen as codes instead of pixels.

    ## Description
    The same trials, the same gaze to turn, the same rewards; what is seen is the row of places
    before the agent's eyes. It trains in minutes and asks for the same learning: to guess once,
    and to remember. After Wang et al. 2016, section 3.2.2; see `MetaHarlow-v0`.

    ## Action Space
    `Discrete(3)`: 0 no-op, 1 left, 2 right, each for `action_repeat` frames. In a frame the
    gaze keeps three tenths of its speed, turning adds 0.77 degrees, and the gaze moves by its
    speed: 3.9 degrees in an action of 4 frames from rest and 4.4 in later ones. It turns freely
    through 360 degrees.

    ## Observation Space
    `Box(-1, 1, (59,), float32)`: the view; one-hot last action; last reward; timestep divided
    by the most steps an episode can take. The last three are zero at the first step. `inputs`
    leaves parts out or adds "done".

    The view has 9 places of 7 degrees each from left to right, the fifth straight ahead. A
    place tells 1 where it is on the screen, else 0; 1 where the cross is in it, else 0; and the
    `code_size` numbers of the object whose middle is in it, else zeros.

    ## Starting State
    The gaze rests on the middle of the screen, where the cross is. Two different objects of
    1,000 are drawn, and which one pays; in every trial chance puts it left or right. With
    `pairs="one-new"` one object stays and the other is new in every trial; then either the one
    that stays pays in all trials, or each of the others. Codes are uniform on [0, 1], drawn
    once and for all from a fixed seed.

    ## Rewards
    0.2 for holding the cross within 3.5 degrees of the gaze for 4 frames on end. 1 for looking
    at the object that pays and -1 for looking at the other, its middle within 7 degrees of the
    gaze. All else pays 0. The best possible mean return is 0.2 a trial and 1 for each trial but
    the first, 11 with 10 trials.

    ## Episode End
    Terminates with the choice of the last trial, or after `max_frames` frames.

    ## Information
    `step` returns `trial`, the index of the trial; the next one begins with the choice.
    `env.unwrapped.task` is `{"objects": [i, j], "rewarded": 0}`, 0 where the first of the
    objects pays and 1 where it does not, and `env.reset(options={"task": task})` plays it
    again. With `pairs="one-new"` there is one more object than there are trials, the one that
    stays first. There is no regret: what an action costs an informed agent is not known
    exactly.

    ## Arguments
    - `num_trials=10`: trials in an episode, at least 1; 6 in Wang et al. 2018.
    - `split="train"`: "train" or "test", 1,000 objects each and none in both.
    - `pairs="same"`: "same", two objects for the whole episode, or "one-new", the harder task.
    - `action_repeat=4`: frames that an action lasts, 1 to 6.
    - `max_frames=3600`: frames of an episode, at most.
    - `code_size=4`: numbers in an object's code, at least 1.
    - `inputs=("action", "reward", "timestep")`: parts of the observation to show.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.2. The
      codes and the places are ours, and so are the choices that `MetaHarlow-v0` names.
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 5.
    - Harlow 1949, "The formation of learning sets", Psychological Review 56:51.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.harlow.harlow_symbolic"

    def __init__(
        self,
        num_envs: int,
        num_trials: int = 10,
        split: str = "train",
        pairs: str = "same",
        action_repeat: int = 4,
        max_frames: int = 3600,
        code_size: int = 4,
    ) -> None:
        self.split = check_choice("split", split, SPLITS)
        self.code_size = check_count("code_size", code_size, minimum=1)
        super().__init__(
            num_envs,
            num_objects=NUM_OBJECTS,
            num_trials=num_trials,
            action_repeat=action_repeat,
            max_frames=max_frames,
            pairs=pairs,
            observation_size=NUM_PLACES * (CODE + self.code_size),
            table_size=2 * NUM_OBJECTS * self.code_size,
        )
        self._seen = np.zeros((self.num_envs, NUM_PLACES, CODE + self.code_size), np.float32)
        self._all = np.arange(self.num_envs)

    def observe(self) -> NDArray[np.float32]:
        seen = self._seen
        seen[...] = 0.0
        seen[:, :, ON_SCREEN] = np.abs(self.gazes[:, None] + PLACE_ANGLES) <= SCREEN // 2
        fixating = np.flatnonzero(self.phases < CHOICE)
        place, inside = places(-self.gazes[fixating])
        seen[fixating[inside], place[inside], CROSS] = 1.0
        choosing, shown = self.choosing(self._all)
        place, inside = places(OBJECT_ANGLES - self.gazes[choosing, None])
        code = codes(self.split, self.code_size)[shown[inside]]
        seen[choosing[inside.nonzero()[0]], place[inside], CODE:] = code
        return seen.reshape(self.num_envs, -1)

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """The agent's view; beside it the screen and the gaze from above; below, the trials.

        A place of the view is a column, what is told of it from top to bottom in grey. The
        object that pays is purple from above. A trial's bar is tall and dark where the choice was
        right, else low and light. The bar below tells how much of the episode's time is gone.
        """
        seen = self.observe()[env].reshape(NUM_PLACES, -1).T
        view = np.repeat(np.rint(255 * seen)[..., None], 3, axis=2)
        return rendering.draw(self, view.astype(np.uint8), self._scene(env, history))


def places(angles: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The places at angles from the gaze, and whether they are in view, each of their shape."""
    place = (angles + PLACE * NUM_PLACES // 2) // PLACE
    return place, (place >= 0) & (place < NUM_PLACES)


@lru_cache(maxsize=16)
def codes(split: str, code_size: int) -> NDArray[np.float32]:
    """The codes of a split's objects, shape (1,000, code_size), read-only."""
    words = np.random.SeedSequence([SALT, SPLITS.index(split), code_size]).generate_state(
        NUM_OBJECTS * code_size
    )
    table = (words / 2**32).astype(np.float32).reshape(NUM_OBJECTS, code_size)
    table.setflags(write=False)
    return table
