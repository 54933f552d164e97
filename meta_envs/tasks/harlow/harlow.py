"""Harlow's learning-set task from pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meta_envs.core.checks import check_choice
from meta_envs.tasks.harlow import rendering
from meta_envs.tasks.harlow.gaze import CHOICE, OBJECT_ANGLE, SCREEN
from meta_envs.tasks.harlow.harlow_task import HarlowTask
from meta_envs.tasks.harlow.objects import SIZE, SPLITS, DrawnObjects, FolderObjects, Objects

VIEW = 84
"""Pixels a side of what the agent sees, as many as the screen has."""
WALL, SCREEN_COLOUR, CROSS_COLOUR = (120, 125, 135), (25, 25, 30), (230, 40, 40)
CROSS, LINE = 8, 2
"""Pixels of the cross's lines, long and wide."""
TOP = (VIEW - SIZE) // 2
CORNERS = tuple((VIEW - SIZE) // 2 + side * VIEW * OBJECT_ANGLE // SCREEN for side in (-1, 1))
"""First columns of the objects on the screen."""


def _make_walls() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The screen between two pieces of wall, empty and with the cross."""
    empty = np.full((VIEW, 3 * VIEW, 3), WALL, np.uint8)
    empty[:, VIEW : 2 * VIEW] = SCREEN_COLOUR
    crossed, rows = empty.copy(), VIEW // 2
    for high, wide in ((LINE, CROSS), (CROSS, LINE)):
        top, left = rows - high // 2, VIEW + rows - wide // 2
        crossed[top : top + high, left : left + wide] = CROSS_COLOUR
    return empty, crossed


EMPTY, CROSSED = _make_walls()


class Harlow(HarlowTask):
    """A screen to look at: a cross, then two objects, one of which pays in every trial.

    ## Description
    Which of two new objects pays cannot be known, and after one trial need not be asked again.
    A good agent guesses in an episode's first trial and is right in all others, wherever the
    objects are: it has learnt to learn. "Abstract task structure" in Wang et al. 2016, section
    3.2.2, after Harlow 1949.

    A trial: a red cross on the screen; when it has been held in view for 4 frames, two objects
    appear, left and right, for as long as it takes to look at one; then the screen is empty for
    10 frames.

    ## Action Space
    `Discrete(3)`: 0 no-op, 1 left, 2 right, each for `action_repeat` frames. In a frame the
    gaze keeps three tenths of its speed, turning adds 0.77 degrees, and the gaze moves by its
    speed: 3.9 degrees in an action of 4 frames from rest and 4.4 in later ones. It turns freely
    through 360 degrees.

    ## Observation Space
    `Dict`: `image`, `Box(0, 255, (84, 84, 3), uint8)`, the view; `last_action`, one-hot, and
    `last_reward`, both zero at the first step. `inputs` adds "done", as `last_done`, and
    "timestep".

    The view is 65 degrees wide, as the screen is: it shows all of the screen, and both objects
    whole, to an agent that looks straight at its middle, and plain wall to one that looks away.
    Objects have 34 x 34 pixels and are 16.25 degrees from the middle of the screen.

    ![A trial: what the agent sees after each action](../figures/harlow_trial.png)

    ![64 training and 64 held-out objects](../figures/harlow_objects.png)

    ## Starting State
    The gaze rests on the middle of the screen, where the cross is. Two different objects of
    1,000 are drawn, and which one pays; in every trial chance puts it left or right. With
    `pairs="one-new"` one object stays and the other is new in every trial; then either the one
    that stays pays in all trials, or each of the others.

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
    - `image_dir=None`: a folder of images to be used as objects instead, resized to 34 x 34. A
      hash of its file name puts each into one of the splits. Needs Pillow, of the extra
      "visual".
    - `inputs=("action", "reward")`: what to show besides the view.
    - `render_mode=None`: "ansi" or "rgb_array".

    ## References
    - Wang et al. 2016, "Learning to reinforcement learn", arXiv 1611.05763, section 3.2.2. Its
      objects are images of ImageNet in a room of DeepMind Lab. "About 4.4 degrees" are taken to
      be what an action of 4 frames turns, "small momentum" to be three tenths a frame, and the
      view to be as wide as the screen, with objects a quarter of it from its middle: all of
      these are choices. A choice then takes 3 actions after fixation, as published, and a trial
      24 frames or more; the paper has 20 to 30.
    - Wang et al. 2018, "Prefrontal cortex as a meta-reinforcement learning system", Nature
      Neuroscience 21:860, simulation 5.
    - Harlow 1949, "The formation of learning sets", Psychological Review 56:51.

    ## Version History
    - v0: first version.
    """

    optimum = "meta_envs.optimal.harlow.harlow"

    def __init__(
        self,
        num_envs: int,
        num_trials: int = 10,
        split: str = "train",
        pairs: str = "same",
        action_repeat: int = 4,
        max_frames: int = 3600,
        image_dir: str | None = None,
    ) -> None:
        split = check_choice("split", split, SPLITS)
        self.object_images: Objects
        self.object_images = (
            DrawnObjects(split) if image_dir is None else FolderObjects(image_dir, split)
        )
        super().__init__(
            num_envs,
            num_objects=len(self.object_images),
            num_trials=num_trials,
            action_repeat=action_repeat,
            max_frames=max_frames,
            pairs=pairs,
            image_shape=(VIEW, VIEW, 3),
        )

    def draw_images(self, envs: NDArray[np.intp], images: NDArray[np.uint8]) -> None:
        first = columns(self.gazes)
        left = np.clip(VIEW + first, 0, 2 * VIEW).tolist()
        crossed = (self.phases < CHOICE).tolist()
        for env in envs.tolist():
            wall = CROSSED if crossed[env] else EMPTY
            images[env] = wall[:, left[env] : left[env] + VIEW]
        choosing, shown = self.choosing(envs)
        for env, pair in zip(choosing.tolist(), shown.tolist(), strict=True):
            for corner, index in zip(CORNERS, pair, strict=True):
                paste(images[env], self.object_images.image(index), corner - int(first[env]))

    def render_rgb(self, env: int, history: Sequence[tuple[int, float]]) -> NDArray[np.uint8]:
        """The agent's view; beside it the screen and the gaze from above; below, the trials.

        The object that pays is purple from above. A trial's bar is tall and dark where the choice
        was right, else low and light. The bar below tells how much of the episode's time is gone.
        """
        images = np.zeros((self.num_envs, VIEW, VIEW, 3), np.uint8)
        self.draw_images(np.array([env]), images)
        return rendering.draw(self, images[env], self._scene(env, history))


def columns(gazes: NDArray[np.int64]) -> NDArray[np.int64]:
    """By how many pixels the view is right of the screen, rounded."""
    return (2 * VIEW * gazes + SCREEN) // (2 * SCREEN)


def paste(view: NDArray[np.uint8], image: NDArray[np.uint8], left: int) -> None:
    """Draws an object into a view, its first column at `left`, which may be outside."""
    start, stop = max(left, 0), min(left + SIZE, VIEW)
    if start < stop:
        view[TOP : TOP + SIZE, start:stop] = image[:, start - left : stop - left]
