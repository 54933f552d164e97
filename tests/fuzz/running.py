"""Runs examples one after another, each within its limits, and tells what they found."""

from __future__ import annotations

import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gymnasium as gym

SECONDS = 10
"""That an example may take of the processor."""
WAITING = 6
"""How many times as long it may take by the clock: others may need the machine too."""
WARNINGS: type[Warning] = Warning
"""Warnings that are errors."""
LONGEST_LINE = 2_000
"""Characters of a message."""
REFUSALS = (ValueError, TypeError, gym.error.Error)


class Finding(Exception):  # noqa: N818
    """What should not be; the message says what."""


class Hang(BaseException):
    """An example that takes too long; no `except Exception` on the way may swallow it."""


def refusal(error: Exception, names: Any) -> str:
    """The message of an error that refuses input.

    Args:
        error: As raised.
        names: Words of which it must have one.

    Raises:
        Finding: If it is no such error, or its message is not one clear line.
    """
    text = str(error)
    if not isinstance(error, REFUSALS):
        raise Finding(f"{type(error).__name__}: {text[:300]}") from error
    if "unexpected keyword argument" in text:  # Gymnasium adds all that was given.
        return text
    if "\n" in text.strip() or len(text) > LONGEST_LINE:
        raise Finding(f"no one line: {type(error).__name__}: {text[:300]!r}") from error
    if not any(name in text for name in names):
        raise Finding(f"names nothing: {type(error).__name__}: {text[:300]}") from error
    return text


def attempt(names: Any, call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[bool, Any]:
    """Whether a call was accepted, and what it returned or the message that refused it.

    Raises:
        Finding: As `refusal`.
    """
    try:
        return True, call(*args, **kwargs)
    except Finding:
        raise
    except Exception as error:
        return False, refusal(error, names)


def must(condition: Any, what: str) -> None:
    """Raises a Finding if a condition does not hold."""
    if not condition:
        raise Finding(what)


@contextmanager
def limited() -> Iterator[None]:
    """Raises Hang after some seconds, and warnings as errors."""

    def stop(*_: Any) -> None:
        raise Hang

    timers = {signal.SIGPROF: signal.ITIMER_PROF, signal.SIGALRM: signal.ITIMER_REAL}
    before = {number: signal.signal(number, stop) for number in timers}
    # Again and again, should the first one be lost in a destructor.
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1.0)
    signal.setitimer(signal.ITIMER_REAL, WAITING * SECONDS, 1.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", WARNINGS)
            # Gymnasium's own, beside our error.
            warnings.filterwarnings("ignore", ".*is being initialised with render_mode")
            yield
    finally:
        for number, timer in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def limit_memory(gibibytes: float) -> None:
    """Lets this process, and what it starts, have so much and no more."""
    most = int(gibibytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def verdict(example: Callable[[int], str], number: int) -> tuple[bool, str]:
    """Whether an example found nothing, and a line about it."""
    try:
        with limited():
            return True, example(number)
    except Hang:
        return False, f"takes longer than {SECONDS} seconds of the processor: {where()}"
    except Finding as finding:
        return False, str(finding)
    except Exception as error:
        return False, f"{type(error).__name__}: {str(error)[:300]} ({where()})"


def where() -> str:
    """The lines on which the exception at hand was raised, ours last."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    return " < ".join(f"{f.filename.rsplit('/', 2)[-1]}:{f.lineno}" for f in frames[::-1][:6])


def run(
    example: Callable[[int], str],
    describe: Callable[[int], str],
    first: int,
    examples: int | None,
    minutes: float,
) -> list[str]:
    """Runs examples until their number or the time is up, printing a line for each.

    Args:
        example: Runs the example of a number and returns a line; raises what it finds.
        describe: What the example of a number is.
        first: The first number.
        examples: How many; None for as many as there is time for.
        minutes: That it may take.

    Returns:
        A line a finding.
    """
    end, findings, number = time.monotonic() + 60 * minutes, [], first
    while time.monotonic() < end and (examples is None or number < first + examples):
        print(f"{number} {describe(number)}", flush=True)
        fine, line = verdict(example, number)
        print(f"    {line}" if fine else f"    FINDING {line}", flush=True)
        if not fine:
            findings.append(f"{number} {describe(number)}\n    {line}")
        number += 1
    print(f"{number - first} examples, {len(findings)} findings")
    return findings
