"""`python -m tests.mutations`: applies each change to a copy and runs the test that must fail."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCES = ("meta_envs", "baselines", "tests", "examples", "docs", "benchmarks")


class Mutation(NamedTuple):
    """A change, and the test that catches it.

    Attributes:
        file: The module, below the project's root.
        old: A piece of it, which stands there once.
        new: What breaks it.
        test: What pytest is to run: a file, with a test's name if need be.
    """

    file: str
    old: str
    new: str
    test: str


def read() -> list[Mutation]:
    """All changes, in the order of the modules."""
    tables = [tomllib.loads(path.read_text()) for path in Path(__file__).parent.glob("*.toml")]
    return sorted(Mutation(**one) for table in tables for one in table["mutation"])


def run(folder: Path, tests: Sequence[str]) -> str | None:
    """What pytest says of tests on a copy; None if they pass."""
    command = [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider", *tests]
    variables = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
    if done.returncode not in (0, 1):  # Neither passed nor failed: no such test, say.
        sys.exit(f"a test cannot be run:\n{said}")
    return said if done.returncode else None


def caught(folder: Path, mutation: Mutation) -> bool:
    """Whether the test fails on the changed module."""
    path = folder / mutation.file
    text = path.read_text()
    times = text.count(mutation.old)
    if times != 1:
        sys.exit(f"{mutation.file} must have this once, and has it {times} times:\n{mutation.old}")
    path.write_text(text.replace(mutation.old, mutation.new))
    try:
        return run(folder, [mutation.test]) is not None
    finally:
        path.write_text(text)


def main(prefixes: list[str]) -> int:
    """Checks the changes of some modules, or of all; returns how many went uncaught."""
    chosen = [m for m in read() if not prefixes or m.file.startswith(tuple(prefixes))]
    if not chosen:
        sys.exit(f"no mutation is of a file that begins with {' or '.join(prefixes)}")
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES:
            shutil.copytree(
                ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__")
            )
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        said = run(folder, list(dict.fromkeys(mutation.test for mutation in chosen)))
        if said is not None:
            sys.exit(f"a test fails with nothing broken:\n{said}")
        for mutation in chosen:
            found = caught(folder, mutation)
            missed += not found
            verdict = "caught" if found else "MISSED"
            print(f"{verdict}  {mutation.file}  {mutation.test}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return missed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
