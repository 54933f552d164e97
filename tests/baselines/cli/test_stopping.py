"""Long commands: they say where they are, and keep what they have finished when stopped."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from baselines.benchmarks import run as benchmark
from baselines.cli.main import main
from baselines.common import progress
from baselines.experiments import duan2016_bandits, wang2016_bandits, wang2016_harlow
from baselines.experiments import wang2016_navigation as navigation
from baselines.experiments.two_step import trials as two_step


def files(path):
    return sorted(file.name for file in path.iterdir()) if path.exists() else []


def stop(observation, state, episode_start, deterministic):
    """An agent in whose place somebody presses Ctrl-C."""
    raise KeyboardInterrupt


def test_evaluate_keeps_the_agents_it_has_finished(tmp_path, capsys):
    out = tmp_path / "scores"
    command = ["evaluate", "--env", "MetaBandit-v0", "--agent", "random", "ucb", f"{__name__}:stop"]
    assert main([*command, "--episodes", "5", "--out", str(out)]) == 130
    output = capsys.readouterr()
    assert output.err == "stopped after 2 of 3 scores\n"
    scores = json.loads((out / "scores.json").read_text())["scores"]
    assert [score["agent"] for score in scores] == ["random", "ucb"]
    assert "ucb" in output.out and "stop" not in output.out


def slow(observation, state, episode_start, deterministic):
    """An agent that nobody waits for."""
    time.sleep(1)
    return np.zeros(len(observation), np.int64), None


def test_evaluate_stops_at_a_real_ctrl_c():
    command = ["evaluate", "--env", "MetaBandit-v0", "--json", "--episodes", "5"]
    process = subprocess.Popen(
        [sys.executable, "-m", "baselines", *command, "--agent", "random", f"{__name__}:slow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has what it starts in the background, such as these tests, ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert first["agent"] == "random"
    assert (process.returncode, output) == (130, "")
    assert errors == "stopped after 1 of 2 scores\n"


def stop_at(monkeypatch, module, name, call):
    """Has somebody press Ctrl-C in the n-th call of a module's function."""
    calls, real = [], getattr(module, name)

    def counted(*arguments, **keywords):
        calls.append(arguments)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(*arguments, **keywords)

    monkeypatch.setattr(module, name, counted)


REPRODUCE = {
    # The third row: five bandits each.
    "wang2016-bandits": (wang2016_bandits, "evaluate", 11, "stationary.md", 2),
    "wang2016-harlow": (wang2016_harlow, "play", 2, "harlow.md", 13),
    "wang2016-navigation": (navigation, "play", 2, "latencies.md", 5),
    "wang2016-two-step": (two_step, "play", 3, "stays.md", 5),
}


@pytest.mark.parametrize("name", REPRODUCE)
def test_reproduce_keeps_the_rows_it_has_finished(name, tmp_path, monkeypatch, capsys):
    """With those published, which stand below."""
    module, function, call, table, rows = REPRODUCE[name]
    stop_at(monkeypatch, module, function, call)
    out = tmp_path / "out"
    assert main(["reproduce", name, "--episodes", "5", "--out", str(out)]) == 130
    output = capsys.readouterr()
    assert output.err == f"stopped; what was finished is in {out}\n"
    lines = (out / table).read_text().splitlines()
    assert len(lines) == 2 + rows
    assert all(cell in output.out for cell in lines[2].strip("| ").split(" | "))


def test_reproduce_stopped_at_once_says_so(tmp_path, monkeypatch, capsys):
    stop_at(monkeypatch, duan2016_bandits, "evaluate", 1)
    assert main(["reproduce", "duan2016-bandits", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == "stopped; nothing was finished\n"


@pytest.mark.parametrize(("call", "kept"), [(1, "nothing is kept"), (5, "backends written into ")])
def test_benchmark_keeps_the_sections_it_has_finished(call, kept, tmp_path, monkeypatch, capsys):
    rate = {"steps_per_second": 1.0}
    monkeypatch.setattr(benchmark, "_in_a_process", lambda row, timed: rate)
    stop_at(monkeypatch, benchmark, "_in_a_process", call)
    command = ["benchmark", "--only", "backends", "pixels", "--repeats", "1"]
    assert main([*command, "--out", str(tmp_path)]) == 130
    assert kept in capsys.readouterr().err
    assert files(tmp_path) == (["benchmark.json"] if call > 1 else [])


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["evaluate", "--agent", "random", "--env", "MetaBandit-v0"], "% evaluating random, "),
        (["compare", "random", "ucb", "--env", "MetaBandit-v0"], "comparing random and ucb, "),
        (["reproduce", "wang2018-fig1d"], "% thompson (3 of 5), "),
        (["train", "--env", "MetaBandit-v0", "--total-timesteps", "3200"], "% evaluating thompson"),
    ],
)
def test_a_line_now_and_then_says_where_it_is(command, line, tmp_path, monkeypatch, capsys):
    """Where the output is a file, minutes passed without a word."""
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.001)
    monkeypatch.chdir(tmp_path)
    episodes = "--evaluation-episodes" if command[0] == "train" else "--episodes"
    assert main([*command, episodes, "2000"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert any(line in one for one in lines), lines
    assert all(one.endswith((" s left", " s so far")) for one in lines)


def test_benchmark_says_which_row_it_measures(tmp_path, monkeypatch, capsys):
    def measure(row, timed):
        time.sleep(0.1)
        return {"steps_per_second": 1.0}

    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.01)
    monkeypatch.setattr(benchmark, "_in_a_process", measure)
    command = ["benchmark", "--only", "backends", "--repeats", "1", "--out", str(tmp_path)]
    assert main(command) == 0
    assert "% backends: torch.compile (3 of 3), " in capsys.readouterr().err
