"""Pythons that are found, and virtual environments made of them."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSIONS = [
    found[1]
    for classifier in PROJECT["classifiers"]
    if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", classifier))
]
"""Of Python, that the package says it is for."""
asked = pytest.mark.skipif(
    "REQUIRE_PACKAGE" not in os.environ, reason="make test-package runs it: it installs packages"
)
"""Marks tests that build and install; the others read files alone."""


def find_python(version: str) -> Path | None:
    """A Python of a version: the one that runs, on the PATH, or pyenv's; None if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which(f"python{version}")
    candidates = [sys.executable, *([named] if named else [])]
    candidates += sorted(map(str, pyenv.glob(f"{version}.*/bin/python")))
    # A name on the PATH may be pyenv's, which says that the version is not chosen: ask it.
    return next((Path(one) for one in candidates if _version(one) == version), None)


def _version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


class Venv(NamedTuple):
    """A virtual environment, and a folder beside it to work in, which is empty."""

    folder: Path
    work: Path

    @classmethod
    def make(cls, python: Path, folder: Path) -> "Venv":
        subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
        (folder / "work").mkdir()
        return cls(folder / "venv", folder / "work")

    @property
    def python(self) -> Path:
        found = [self.folder / "bin" / "python", self.folder / "Scripts" / "python.exe"]
        return next(path for path in found if path.exists())

    def install(self, *arguments: str) -> None:
        command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
        done = self.run(*command)
        assert done.returncode == 0, done.stderr

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs its Python in the empty folder, with nothing of this checkout in sight."""
        hidden = ("PYTHONPATH", "VIRTUAL_ENV", "META_ENVS_TRAINED")
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        env |= {"XDG_CACHE_HOME": str(self.folder / "cache"), **variables}
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.work,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def packages(self) -> Path:
        """Where its packages are."""
        done = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        return Path(done.stdout.strip())


def needed(extra: str) -> set[str]:
    """The installed distributions that pip would bring for an extra, by name."""
    left = [Requirement(f"meta-envs[{extra}]")]
    seen: set[tuple[str, str]] = set()
    found: set[str] = set()
    while left:
        one = left.pop()
        for chosen in ("", *one.extras):
            if (one.name, chosen) in seen:
                continue
            seen.add((one.name, chosen))
            found.add(one.name)
            for line in metadata.requires(one.name) or []:
                further = Requirement(line)
                if further.marker is None or further.marker.evaluate({"extra": chosen}):
                    left.append(further)
    return found - {"meta-envs"}


def link(names: set[str], folder: Path) -> None:
    """Links installed distributions into a folder of packages: as if installed there, at once."""
    for name in names:
        for path in _tops(metadata.distribution(name)):
            target = folder / path.name
            if path.exists() and not target.exists():
                target.symlink_to(path, target_is_directory=path.is_dir())


def _tops(distribution: metadata.Distribution) -> Iterator[Path]:
    """The folders and files right in the folder of packages that are a distribution's."""
    for top in sorted({file.parts[0] for file in distribution.files or []}):
        if top not in ("..", "__pycache__"):
            yield Path(str(distribution.locate_file(top)))
