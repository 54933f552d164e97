"""What to type where a package of an extra is missing."""

from __future__ import annotations

from pathlib import Path


def install_hint(extra: str) -> str:
    """The command that installs an extra: of a clone where this is one, else of the package."""
    if (Path(__file__).parents[2] / "pyproject.toml").is_file():
        return f"pip install -e '.[{extra}]' in your clone"
    return f"pip install 'meta-envs[{extra}]'"
