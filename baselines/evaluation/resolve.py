"""From what a user calls an agent to the object that plays: names, files, objects, functions."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from baselines.common.agent import Agent
from baselines.common.errors import InputError, did_you_mean
from baselines.evaluation.load import load
from baselines.evaluation.pretrained import is_pretrained, pretrained_agent, pretrained_path
from baselines.registry import CLASSIC, make_agent


class FunctionAgent:
    """An agent that is a plain function, called as `predict` is.

    Args:
        function: Maps (observation, state, episode_start, deterministic) to (action, state).
        name: What messages call it.

    Raises:
        InputError: If it cannot be called like that.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function, self.name = function, name
        try:
            inspect.signature(function).bind(None, None, None, False)
        except TypeError as error:
            raise self._refusal(f"takes {inspect.signature(function)}") from error
        except ValueError:  # Compiled functions may tell no signature.
            pass

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
        """Calls the function.

        Raises:
            InputError: If it does not return a pair.
        """
        answer = self.function(observation, state, episode_start, deterministic)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise self._refusal(f"returns a {type(answer).__name__}")
        return answer

    def _refusal(self, what: str) -> InputError:
        return InputError(
            f"{self.name} {what}: a function that is an agent is called as "
            "(observation, state, episode_start, deterministic) and returns (actions, state)"
        )


def resolve_agent(
    agent: str | Path | Agent | Callable[..., Any],
    env: VectorEnv[Any, Any, Any],
    env_kwargs: Mapping[str, Any] | None = None,
    transfer: bool = False,
) -> tuple[str, Agent]:
    """A name to show and the object to call.

    Args:
        agent: A name of `baselines.registry.CLASSIC`, with arguments if need be ("ucb,c=2"); the
            path of a checkpoint or a run's folder; "pretrained" or "pretrained:recurrent-ppo", an
            agent that is included; "module:attribute"; an object with Stable-Baselines3's
            `predict`; or a function called like it.
        env: The environment to play.
        env_kwargs: Arguments it was made with.
        transfer: Whether a checkpoint may have been trained on another environment.

    Raises:
        InputError: If there is no such agent, or it cannot play the environment.
    """
    if not isinstance(agent, str | Path):
        return import_agent(agent)
    if isinstance(agent, str) and agent.partition(",")[0] in CLASSIC:
        return agent, make_agent(agent, env)
    if isinstance(agent, str) and is_pretrained(agent):
        path = _pretrained(agent, env)
        return agent, load(path, env, env_kwargs=env_kwargs, transfer=transfer)
    if os.path.exists(agent):
        return str(agent), load(agent, env, env_kwargs=env_kwargs, transfer=transfer)
    if isinstance(agent, str) and ":" in agent:
        return agent, import_agent(agent)[1]
    meant = did_you_mean(str(agent).partition(",")[0], CLASSIC)
    raise InputError(
        f"there is no agent or checkpoint {str(agent)!r}{meant}: name one of {', '.join(CLASSIC)}, "
        "pretrained, the folder of a run, or module:attribute"
    )


def _pretrained(agent: str, env: VectorEnv[Any, Any, Any]) -> Path:
    """The checkpoint that "pretrained" or "pretrained:AGENT" means in an environment."""
    if env.spec is None:
        raise InputError(f"{agent} needs an environment with an id: give the path of a checkpoint")
    return pretrained_path(env.spec.id, pretrained_agent(agent))


def import_agent(agent: str | Agent | Callable[..., Any]) -> tuple[str, Agent]:
    """A name to show and the object to call.

    Args:
        agent: An object with `predict`, a function called like it, or "module:attribute" of
            either; modules of the working directory are found too.

    Raises:
        InputError: If there is no such thing, or it is neither.
    """
    found: Any = _find(agent) if isinstance(agent, str) else agent
    if isinstance(found, type):
        raise InputError(f"{found.__name__} is a class: pass an object of it")
    if hasattr(found, "predict"):
        return agent if isinstance(agent, str) else type(found).__name__, found
    if callable(found):
        name = agent if isinstance(agent, str) else getattr(found, "__name__", "function")
        return name, FunctionAgent(found, name)
    raise InputError(f"an agent has predict or is a function called like it, got {agent!r}")


def _find(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise InputError(f"there is no module {error.name!r} for the agent {name!r}") from error
    except (AttributeError, ValueError) as error:
        raise InputError(f"{module} has no {attribute!r} for the agent {name!r}") from error
