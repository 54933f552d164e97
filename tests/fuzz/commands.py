"""Random command lines of `python -m baselines`, each in a folder of its own."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import random
import shutil
import tempfile
import warnings
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tyro

from baselines.cli.main import COMMANDS, main
from baselines.experiments import EXPERIMENTS
from baselines.registry import AGENTS, TRAINABLE, make_preset
from baselines.training.settings import TrainSettings
from meta_envs.core import checks
from meta_envs.optimal.numerics import limits
from tests.fuzz import running
from tests.fuzz.running import must
from tests.meta_envs.cases import IDS

HELP_ONLY = ("benchmark", "reproduce")
"""Commands that would take too long."""
SMALL = ("--episodes", "--total-timesteps", "--evaluation-episodes", "--num-envs", "--num-steps")
"""Options that are always given, and given a small number."""
ODD_NUMBERS = ("0", "-1", "2.5", "x", "", "nan", "1e0", "-0", "٣", "1_0", " 3", "0x3", "True")
LARGE_NUMBERS = (str(2**31), str(10**12), str(10**20), "9" * 5_000)
ODD_REALS = ("0", "-1", "nan", "inf", "-inf", "1e308", "1e-320", "x", "", "1e999", "0.5")
ODD_IDS = ("", "x", "CartPole-v1", "Pendulum-v1", "MetaBandit", "MetaBandit-v9", "no_such:Id-v0")
ODD_IDS += (
    "os:MetaBandit-v0",
    "meta_envs:MetaBandit-v0",
    ":MetaBandit-v0",
    "MetaBandit-v0:",
    "../x",
)
ODD_IDS += (
    "ü-v0",
    "a b-v0",
    "\udcff",
    "--env",
    "x" * 3_000,
    "numpy:MetaBandit-v0",
    "a.:X-v0",
    ".:X-v0",
)
ODD_AGENTS = (
    "",
    "nobody",
    "ucb,c=2",
    "ucb,c=x",
    "ucb,c=nan",
    "ucb,,",
    "ucb,c",
    "ucb,d=2",
    ",",
    "=",
)
ODD_AGENTS += ("os:path", "os:getcwd", "no_such:x", "math:pi", ":", "run", "run/", "file", "folder")
ODD_AGENTS += (
    "run/policy.pt",
    "/dev/null",
    "/proc",
    "\udcff",
    "x" * 300,
    "a\nb",
    "rescorla-wagner",
)
ODD_PATHS = (
    "",
    ".",
    "..",
    "/",
    "file",
    "file/below",
    "folder",
    "run",
    "missing/deep/down",
    "/dev/null",
)
ODD_PATHS += (
    "/dev/null/x",
    "/proc/x",
    "bytes\udcff",
    "x" * 300,
    "a\nb",
    "-",
    "~",
    "damaged",
    "link",
)
KWARGS = (
    '{"num_trials": 3}',
    '{"num_trials": 3, "inputs": ["action", "reward"]}',
    '{"num_arms": 3}',
)
ODD_KWARGS = (
    "",
    "{",
    "[]",
    "null",
    '"x"',
    "3",
    "{}",
    '{"num_trials": NaN}',
    '{"num_trials": 1e400}',
)
ODD_KWARGS += (
    '{"num_trials": "3"}',
    '{"num_trials": 2.5}',
    '{"num_trials": true}',
    '{"x": 1}',
    "{x: 1}",
)
ODD_KWARGS += (
    '{"family": "os:path"}',
    '{"num_envs": 3}',
    '{"render_mode": "ansi"}',
    "\udcff",
    "[" * 9_000,
)
ODD_KWARGS += ('{"a": ' * 9_000, '{"num_trials": ' + "9" * 5_000 + "}", '{"inputs": []}', '{"": 1}')
ODD_KWARGS += (
    '{"render_mode": 3}',
    '{"seed": 3}',
    '{"num_trials": 1000000000000}',
    '{"env_id": 1}',
)


def prepare() -> None:
    """Smaller limits than usual, no display, and what commands may be given."""
    checks.MOST_MEMORY = 2**28
    limits.MOST_NUMBERS = 10**7
    running.SECONDS, running.WARNINGS, running.LONGEST_LINE = 60, RuntimeWarning, 10_000
    running.limit_memory(10)
    os.environ["SDL_VIDEODRIVER"] = "x11"  # Of which there is none.
    os.environ.pop("DISPLAY", None)
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="fuzz_cache_")
    trained()


@cache
def trained() -> Path:
    """The folder of a small run."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz_run_")) / "run"
    line = (
        "train --env MetaBandit-v0 --total-timesteps 40 --num-envs 2 --num-steps 10 --hidden-size 4"
    )
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        done = main([*line.split(), "--evaluation-episodes", "0", "--out", str(folder)])
    assert done == 0
    return folder


@cache
def options(command: str) -> dict[str, tuple[argparse.Action, ...]]:
    """The options of a command, a set for each kind of settings that it takes."""
    module = importlib.import_module(f"baselines.cli.{command}")
    found: dict[str, Any] = {
        name: (kind, None)
        for name, kind in vars(module).items()
        if name.endswith("Settings") and is_dataclass(kind) and kind is not TrainSettings
    }
    for agent in TRAINABLE if command == "train" else ():
        config = make_preset(agent, "best", "", None).config
        default: Any = TrainSettings(tyro.MISSING, agent, "best", 1, config)
        found[agent] = (TrainSettings[type(config)], default)  # type: ignore[misc]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # There is no other way to ask for the options.
        parsers = {
            name: tyro.extras.get_parser(kind, **({} if default is None else {"default": default}))
            for name, (kind, default) in found.items()
        }
    return {name: tuple(p._actions[1:]) for name, p in parsers.items()}


def value(rng: random.Random, action: argparse.Action) -> str:
    """Something for an option that takes a value."""
    name, kind = action.dest.replace("_", "-"), str(action.metavar)
    odd = rng.random() < 0.15
    if name in ("env", "packages"):
        return rng.choice(ODD_IDS) if odd else rng.choice(["MetaBandit-v0", rng.choice(IDS)])
    if name in ("agent", "first", "second"):
        return rng.choice(ODD_AGENTS) if odd else rng.choice(["run", "random", *AGENTS])
    if name == "env-kwargs":
        return rng.choice(ODD_KWARGS) if odd else rng.choice(KWARGS)
    if name == "experiment":
        return rng.choice(["", "x", *EXPERIMENTS])
    if action.choices:
        return "x" if odd else str(rng.choice(list(action.choices)))
    if "PATH" in kind:
        return rng.choice(ODD_PATHS) if rng.random() < 0.3 else rng.choice(["run", "new"])
    if "INT" in kind:
        large = () if f"--{name}" in SMALL or name in ("processes", "num-epochs") else LARGE_NUMBERS
        return rng.choice(ODD_NUMBERS + large) if odd else str(rng.choice([1, 2, 3, 8]))
    if "FLOAT" in kind:
        return rng.choice(ODD_REALS) if odd else f"{rng.random():.3f}"
    return rng.choice(["best", "paper", "x", "", "cpu"])


def words(rng: random.Random, action: argparse.Action) -> list[str]:
    """What stands on the line for an option or a positional argument."""
    if action.nargs == 0:
        return [rng.choice(action.option_strings)]
    count = rng.choice([1, 1, 2]) if action.nargs in ("*", "+") else 1
    if rng.random() < 0.02:
        count = rng.choice([0, 2])  # A value is missing, or one is too many.
    return [*action.option_strings[:1], *(value(rng, action) for _ in range(count))]


def draw(number: int) -> list[str]:
    """The command line of a number."""
    rng = random.Random(number)
    if rng.random() < 0.02:
        return rng.choice([[], ["--help"], ["nothing"], [""], ["--env", "x"], ["TRAIN"]])
    command = rng.choice([c for c in COMMANDS if c not in HELP_ONLY or rng.random() < 0.3])
    if command in HELP_ONLY:
        return [command, rng.choice(["--help", "--no-such", "-h", "--only", "--seed=x"])]
    parts = []
    for action in options(command)[rng.choice(list(options(command)))]:
        needed = not action.option_strings or action.required or action.dest in ("env", "agent")
        chance = 0.97 if needed or action.option_strings[0] in SMALL else 0.15
        if rng.random() < chance:
            parts.append(words(rng, action))
    if command == "record":  # Several episodes take minutes to draw, and say so.
        several = [["--episodes", count] for count in ("2", "3", "8", "1_0")]
        parts = [["--episodes", "1"] if part in several else part for part in parts]
    rng.shuffle(parts)
    if rng.random() < 0.04:
        parts.insert(
            0, [rng.choice(["--no-such", "-x", "--", "--help", "--env=MetaBandit-v0", "\udcff"])]
        )
    return [command, *(word for part in parts for word in part)]


def describe(number: int) -> str:
    """The command line of a number."""
    shown = (w if len(w) < 60 else f"{w[:40]}...({len(w)})" for w in draw(number))
    return " ".join(ascii(word) for word in shown)


def furnish(folder: Path) -> None:
    """Puts into a folder what the command lines name."""
    shutil.copytree(trained(), folder / "run")
    shutil.copytree(trained(), folder / "damaged")
    for path in (folder / "damaged").iterdir():
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-20])
    (folder / "file").write_text("text")
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("nowhere")


def contents(folder: Path) -> set[str]:
    """Every path in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def example(number: int) -> str:
    """Runs a command line in a folder of its own."""
    line, home, out, err = draw(number), Path.cwd(), io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory(prefix="fuzz_") as name:
        folder = Path(name)
        furnish(folder)
        before = contents(folder)
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                usage = False
                try:
                    status: Any = main(line)
                except SystemExit as error:  # Of tyro, which writes errors its own way.
                    status, usage = error.code, True
        finally:
            os.chdir(home)
        new = contents(folder) - before
        check(line, status, usage, out.getvalue(), err.getvalue())
        must(not any("partial" in path for path in new), f"left half-written: {sorted(new)}")
        must(
            status == 0 or not new,
            f"left after an error: {sorted(new)[:9]}: {err.getvalue()[-200:]}",
        )
        if status == 0 and "--out" in line and not {"--help", "-h"} & set(line):
            where = folder / line[len(line) - line[::-1].index("--out")]
            must(where.exists(), f"exit 0, and no {where.name}")
    return f"exit {status}: {' '.join((err.getvalue() or out.getvalue()).split())[-150:]}"


def check(line: list[str], status: Any, usage: bool, out: str, err: str) -> None:
    """Raises a Finding if a command ended otherwise than it may."""
    must(status in (0, 2), f"exit {status!r}: {err[-300:]}")
    must("Traceback" not in err, f"a traceback: {err[-300:]}")
    if status == 0:
        if "--json" in line and line[0] in ("evaluate", "compare") and "--help" not in line:
            for text in out.strip().splitlines():
                json.loads(text)
        return
    if usage or (line in ([], [""]) and "usage:" in out):
        return
    errors = [text for text in err.splitlines() if text.startswith("error: ")]
    must(len(errors) == 1, f"{len(errors)} errors: {err[-300:]}")
    must(err.rstrip("\n").endswith(errors[0]), f"more after the error: {err[-300:]}")
    must(len(errors[0]) < running.LONGEST_LINE, f"a line of {len(errors[0])}: {errors[0][:200]}")
