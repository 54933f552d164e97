"""Run where only the environments are installed: plays each, and prints what each said as JSON."""

import importlib
import json
import pkgutil
import warnings
from collections.abc import Callable

warnings.simplefilter("error")

import gymnasium as gym  # noqa: E402

import baselines  # noqa: E402
import meta_envs  # noqa: E402
from baselines.registry import CLASSIC  # noqa: E402
from meta_envs.optimal import optimal_return  # noqa: E402
from meta_envs.registration import TABLE  # noqa: E402

INSIDE = ("baselines.cli.", "baselines.common.", "baselines.__main__")
"""What nobody imports: commands, and what several rooms share."""
SLOW = "MetaBanditRestless-v0"
"""Its optimum takes 17 seconds, and nothing that others do not."""


def said(function: Callable[..., object], *arguments: object) -> object:
    """What a function returns, or the message of its error."""
    try:
        return function(*arguments)
    except (gym.error.DependencyNotInstalled, ImportError, ValueError) as error:
        return str(error)


def play(env_id: str) -> float:
    """Plays some steps, alone and as vector environments."""
    env = gym.make(env_id)
    env.reset(seed=0)
    total = float(env.step(env.action_space.sample())[1])
    for mode in ("sync", "vector_entry_point"):
        envs = gym.make_vec(env_id, num_envs=3, vectorization_mode=mode)
        envs.reset(seed=0)
        for _ in range(10):
            total += float(envs.step(envs.action_space.sample())[1].sum())
    return total


def best(env_id: str) -> float:
    """The optimal return of an environment."""
    return optimal_return(gym.make(env_id).unwrapped.family)


def reached(name: str) -> bool:
    """Imports a module."""
    return importlib.import_module(name) is not None


def offered(name: str) -> bool:
    """Takes a name of the public interface."""
    return getattr(baselines, name) is not None


def score(agent: str) -> float:
    """The mean return of a classic agent in the first environment that it plays."""
    families = CLASSIC[agent].plays.family
    env_id = next(
        row.id for row in TABLE if isinstance(gym.make(row.id).unwrapped.family, families)
    )
    return baselines.evaluate(agent, env_id, 3).mean_return


def main() -> None:
    """Tries everything."""
    ids = [row.id for row in TABLE]
    modules = [found.name for found in pkgutil.walk_packages(baselines.__path__, "baselines.")]
    rooms = [name for name in modules if not name.startswith(INSIDE)]
    found = {
        "files": [meta_envs.__file__, baselines.__file__],
        "version": meta_envs.__version__,
        "played": {env_id: said(play, env_id) for env_id in ids},
        "best": {env_id: said(best, env_id) for env_id in ids if env_id != SLOW},
        "names": {name: said(offered, name) for name in baselines.__all__},
        "modules": {name: said(reached, name) for name in rooms},
        "agents": {name: said(score, name) for name in CLASSIC},
        "pretrained": said(baselines.load_pretrained, "MetaBandit-v0"),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
