"""Some of the examples of `python -m tests.fuzz`, the same in every run."""

import subprocess
import sys

import pytest

from tests.fuzz import constructors, running


def test_random_arguments_are_refused_in_a_line_or_work(monkeypatch):
    """Broken by any error that names nothing, any warning and anything taken for what it is not."""
    monkeypatch.setattr(constructors.checks, "MOST_MEMORY", 2**26)
    monkeypatch.setattr(constructors.limits, "MOST_NUMBERS", 10**5)
    lines = [(n, *running.verdict(constructors.example, n)) for n in range(200)]
    assert [f"{n}: {line}" for n, fine, line in lines if not fine] == []
    assert sum(line.startswith("worked") for _, _, line in lines) > 30
    assert sum(line.startswith("refused") for _, _, line in lines) > 30


def run(*arguments):
    """What `python -m tests.fuzz` prints of three examples."""
    command = [sys.executable, "-m", "tests.fuzz", *arguments, "--examples", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 examples, 0 findings" in done.stdout
    return done.stdout


def test_an_example_is_repeated_by_its_number():
    lines = run("constructors", "--first", "5").splitlines()
    assert run("constructors", "--first", "6").splitlines()[:2] == lines[2:4]


def test_random_command_lines_end_in_a_line():
    pytest.importorskip("tyro")
    assert run("commands", "--first", "5").startswith("5 ")


def test_what_is_found_is_told():
    def overflow(number):
        raise OverflowError("too large")

    def unclear(number):
        running.attempt(("num_arms",), int, "x")

    assert running.verdict(overflow, 0)[0] is False
    assert running.verdict(unclear, 0)[1].startswith("names nothing")
