"""sdist and wheel: built, checked, and installed where there is nothing else."""

import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import meta_envs
from meta_envs.registration import TABLE
from tests.package import bare

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
PIXELS = {"MetaIMaze-v0"}
"""Environments that need an extra."""
pytestmark = pytest.mark.skipif(
    "REQUIRE_PACKAGE" not in os.environ, reason="make test-package builds and installs the package"
)


def run(*command, cwd, **variables):
    """A command in a folder that is not the repository's, with none of its paths."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment | {"XDG_CACHE_HOME": str(cwd / "cache"), "COLUMNS": "200"} | variables,
        check=False,
    )


def find_python(version):
    """A Python of a version: on the path, or among pyenv's."""
    if sys.version.startswith(f"{version}."):
        return Path(sys.executable)
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(installed.glob(f"{version}.*/bin/python"))
    if found:
        return found[-1]
    path = shutil.which(f"python{version}")
    return Path(path) if path and run(path, "-V", cwd=ROOT).returncode == 0 else None


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with sdist and wheel; the wheel is built from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return out


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


def test_both_pass_the_check_of_the_index(built):
    files = sorted(built.glob("meta_envs-*"))
    assert [path.name for path in files] == [
        f"meta_envs-{meta_envs.__version__}-py3-none-any.whl",
        f"meta_envs-{meta_envs.__version__}.tar.gz",
    ]
    done = run(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=built)
    assert done.returncode == 0, done.stdout


def test_the_wheel_has_all_that_is_used_and_nothing_else(wheel, built):
    """Broken by a data file that is left out, or by tests and rubbish that are let in."""
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    kept = run("git", "ls-files", "meta_envs", "baselines", cwd=ROOT).stdout.split()
    packages = {name for name in names if ".dist-info/" not in name}
    assert packages == set(kept)
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as file:
        inside = {name.partition("/")[2] for name in file.getnames()}
    assert {"tests/conftest.py", "docs/conf.py", "examples/cups.py", "constraints.txt"} <= inside
    assert not any(name.startswith(("docs/_build", "docs/environments")) for name in inside)


@pytest.fixture(scope="module", params=PYTHONS)
def installed(request, wheel, tmp_path_factory):
    """A Python with the wheel and what that depends on, in an otherwise empty environment."""
    python = find_python(request.param)
    if python is None:
        pytest.skip(f"there is no Python {request.param} here")
    folder = tmp_path_factory.mktemp(f"python{request.param}")
    assert run(python, "-m", "venv", folder / "venv", cwd=folder).returncode == 0
    inside = folder / "venv" / "bin" / "python"
    done = run(inside, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return inside, folder


def test_environments_need_numpy_and_gymnasium_alone(installed):
    """Broken by an import of anything else, or by an extra that is not named where it is needed."""
    python, folder = installed
    shutil.copy(bare.__file__, folder / "bare.py")
    done = run(python, "bare.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["works"]) == {row.id for row in TABLE} - PIXELS
    assert told["optima"] == bare.EXACT
    assert told["loaded"] == []
    assert told["lacks"] == {
        "MetaIMaze-v0": "MetaIMaze needs Numba: pip install 'meta-envs[visual]'",
        "optimum": "the best search of a room needs SciPy: pip install 'meta-envs[optimal]'",
    }


@pytest.mark.parametrize(
    "command",
    ["", "--help", "list", "train --env MetaBandit-v0", "evaluate --env MetaBandit-v0 --agent ucb",
     "record --agent ucb", "sweep --env MetaBandit-v0", "inside", "reproduce all"],
)  # fmt: skip
def test_the_command_line_names_the_extra_that_it_lacks(installed, command):
    python, folder = installed
    done = run(python, "-m", "baselines", *command.split(), cwd=folder)
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith("is not installed: pip install 'meta-envs[baselines]'")


@pytest.fixture(scope="module")
def with_agents(wheel, tmp_path_factory):
    """The wheel in an environment of its own, beside the packages that the tests run with.

    To install torch once more would take minutes. The path of the repository, which an editable
    install has put among them, is not taken over.
    """
    folder = tmp_path_factory.mktemp("agents")
    assert run(sys.executable, "-m", "venv", folder / "venv", cwd=folder).returncode == 0
    python = folder / "venv" / "bin" / "python"
    install = ("-m", "pip", "install", "--quiet", "--no-deps", wheel)
    assert run(python, *install, cwd=folder).returncode == 0
    told = run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).stdout
    lines = "\n".join(site.getsitepackages())
    (Path(told.strip()) / "others.pth").write_text(lines)
    return python, folder


def test_everything_works_from_any_folder(with_agents):
    """Broken if a command or an included agent needed the repository."""
    python, folder = with_agents
    where = run(python, "-c", "import baselines; print(baselines.__file__)", cwd=folder).stdout
    assert where.startswith(str(folder))
    version = run(python, "-m", "baselines", "--version", cwd=folder).stdout
    assert version == f"meta-envs {meta_envs.__version__}\n"
    scores = ("evaluate", "--env", "MetaBandit-v0", "--agent", "pretrained", "optimal", "--json")
    done = run(python, "-m", "baselines", *scores, cwd=folder)
    assert done.returncode == 0, done.stderr
    network, _ = (json.loads(line) for line in done.stdout.splitlines())
    assert network["normalized_score"] > 0.95
    brief = ("train", "--env", "MetaGridworld-v0", "--total-timesteps", "20000", "--out", "run")
    done = run(python, "-m", "baselines", *brief, "--evaluation-episodes", "20", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert any((folder / "run" / "checkpoints").glob("*.safetensors"))
    done = run(python, "-m", "baselines", "reproduce", "wang2018-fig1d", "--episodes", "50",
               cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
