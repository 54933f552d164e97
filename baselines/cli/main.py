"""`python -m baselines COMMAND`: finds the command, and shows errors of input as one line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from baselines.common.errors import InputError, with_flags

COMMANDS = {
    "list": "the environments and the agents",
    "train": "train an agent and score it",
    "evaluate": "score agents and checkpoints",
    "compare": "compare two agents, episode by episode",
    "play": "play an environment yourself, with the keyboard",
    "record": "record an agent's episodes as an animated GIF",
    "plot": "draw the learning curves of runs",
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
            "`python -m baselines COMMAND --help` shows a command's options.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0 if arguments else 2
    command, *rest = arguments
    try:
        if command not in COMMANDS:
            raise InputError(f"there is no command {command!r}: use {', '.join(COMMANDS)}")
        importlib.import_module(f"baselines.cli.{command}").main(rest)
    except InputError as error:
        print(f"error: {with_flags(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0
