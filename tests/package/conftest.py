"""What is built once, and where it is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.package.venvs import ROOT, VERSIONS, Venv, find_python, link, needed


class Built(NamedTuple):
    """A source distribution and a wheel."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """As a release builds them, from a copy; those in PACKAGE_DIST, if that names a folder."""
    if "PACKAGE_DIST" in os.environ:
        dist = ROOT / os.environ["PACKAGE_DIST"]
    else:
        # What building leaves behind would be built into the next one.
        source, dist = (tmp_path_factory.mktemp("build") / name for name in ("source", "dist"))
        ignored = (ROOT / ".gitignore").read_text().split()
        skip = shutil.ignore_patterns(".git", *(name.rstrip("/") for name in ignored))
        shutil.copytree(ROOT, source, ignore=skip)
        command = [sys.executable, "-m", "build", "--outdir", dist, source]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="session", params=VERSIONS)
def bare(request, built, tmp_path_factory):
    """Each Python in turn, with the wheel and what pip brings for it, and nothing else."""
    python = find_python(request.param)
    if python is None:
        pytest.skip(f"no Python {request.param} is found")
    venv = Venv.make(python, tmp_path_factory.mktemp(f"bare{request.param}"))
    venv.install(str(built.wheel))
    return venv


@pytest.fixture(scope="session")
def agents(built, tmp_path_factory):
    """The running Python, with the wheel and what its extra `baselines` brings.

    PyTorch and the others are gigabytes: they are linked from the running Python's packages, those
    that the extra asks for and no more. The checkout itself is not among them.
    """
    venv = Venv.make(Path(sys.executable), tmp_path_factory.mktemp("agents"))
    venv.install("--no-deps", str(built.wheel))
    link(needed("baselines"), venv.packages())
    return venv
