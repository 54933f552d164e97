"""Making vector environments and their seeds, the same way for training and evaluation."""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

import meta_envs  # noqa: F401  (registers the environments)
from baselines.common.action_spaces import check_action_space
from baselines.common.errors import InputError, check_finite, did_you_mean, one_line
from meta_envs.core import MetaVectorEnv
from meta_envs.core.checks import shown
from meta_envs.registration import VECTOR_ENTRY_POINT

MOST_ENVS = 2**20
"""Environments side by side."""
MOST_MEMORY = 2**34
"""Bytes that a rollout may take."""
Purpose = Literal["training", "evaluation", "sampling", "network"]


def bare_id(env_id: str) -> str:
    """An id without the package that registers it: "my_package:MyTask-v0" is "MyTask-v0".

    That is how files name environments: no file says what is to be imported.
    """
    return env_id.rpartition(":")[2]


def check_saved_env(env_id: str | None, env_kwargs: Mapping[str, Any]) -> None:
    """Raises an InputError if a file's environment names code: a module, or a task family."""
    if env_id is not None and bare_id(env_id) != env_id:
        raise InputError(f"`env` must be an id without a module in a file, got {env_id}")
    check_env_kwargs(env_kwargs)


def check_env_kwargs(env_kwargs: Mapping[str, Any]) -> None:
    """Raises an InputError if an environment's arguments name its task family or autoreset mode.

    A family's name is imported, and arguments come from files. The mode is SAME_STEP wherever we
    make the environment.
    """
    if "autoreset_mode" in env_kwargs:
        raise InputError(
            "`env_kwargs` must not name an autoreset_mode: it is SAME_STEP here, and for another "
            "one an agent is given the environment itself, made by gymnasium.make_vec"
        )
    if "family" in env_kwargs:
        raise InputError(
            "`env_kwargs` must not name a family, which follows from the id: register yours with "
            "meta_envs.register"
        )


def make_vector_env(
    env_id: str, num_envs: int, env_kwargs: Mapping[str, Any] | None = None
) -> VectorEnv[Any, Any, Any]:
    """Makes a vector environment that takes a list of seeds and resets in the same step.

    That is our own for families of `meta_envs`, and Gymnasium's SyncVectorEnv for all others.

    Args:
        env_id: Any id of Gymnasium, also with the package that registers it before it:
            "my_package:MyTask-v0".
        num_envs: Environments side by side.
        env_kwargs: Arguments for them.

    Raises:
        InputError: If there is no such id, its arguments are refused, or its actions are neither
            Discrete nor a Box of real numbers.
    """
    if not 1 <= num_envs <= MOST_ENVS:
        raise InputError(f"`num_envs` must be in 1..{MOST_ENVS:,}, got {num_envs:,}")
    with _making(env_id, env_kwargs) as name:
        native = gym.spec(name).vector_entry_point == VECTOR_ENTRY_POINT
        vector_kwargs = None if native else {"autoreset_mode": AutoresetMode.SAME_STEP}
        env = gym.make_vec(
            name,
            num_envs=num_envs,
            vectorization_mode="vector_entry_point" if native else "sync",
            vector_kwargs=vector_kwargs,
            **(env_kwargs or {}),
        )
    check_action_space(env.single_action_space, env_id)
    return env


def make_drawn_env(env_id: str, env_kwargs: Mapping[str, Any] | None = None) -> gym.Env[Any, Any]:
    """Makes a single environment that draws its episodes for people, by `rgb_array`.

    Raises:
        InputError: As `make_vector_env`, or if it draws nothing.
    """
    with _making(env_id, env_kwargs) as name:
        kwargs: dict[str, Any] = {"disable_env_checker": True, "render_mode": "rgb_array"} | dict(
            env_kwargs or {}
        )
        env = gym.make(name, **kwargs)
        env.reset(seed=0)
        try:
            drawn = isinstance(env.render(), np.ndarray)
        except NotImplementedError:
            drawn = False
        except RuntimeError as error:  # Other people's drawing, which may want a display.
            raise InputError(f"{env_id} cannot be drawn here: {one_line(error)}") from error
    if not drawn:
        raise InputError(f"{env_id} draws nothing for people: it lacks rgb_array")
    check_action_space(env.action_space, env_id)
    return env


@contextmanager
def _making(env_id: str, env_kwargs: Mapping[str, Any] | None) -> Iterator[str]:
    """Imports the package that an id names, and yields the bare id.

    What is wrong where the environment cannot be made comes as an InputError.
    """
    check_env_kwargs(env_kwargs or {})
    try:
        module = env_id.rpartition(":")[0]
        if module:
            importlib.import_module(module)
        yield bare_id(env_id)
    except gym.error.DependencyNotInstalled as error:
        raise InputError(f"{env_id}: {one_line(error)}") from error
    except gym.error.Error as error:
        if bare_id(env_id) in gym.registry:
            raise InputError(f"{env_id}: {one_line(error)}") from error
        package = env_id.removesuffix(bare_id(env_id))
        meant = did_you_mean(env_id, [package + known for known in gym.registry])
        raise InputError(
            f"there is no environment {env_id!r}{meant}: `python -m baselines list` shows them; "
            "one of another package is named with it: package:Id-v0"
        ) from error
    except (ValueError, TypeError, ImportError, MemoryError) as error:
        raise InputError(f"{env_id}: {one_line(error)}") from error


def episode_length(env: VectorEnv[Any, Any, Any]) -> int | None:
    """Steps of an environment's episodes, None where it is not of `meta_envs`."""
    inner = env.unwrapped
    return inner.family.episode_length if isinstance(inner, MetaVectorEnv) else None


def check_rollout(num_steps: int, num_envs: int, hidden_size: int) -> None:
    """Raises an InputError if a rollout is beyond any memory, before anything of it is made."""
    # An LSTM keeps its four gates, its cell and its output for every step.
    size = 4 * 6 * hidden_size * num_steps * num_envs
    if size > MOST_MEMORY:
        raise InputError(
            f"`num_steps` {num_steps:,} of {num_envs:,} environments would take {size >> 30:,} GiB "
            f"in {hidden_size:,} units, of {MOST_MEMORY >> 30} at most: take fewer"
        )


def is_ours(env: VectorEnv[Any, Any, Any]) -> bool:
    """Whether an environment, or what it wraps, is of `meta_envs`."""
    return isinstance(env.unwrapped, MetaVectorEnv)


def check_observations(observations: Any) -> None:
    """Raises an InputError if observations of other people's environments are nan or infinite."""
    for part in observations.values() if isinstance(observations, dict) else [observations]:
        if isinstance(part, np.ndarray) and part.dtype.kind == "f":
            check_finite("an observation of the environment", part)


def reward_columns(env: VectorEnv[Any, Any, Any]) -> slice | None:
    """Which numbers of an environment's observations are the last reward.

    Returns:
        None where it is not of `meta_envs`, a wrapper changes what it shows, it shows no reward,
        or images.
    """
    inner = env.unwrapped
    if not isinstance(inner, MetaVectorEnv):
        return None
    seen = inner.single_observation_space
    if not isinstance(seen, spaces.Box) or env.single_observation_space != seen:
        return None
    return inner.meta_observation.layout.get("last_reward")


def derive_seeds(seed: int, purpose: Purpose, count: int, stage: int = 0) -> list[int]:
    """Seeds for `count` episodes or sub-environments.

    They are spread over 63 bits, so that training and evaluation, and different seeds, have no
    task in common. Counting up from the user's seed, seeds 0 and 1 would share all tasks but
    one, and an agent would be tested on tasks it was trained on.

    Args:
        seed: The user's.
        purpose: What the seeds are for.
        count: How many.
        stage: Updates done so far, so that a training that goes on meets new tasks.

    Raises:
        InputError: If the seed is negative.
    """
    if seed < 0:
        raise InputError(f"`seed` must be a whole number of at least 0, got {seed}")
    sequence = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), stage])
    return [int(state) for state in sequence.generate_state(count, np.uint64) >> np.uint64(1)]


def parse_env_kwargs(text: str) -> dict[str, Any]:
    """Reads an environment's keyword arguments from JSON.

    Raises:
        InputError: If the text is not a JSON object.
    """
    try:
        kwargs = json.loads(text)
    except (ValueError, RecursionError):  # No JSON, too long a number, or nested too deeply.
        kwargs = None
    if not isinstance(kwargs, dict):
        raise InputError(
            f'`env_kwargs` must be a JSON object such as {{"num_arms": 5}}, got {shown(text)}'
        )
    return kwargs


def step_info(infos: Mapping[str, Any], key: str) -> NDArray[np.float64] | None:
    """What a step's info says under `key` for every sub-environment, also where it ended.

    Returns:
        Shape (num_envs,), or None if the environment does not report it.
    """
    final = infos.get("final_info", {})
    # No sub-environment is in both: where one reports nothing, the mask makes it zero.
    parts = [source[key] * source[f"_{key}"] for source in (infos, final) if key in source]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]
