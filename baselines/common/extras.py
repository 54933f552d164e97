"""Packages that are not always there, and the extras that bring them."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from baselines.common.errors import InputError
from meta_envs.core.extras import install_hint

PACKAGES = {
    "PIL.Image": ("Pillow", "visual"),
    "pygame": ("pygame-ce", "visual"),
    "torch": ("torch", "baselines"),
    "numba": ("Numba", "baselines"),
    "safetensors": ("safetensors", "baselines"),
    "stable_baselines3": ("Stable-Baselines3", "baselines"),
    "sb3_contrib": ("sb3-contrib", "baselines"),
    "tyro": ("tyro", "baselines"),
    "matplotlib": ("matplotlib", "baselines"),
    "rich": ("rich", "baselines"),
    "ray": ("Ray", "ray"),
    "huggingface_hub": ("huggingface_hub", "hub"),
}
"""By module: the package that it comes in, and the extra that brings that."""


class MissingExtraError(InputError, ModuleNotFoundError):
    """A package is not installed; the message names the extra that brings it."""


def import_extra(module: str) -> Any:
    """Imports one of `PACKAGES` when it is needed.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(_missing(module)) from error


def require(*modules: str) -> None:
    """Makes sure that some of `PACKAGES` are installed, without importing them.

    Raises:
        MissingExtraError: If one is not.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(_missing(module))


def _missing(module: str) -> str:
    package, extra = PACKAGES[module]
    return f"{package} is not installed: {install_hint(extra)}"
