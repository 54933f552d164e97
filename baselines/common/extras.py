"""What the commands that show pictures share: the extra `visual`, imported when it is needed."""

from __future__ import annotations

import importlib
from typing import Any

from baselines.common.errors import InputError

PACKAGES = {"PIL.Image": "Pillow", "pygame": "pygame-ce"}
"""Modules of the extra `visual`, and the packages that they come in."""


def import_visual(module: str) -> Any:
    """Imports one of `PACKAGES`.

    Raises:
        InputError: If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{PACKAGES[module]} is not installed: pip install 'meta-envs[visual]'"
        ) from error
