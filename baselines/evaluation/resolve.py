"""Agents of other people's making: objects, functions, and names of either."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from baselines.common.agent import Agent
from baselines.common.errors import InputError


class FunctionAgent:
    """An agent that is a plain function, called as `predict` is.

    Args:
        function: Maps (observation, state, episode_start, deterministic) to (action, state).
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.predict = function


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
        return name, FunctionAgent(found)
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
