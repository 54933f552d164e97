"""`python -m baselines COMMAND`: finds the command, and shows errors of input as one line."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import meta_envs
from baselines.common.errors import InputError, did_you_mean, one_line, with_flags
from baselines.common.extras import require

COMMANDS = {
    "list": "the environments and the agents",
    "train": "train an agent and score it",
    "sweep": "train and score many agents: seeds, or settings from a space",
    "publish": "make cards of a sweep's agents, to be included or shared",
    "evaluate": "score agents and checkpoints",
    "compare": "compare two agents, episode by episode",
    "play": "play an environment yourself, with the keyboard",
    "record": "record an agent's episodes as an animated GIF",
    "plot": "draw the learning curves of runs",
    "inside": "look into a trained agent: its activity, beside the optimum's belief",
    "reproduce": "repeat an experiment of a paper",
    "benchmark": "measure speed and memory, beside what else there is",
}
"""By name: what each does. Its module in `baselines.cli` has a function `main(arguments)`."""


def usage() -> str:
    """How the command line is used."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:{width}}{summary}" for name, summary in COMMANDS.items()]
    return "\n".join(
        [
            "usage: python -m baselines COMMAND [OPTION ...]",
            "",
            *lines,
            "",
            "`python -m baselines COMMAND --help` shows a command's options, `--version` instead",
            "of a command the version.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status.

    That is 2 after an error of input, 130 after Ctrl-C, and 141 where the output is a pipe that
    nobody reads any more. A command says what it has kept in its KeyboardInterrupt.
    """
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        # Whether anybody reads what is still to be written shows here.
        sys.stdout.flush()
    except InputError as error:
        print(f"error: {with_flags(one_line(error))}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt as error:
        print(str(error) or "stopped", file=sys.stderr)
        status = 130
    except BrokenPipeError:
        # As other tools end when `head` has read enough. The interpreter flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    return status


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(f"meta-envs {meta_envs.__version__}")
        return 0
    command, *rest = arguments
    if command not in COMMANDS:
        meant = did_you_mean(command, COMMANDS)
        raise InputError(f"there is no command {command!r}{meant}: use {', '.join(COMMANDS)}")
    require("torch", "tyro")
    importlib.import_module(f"baselines.cli.{command}").main(rest)
    return 0
