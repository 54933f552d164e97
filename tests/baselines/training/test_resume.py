"""Training that is broken off, by whatever, goes on as if it had not been.

Run as a program it kills at random as often as asked:
`python -m tests.baselines.training.test_resume recurrent-ppo 20`.
"""

import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from baselines.cli.main import main
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
    """The files, those half written left out."""
    return sorted((run / "checkpoints").glob("[!.]*"))


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


def test_a_full_disk_stops_with_one_line_and_keeps_the_checkpoints(undisturbed, tmp_path):
    """A limit on the size of files stands for the disk: checkpoints grow until one does not fit."""
    run = tmp_path / "run"

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (138_000, 138_000))

    process = start(*OPTIONS["a2c-lstm"], "--out", str(run), preexec_fn=limit)
    errors = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 2
    assert errors[-1].startswith("error: ")
    assert "cannot be written (File too large)" in errors[-1]
    assert "Traceback" not in "".join(errors)
    assert not list(run.rglob(".*"))
    assert len(checkpoints(run)) > 3
    finish(run)
    assert outcome(run) == outcome(undisturbed("a2c-lstm"))


if __name__ == "__main__":
    agent, kills = sys.argv[1], int(sys.argv[2])
    rng, alike, places = random.Random(0), 0, set()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "undisturbed")
        assert main(["train", *OPTIONS[agent], "--out", str(whole)]) == 0
        for kill in range(kills):
            run = Path(folder, str(kill))
            places.add(kill_at_random(agent, run, whole, rng))
            alike += outcome(run) == outcome(whole)
    print(f"{alike} of {kills} alike, killed after {len(places)} different checkpoints: {places}")
