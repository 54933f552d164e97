"""The lowest versions that `make test-lowest` installs are those of pyproject.toml."""

import subprocess
import sys
import tomllib
from importlib import metadata

from tests.lowest import ROOT, lowest


def test_every_requirement_has_a_lowest_version_that_is_not_above_the_tested_one():
    """One without would be installed at its newest, and its bound would be tested by nobody."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    needed = [*project["dependencies"], *(one for extra in extras for one in extra)]
    others = [one for one in needed if not one.startswith(("meta-envs[", "torch>="))]
    versions = lowest()
    assert len(versions) == len(set(others))
    assert "torch" not in versions
    pinned = (line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()[1:])
    tested = dict(pinned)
    for name, version in versions.items():
        assert parts(version) <= parts(tested[name]), name


def parts(version):
    return [int(part) for part in version.split(".")]


def test_they_are_printed_as_constraints():
    done = subprocess.run(
        [sys.executable, "-m", "tests.lowest"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"numpy=={lowest()['numpy']}" in done.stdout.splitlines()
    assert parts(lowest()["numpy"]) <= parts(metadata.version("numpy"))
