"""Playing an environment with the keyboard, in a window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from baselines.common.environments import derive_seeds, make_drawn_env
from baselines.common.errors import InputError
from baselines.common.extras import import_extra
from baselines.evaluation.episodes import Episode
from meta_envs.core import MetaEnv

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The key of each action by its number."""
NAMED_KEYS = {
    "no-op": "space",
    "up": "up",
    "forward": "up",
    "down": "down",
    "backward": "down",
    "left": "left",
    "turn left": "left",
    "right": "right",
    "turn right": "right",
}
"""Further keys, by what an action is called."""
UNSEEN, CHOSEN = ("dummy", "offscreen"), ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER")
"""What SDL draws on where there is no display, and how somebody asks for it nevertheless."""
IMAGE_BOX = (960, 600)
"""The most pixels that the image takes, width and height."""
LEAST_WIDTH, MARGIN, LINE = 480, 12, 22
TEXT, BACKGROUND = (235, 235, 235), (30, 32, 36)
REPEAT_AFTER, REPEAT_EVERY = 350, 90
"""Milliseconds: a key that is held down acts again."""


def keys_for(names: Sequence[str]) -> dict[str, int]:
    """The action of each key: digits for all, and arrows for those that go somewhere.

    Args:
        names: What each action is called.

    Raises:
        InputError: If there are more actions than keys.
    """
    if len(names) > len(DIGITS):
        raise InputError(f"{len(names)} actions are too many to play: at most {len(DIGITS)}")
    keys = {DIGITS[action]: action for action in range(len(names))}
    named = {NAMED_KEYS[name]: action for action, name in enumerate(names) if name in NAMED_KEYS}
    return keys | named


def help_lines(names: Sequence[str]) -> list[str]:
    """What each action's keys are, a piece of text an action."""
    pieces = []
    for action, name in enumerate(names):
        keys = [DIGITS[action], *([NAMED_KEYS[name]] if name in NAMED_KEYS else [])]
        pieces.append(f"{' or '.join(keys)}: {name}")
    return pieces


def action_names(env: gym.Env[Any, np.int64]) -> tuple[str, ...]:
    """What an environment's actions are called; their numbers where they have no names.

    Raises:
        InputError: If there is no end of them.
    """
    if not isinstance(env.action_space, spaces.Discrete):
        raise InputError(f"keys play Discrete actions only, and here they are {env.action_space}")
    inner = env.unwrapped
    names = inner.family.action_names if isinstance(inner, MetaEnv) else ()
    return names or tuple(f"action {action}" for action in range(int(env.action_space.n)))


class Played(NamedTuple):
    """An episode that a person has played to its end."""

    episode: Episode
    actions: list[int]
    score: float


class Game:
    """Episodes of an environment, one after the other, and how the present one stands.

    Args:
        env: That draws `rgb_array`.
        seed: The episodes are the first ones of an evaluation with it.
        reveal: Whether to show the task before an episode is over, where it can be hidden.
    """

    def __init__(self, env: gym.Env[Any, np.int64], seed: int, reveal: bool = False) -> None:
        assert isinstance(env.action_space, spaces.Discrete)
        self.env, self.first_action = env, int(env.action_space.start)
        self.seed, self.reveal = seed, reveal
        self.played: list[Played] = []
        self.start()

    def start(self) -> None:
        """Starts an episode."""
        number = len(self.played)
        self.episode = Episode(derive_seeds(self.seed, "evaluation", number + 1)[number])
        self.env.reset(seed=self.episode.seed)
        self.actions: list[int] = []
        self.score, self.reward, self.over = 0.0, 0.0, False
        self._show_task(self.reveal)

    def _show_task(self, shown: bool) -> None:
        inner = self.env.unwrapped
        if isinstance(inner, MetaEnv):
            inner.family.reveal = shown

    def act(self, action: int) -> None:
        """Takes a step, unless the episode is over."""
        if self.over:
            return
        self.actions.append(self.first_action + action)
        _, reward, terminated, truncated, _ = self.env.step(np.int64(self.actions[-1]))
        self.reward = float(reward)
        self.score += self.reward
        self.over = terminated or truncated
        if self.over:
            self.played.append(Played(self.episode, self.actions, self.score))
            self._show_task(True)

    def status(self) -> str:
        """How things stand, in a line."""
        standing = f"step {len(self.actions)}   last reward {self.reward:g}   score {self.score:g}"
        return f"{standing}   episode over: Enter for a new one" if self.over else standing


class Window:
    """The image, and below it how things stand and what the keys do.

    Args:
        title: Of the window.
        image: The first one: its size decides the window's.
        pieces: Of the help, each kept on one line.
    """

    def __init__(self, title: str, image: NDArray[np.uint8], pieces: Sequence[str]) -> None:
        self.pygame = import_extra("pygame")
        self.pygame.init()
        self.pygame.display.set_caption(title)
        self.pygame.key.set_repeat(REPEAT_AFTER, REPEAT_EVERY)
        self.font = self.pygame.font.Font(None, LINE)
        height, width = image.shape[:2]
        scale = min(IMAGE_BOX[0] / width, IMAGE_BOX[1] / height)
        # Whole multiples keep pixels square.
        scale = int(scale) if scale >= 1 else scale
        self.size = int(width * scale), int(height * scale)
        self.width = max(self.size[0], LEAST_WIDTH) + 2 * MARGIN
        self.help = self._wrap(pieces)
        height = self.size[1] + 3 * MARGIN + LINE * (1 + len(self.help))
        self.screen = self.pygame.display.set_mode((self.width, height))
        if self.pygame.display.get_driver() in UNSEEN and not any(map(os.environ.get, CHOSEN)):
            raise InputError(
                "there is no display to open a window on: play on a machine with a screen"
            )

    def _wrap(self, pieces: Sequence[str]) -> list[str]:
        lines = [""]
        for piece in pieces:
            longer = f"{lines[-1]}     {piece}".strip()
            if self.font.size(longer)[0] <= self.width - 2 * MARGIN:
                lines[-1] = longer
            else:
                lines.append(piece)
        return lines

    def show(self, image: NDArray[np.uint8], status: str) -> None:
        """Draws everything anew."""
        self.screen.fill(BACKGROUND)
        surface = self.pygame.surfarray.make_surface(image.swapaxes(0, 1))
        left = (self.width - self.size[0]) // 2
        self.screen.blit(self.pygame.transform.scale(surface, self.size), (left, MARGIN))
        for row, line in enumerate((status, *self.help)):
            text = self.font.render(line, True, TEXT)
            self.screen.blit(text, (MARGIN, self.size[1] + 2 * MARGIN + row * LINE))
        self.pygame.display.flip()

    def pressed(self) -> Iterator[str]:
        """The names of the keys that are pressed, until Esc or the window's close button."""
        while True:
            event = self.pygame.event.wait()
            if event.type == self.pygame.QUIT:
                return
            if event.type == self.pygame.KEYDOWN:
                # The name of a key of the number pad is in brackets.
                name = self.pygame.key.name(event.key).strip("[]")
                if name == "escape":
                    return
                yield name


def play_in_window(
    env_id: str,
    env_kwargs: Mapping[str, Any] | None = None,
    seed: int = 0,
    reveal: bool = False,
    keep: Callable[[Sequence[Played]], Any] | None = None,
) -> list[Played]:
    """Lets a person play until they leave; returns the episodes that they have ended.

    Args:
        env_id: The environment.
        env_kwargs: Arguments for it.
        seed: The episodes are the first ones of an evaluation with it.
        reveal: Whether to show the task before an episode is over, where it can be hidden.
        keep: Called with all episodes so far whenever one has ended.

    Raises:
        InputError: If the environment cannot be played, or pygame-ce is missing.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")  # Nothing sounds, nor complains if it cannot.
    pygame = import_extra("pygame")
    env = make_drawn_env(env_id, env_kwargs)
    names = action_names(env)
    keys = keys_for(names)
    game = Game(env, seed, reveal)

    def image() -> Any:
        return env.render()

    try:
        pieces = [*help_lines(names), "Enter: new episode", "Esc: leave"]
        window = Window(f"meta-envs: {env_id}", image(), pieces)
        window.show(image(), game.status())
        for key in window.pressed():
            if key in keys and not game.over:
                game.act(keys[key])
                if game.over and keep is not None:
                    keep(game.played)
            elif key in ("return", "enter") and game.over:
                game.start()
            window.show(image(), game.status())
    except pygame.error as error:
        raise InputError(f"a window cannot be opened: {error}") from error
    finally:
        pygame.quit()
        env.close()
    return game.played
