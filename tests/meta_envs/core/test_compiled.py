"""Functions that Numba compiles and keeps on disk."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("numba")

MAIN = """
from meta_envs.core.compiled import compiled
IMPORT

@compiled
def twice(x):
    return ADD(ADD(x))

if __name__ == "__main__":
    print(twice(1))
"""
PART = """
from meta_envs.core.compiled import compiled

@compiled
def add(x):
    return x + 1
"""


def run(folder, script):
    """What a script prints, on both outputs."""
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    paths = os.pathsep.join([str(folder), *sys.path])
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    ("statement", "name"), [("from part import add", "add"), ("import part", "part.add")]
)
def test_a_function_is_compiled_anew_when_one_that_it_calls_has_changed(tmp_path, statement, name):
    """Numba looks at a function's own file alone: after an update it would run old code."""
    script, part = tmp_path / "main.py", tmp_path / "part.py"
    script.write_text(MAIN.replace("IMPORT", statement).replace("ADD", name))
    part.write_text(PART)
    results = [run(tmp_path, script)]
    results.append(run(tmp_path, script))  # From disk: without a word.
    times = part.stat()
    part.write_text(PART.replace("+ 1", "+ 5"))
    os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
    results.append(run(tmp_path, script))
    assert [float(out) for out, _ in results] == [3, 3, 11]
    assert ["compiling" in error for _, error in results] == [True, False, True]


def test_it_runs_where_nothing_can_be_kept(tmp_path):
    """As in a read-only installation without a home."""
    (tmp_path / "part.py").write_text(PART)
    script = tmp_path / "main.py"
    script.write_text(MAIN.replace("IMPORT", "from part import add").replace("ADD", "add"))
    (tmp_path / "__pycache__").write_text("no folder")
    assert run(tmp_path, script)[0].strip() == "3"
