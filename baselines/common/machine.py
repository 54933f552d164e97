"""What a result was measured on: processor and versions."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import meta_envs

PACKAGES = ("numpy", "gymnasium", "scipy", "torch", "stable-baselines3", "sb3-contrib")
"""Whose versions numbers may depend on."""


def machine() -> dict[str, Any]:
    """Processor, cores and versions, to be kept beside a result.

    The sums of a training are rounded as the processor's kernels order them, so that the same
    command with the same seed ends elsewhere on another processor.
    """
    versions = {"meta_envs": meta_envs.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # An extra's, which is not installed.
            continue
    return {"processor": processor(), "cores": os.cpu_count(), "versions": versions}


def processor() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
