"""`python -m tests.fuzz`: see the package."""

import argparse
import sys

from tests.fuzz import running


def main(arguments: list[str] | None = None) -> int:
    """Runs examples; returns how many found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("what", choices=["constructors", "commands"])
    parser.add_argument("--minutes", type=float, default=10.0, help="at most")
    parser.add_argument("--first", type=int, default=0, help="number of the first example")
    parser.add_argument("--examples", type=int, help="how many, if the minutes suffice")
    given = parser.parse_args(arguments)
    if given.what == "constructors":
        from tests.fuzz import constructors as fuzz
    else:
        from tests.fuzz import commands as fuzz  # type: ignore[no-redef]
    fuzz.prepare()
    findings = running.run(fuzz.example, fuzz.describe, given.first, given.examples, given.minutes)
    print("\n".join(findings))
    return len(findings)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
