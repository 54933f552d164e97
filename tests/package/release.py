"""`python tests/package/release.py TAG`: prints what the changelog says of a release.

It stops where tag, version, changelog and citation do not agree. It needs Python alone.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def version_in(name: str, pattern: str, root: Path = ROOT) -> str:
    """The version that a file says, by a pattern of its line."""
    found = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.M)
    return found[1] if found else "none"


def section(changelog: str, version: str) -> str:
    """What stands under a version's heading; empty if there is none."""
    found = re.search(
        rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S
    )
    return found[1].strip() if found else ""


def notes(tag: str, root: Path = ROOT) -> str:
    """The changelog's section of a tag.

    Raises:
        ValueError: If something does not agree with the tag; the message says what.
    """
    version = tag.removeprefix("v")
    own = version_in("meta_envs/__init__.py", r'^__version__ = "(.+)"$', root)
    cited = version_in("CITATION.cff", r"^version: (.+)$", root)
    if tag != f"v{own}":
        raise ValueError(f"the tag is {tag}, the version {own}")
    if cited != own:
        raise ValueError(f"CITATION.cff has version {cited}, the package {own}")
    text = section((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    if not text:
        raise ValueError(f"CHANGELOG.md has nothing under '## {version}'")
    return text


if __name__ == "__main__":
    try:
        print(notes(sys.argv[1]))
    except ValueError as error:
        sys.exit(f"error: {error}")
