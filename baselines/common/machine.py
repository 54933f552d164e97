"""What a result was measured on: processor and versions."""

from __future__ import annotations

import os
import platform
import subprocess
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


def commit() -> str | None:
    """The commit of the source that runs, with a "+" where it was changed since; None if unknown.

    An installed package does not know, only a work tree of git does.
    """
    root = Path(meta_envs.__file__).parents[1]
    if not (root / ".git").exists():
        return None
    found = []
    for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        try:
            done = subprocess.run(
                ["git", "-C", str(root), *command], capture_output=True, text=True, timeout=10
            )
        except (OSError, subprocess.SubprocessError):
            return None
        found.append(done.stdout.strip() if done.returncode == 0 else "")
    return found[0] + ("+" if found[1] else "") or None


def processor() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
