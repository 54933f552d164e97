"""Training that is broken off, by whatever, goes on as if it had not been.

Run as a program it kills at random as often as asked, and for the A2C-LSTM fills the disk at ten
sizes: `python -m tests.baselines.training.test_resume a2c-lstm 20`.
"""

import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from baselines.cli.main import main
from baselines.common.run_folder import PARTIAL, RunFolder
from tests.baselines.pixel_cue import ID as PIXEL_ID

COMMAND = [sys.executable, "-m", "baselines", "train"]
# Rollouts that end in the middle of episodes, so that those must be saved too.
A2C = ["--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 30}', "--num-envs", "6"]
A2C += ["--num-steps", "20", "--total-timesteps", "36000"]
PPO = ["--env", "MetaHarlowSymbolic-v0", "--env-kwargs", '{"num_trials": 2, "max_frames": 60}']
PPO += ["--agent", "recurrent-ppo", "--num-envs", "4", "--hidden-size", "16"]
PPO += ["--total-timesteps", "9600", "--num-epochs", "1", "--num-minibatches", "1"]
SHARED = ["--checkpoint-every", "7", "--evaluation-episodes", "0"]
OPTIONS = {"a2c-lstm": A2C + SHARED, "recurrent-ppo": PPO + SHARED}
FULL_AT = (0, 1_000, 1_500, 3_000, 10_000, 30_000, 60_000, 100_000, 120_000, 138_000)
"""Sizes of files, in bytes: from the run's settings to its later checkpoints."""
every_agent = pytest.mark.parametrize("agent", OPTIONS)


def outcome(run):
    """What a training leaves: its last checkpoint and its log, byte for byte."""
    last = checkpoints(run)[-1]
    return last.name, last.read_bytes(), (run / "log.csv").read_bytes()


def start(*options, **kwargs):
    """Starts a training in a process of its own."""
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, *options], stdout=pipe, stderr=pipe, text=True, **kwargs)


def finish(run):
    """Goes on with a run until its end."""
    assert main(["train", "--resume", str(run)]) == 0


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def checkpoints(run):
    """The files, the latest last."""
    return RunFolder(run).checkpoints()[::-1]


def kill_at_random(agent, run, undisturbed, rng):
    """Starts a training, kills it at any moment before its end, and finishes it."""
    process = start(*OPTIONS[agent], "--out", str(run))
    number = rng.randrange(len(checkpoints(undisturbed)))
    wait_for(lambda: len(checkpoints(run)) >= number and (run / "log.csv").exists())
    time.sleep(rng.uniform(0, 0.1))
    process.kill()
    process.communicate()
    left = checkpoints(run)
    finish(run)
    return left[-1].stem if left else "none"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A run of an agent's training that was never broken off."""

    @cache
    def train(agent):
        run = tmp_path_factory.mktemp(agent) / "run"
        assert main(["train", *OPTIONS[agent], "--out", str(run)]) == 0
        return run

    return train


@every_agent
def test_a_killed_training_ends_bit_for_bit_the_same(agent, undisturbed, tmp_path):
    """SIGKILL leaves no time to save anything: the last checkpoint must hold everything."""
    kill_at_random(agent, tmp_path / "run", undisturbed(agent), random.Random(0))
    assert outcome(tmp_path / "run") == outcome(undisturbed(agent))


@pytest.mark.parametrize("cell", ["lstm", "stacked-lstm"])
def test_a_training_from_pixels_goes_on_bit_for_bit_the_same(cell, tmp_path):
    """Images are not saved but drawn again; everything else about them must be in the file.

    What comes after the third checkpoint is thrown away, as if the process had been killed then,
    in the middle of episodes.
    """
    run = tmp_path / "run"
    options = ["--env", PIXEL_ID, "--num-envs", "4", "--num-steps", "7", "--hidden-size", "8"]
    options += ["--encoder-size", "6", "--first-hidden-size", "5", "--cell", cell]
    options += ["--checkpoint-every", "3", "--total-timesteps", "500"]
    assert main(["train", *options, "--evaluation-episodes", "0", "--out", str(run)]) == 0
    undisturbed = outcome(run)
    assert len(checkpoints(run)) == 6
    for path in checkpoints(run)[3:]:
        path.unlink()
    finish(run)
    assert outcome(run) == undisturbed


@every_agent
def test_a_broken_checkpoint_is_passed_over(agent, undisturbed, tmp_path, capsys):
    """One bad file must not cost the run; if all are bad, it must say so and not start anew."""
    run = tmp_path / "run"
    shutil.copytree(undisturbed(agent), run)
    newest = checkpoints(run)[-1]
    newest.write_bytes(newest.read_bytes()[:1000])
    finish(run)
    assert f"passing over a checkpoint: {newest}" in capsys.readouterr().err
    assert outcome(run) == outcome(undisturbed(agent))
    for path in checkpoints(run):
        path.write_bytes(b"")
    before = outcome(run)
    assert main(["train", "--resume", str(run)]) == 2
    assert "no checkpoint in" in capsys.readouterr().err.splitlines()[-1]
    assert outcome(run) == before


def full_disk(run, size):
    """Trains with a limit on the size of files, which stands for a full disk; its last line."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = start(*OPTIONS["a2c-lstm"], "--out", str(run), preexec_fn=limit)
    errors = process.communicate(timeout=120)[1].splitlines()
    assert process.returncode == 2, errors
    assert "Traceback" not in "".join(errors)
    assert not list(run.rglob(PARTIAL))
    return errors[-1]


def test_a_full_disk_stops_with_one_line_and_keeps_the_checkpoints(undisturbed, tmp_path):
    """Checkpoints grow until one does not fit; with room again the run goes on."""
    run = tmp_path / "run"
    last = full_disk(run, 138_000)
    assert last.startswith("error: ")
    assert "cannot be written (File too large)" in last
    assert len(checkpoints(run)) > 3
    finish(run)
    assert outcome(run) == outcome(undisturbed("a2c-lstm"))


LONG = [*OPTIONS["a2c-lstm"], "--total-timesteps", "100000000", "--checkpoint-every", "1000000"]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_asked_to_stop_saves_and_goes_on(signal_number, tmp_path):
    """A job that a cluster ends, and a terminal that is closed."""
    run = tmp_path / "run"

    def as_usual():
        # Whoever runs the tests under nohup ignores it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    process = start(*LONG, "--out", str(run), preexec_fn=as_usual)
    wait_for(lambda: (run / "log.csv").exists())
    process.send_signal(signal_number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert f"--resume {run}" in output
    # Of a training that long, nothing but the signal has written a checkpoint yet.
    (checkpoint,) = checkpoints(run)
    further = str(int(checkpoint.stem) + 240)
    assert main(["train", "--resume", str(run), "--total-timesteps", further]) == 0
    assert checkpoints(run)[-1].stem.endswith(further)


def test_a_run_under_nohup_goes_on_when_the_terminal_is_closed(tmp_path):
    run = tmp_path / "run"

    def as_nohup():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = start(*LONG, "--out", str(run), preexec_fn=as_nohup)
    wait_for(lambda: (run / "log.csv").exists())
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_two_processes_do_not_train_in_one_folder(tmp_path, capsys):
    """Broken if both wrote one log twice. A process that was killed leaves no lock behind."""
    run = tmp_path / "run"
    process = start(*LONG, "--out", str(run))
    wait_for(lambda: (run / "log.csv").exists())
    settings = (run / "config.json").read_bytes()
    for command in (["--resume", str(run)], [*LONG, "--out", str(run)]):
        assert main(["train", *command]) == 2
        last = capsys.readouterr().err.splitlines()[-1]
        assert "another process trains in" in last or "is not empty" in last
    assert (run / "config.json").read_bytes() == settings
    process.kill()
    process.communicate()
    assert main(["train", "--resume", str(run), "--total-timesteps", "240"]) == 0


def test_a_run_without_its_checkpoints_starts_anew(undisturbed, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(undisturbed("a2c-lstm"), run)
    shutil.rmtree(run / "checkpoints")
    finish(run)
    assert outcome(run) == outcome(undisturbed("a2c-lstm"))


def test_a_folder_that_cannot_be_written_to_is_one_line(undisturbed, tmp_path, capsys, monkeypatch):
    """Root may write anywhere, so the system's answer is put in its mouth."""
    run = tmp_path / "run"
    shutil.copytree(undisturbed("a2c-lstm"), run)
    before = outcome(run)

    def refuse(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    for function in ("open", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, refuse)
            assert main(["train", "--resume", str(run), "--total-timesteps", "40000"]) == 2
        last = capsys.readouterr().err.splitlines()[-1]
        assert f"{run} cannot be written (Permission denied)" in last
        assert outcome(run) == before


@pytest.mark.parametrize("total", ["-7", "0"])
def test_a_total_that_is_none_is_refused_before_it_is_written(total, undisturbed, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(undisturbed("a2c-lstm"), run)
    before = (run / "config.json").read_bytes()
    assert main(["train", "--resume", str(run), "--total-timesteps", total]) == 2
    assert "--total-timesteps must be" in capsys.readouterr().err.splitlines()[-1]
    assert (run / "config.json").read_bytes() == before


if __name__ == "__main__":
    agent, kills = sys.argv[1], int(sys.argv[2])
    rng, alike, places = random.Random(0), 0, set()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "undisturbed")
        assert main(["train", *OPTIONS[agent], "--out", str(whole)]) == 0
        for size in FULL_AT if agent == "a2c-lstm" else ():
            run = Path(folder, f"full{size}")
            print(full_disk(run, size))
            # Before the settings are written there is nothing to go on with, nor in the way.
            begun = ["--resume", str(run)] if (run / "config.json").exists() else None
            assert main(["train", *(begun or [*OPTIONS[agent], "--out", str(run)])]) == 0
            print(f"disk full at {size} bytes, alike: {outcome(run) == outcome(whole)}")
        for kill in range(kills):
            run = Path(folder, str(kill))
            places.add(kill_at_random(agent, run, whole, rng))
            alike += outcome(run) == outcome(whole)
    print(f"{alike} of {kills} alike, killed after {len(places)} different checkpoints: {places}")
