"""What is in the source distribution and in the wheel."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser

import pytest
from packaging.requirements import Requirement

import meta_envs
from tests.package.venvs import PROJECT, ROOT, VERSIONS, asked

pytestmark = asked
PACKAGES = ("meta_envs", "baselines")
DATA = {".csv", ".json", ".md", ".safetensors", ".typed", ".zip"}


@pytest.fixture(scope="module")
def tracked():
    """Every file of the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not in a git repository")
    return {name for name in done.stdout.splitlines() if (ROOT / name).is_file()}


def test_twine_finds_nothing_to_object_to(built):
    """Broken if PyPI would refuse the description or the metadata."""
    command = [sys.executable, "-m", "twine", "check", "--strict", *built]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_wheel_holds_the_packages_whole_and_nothing_else(built, tracked):
    """Broken if data is left out, so that an installed package fails where the clone works."""
    with zipfile.ZipFile(built.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {name for name in tracked if name.split("/")[0] in PACKAGES}
    assert {f".{name.rpartition('.')[2]}" for name in names} == DATA | {".py"}
    for name in ("meta_envs/py.typed", "baselines/py.typed", "baselines/trained/scores.json"):
        assert name in names


def test_the_source_distribution_holds_the_repository(built, tracked):
    """Broken if it lacks tests or documents, or has what is not of the repository in it."""
    with tarfile.open(built.sdist) as sdist:
        names = {
            member.name.partition("/")[2]
            for member in sdist.getmembers()
            if member.isfile() and ".egg-info/" not in member.name
        }
    assert names - tracked == {"PKG-INFO", "setup.cfg"}
    assert tracked - names == set()


def test_the_metadata_is_that_of_the_project(built):
    with zipfile.ZipFile(built.wheel) as wheel:
        (name,) = (one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
        found = HeaderParser().parsestr(wheel.read(name).decode())
        assert any(one.endswith("/licenses/LICENSE") for one in wheel.namelist())
    assert found["Name"] == PROJECT["name"]
    assert found["Version"] == meta_envs.__version__
    assert set(found.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
    needed = [one for one in found.get_all("Requires-Dist") if "extra ==" not in one]
    assert sorted(Requirement(one).name for one in needed) == ["gymnasium", "numpy"]
    for version in VERSIONS:
        assert f"Programming Language :: Python :: {version}" in found.get_all("Classifier")
