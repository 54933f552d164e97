"""Training that is broken off, by whatever, goes on as if it had not been.

Run as a program it kills at random as often as asked:
`python -m tests.baselines.training.test_resume recurrent-ppo 20`.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from baselines.cli.main import main
from tests.baselines.pixel_cue import ID as PIXEL_ID

STEPS = 60_000
COMMAND = [sys.executable, "-m", "baselines", "train"]
OPTIONS = ["--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 30}', "--num-envs", "6"]
# Rollouts that end in the middle of episodes, so that those must be saved too.
OPTIONS += ["--num-steps", "20", "--checkpoint-every", "7", "--evaluation-episodes", "0"]
OPTIONS += ["--total-timesteps", str(STEPS)]


def outcome(run):
    """What a training leaves: its last checkpoint and its log, byte for byte."""
    last = max((run / "checkpoints").iterdir())
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


def kill_at_random(run, rng):
    """Starts a training, kills it between its first log row and its end, and finishes it."""
    process = start(*OPTIONS, "--out", str(run))
    wait_for((run / "log.csv").exists)
    time.sleep(rng.uniform(0, 0.6))
    process.kill()
    process.communicate()
    killed_at = max((path.stem for path in (run / "checkpoints").glob("[!.]*")), default="0")
    finish(run)
    return int(killed_at)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The same training, never broken off."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    assert main(["train", *OPTIONS, "--out", str(run)]) == 0
    return outcome(run)


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_training_ends_bit_for_bit_the_same(seed, undisturbed, tmp_path):
    """SIGKILL leaves no time to save anything: the last checkpoint must hold everything."""
    kill_at_random(tmp_path / "run", random.Random(seed))
    assert outcome(tmp_path / "run") == undisturbed


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
    checkpoints = sorted((run / "checkpoints").iterdir())
    assert len(checkpoints) == 6
    for path in checkpoints[3:]:
        path.unlink()
    finish(run)
    assert outcome(run) == undisturbed


def test_a_broken_checkpoint_is_passed_over(undisturbed, tmp_path, capsys):
    """One bad file must not cost the run; if all are bad, it must say so and not start anew."""
    run = tmp_path / "run"
    assert main(["train", *OPTIONS, "--out", str(run)]) == 0
    newest = max((run / "checkpoints").iterdir())
    newest.write_bytes(newest.read_bytes()[:1000])
    finish(run)
    assert f"passing over a checkpoint: {newest}" in capsys.readouterr().err
    assert outcome(run) == undisturbed
    for path in (run / "checkpoints").iterdir():
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

    process = start(*OPTIONS, "--out", str(run), preexec_fn=limit)
    errors = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 2
    assert errors[-1].startswith("error: ")
    assert "cannot be written (File too large)" in errors[-1]
    assert "Traceback" not in "".join(errors)
    assert not list(run.rglob(".*"))
    assert len(list((run / "checkpoints").iterdir())) > 3
    finish(run)
    assert outcome(run) == undisturbed


if __name__ == "__main__":
    rng, kills, alike, places = random.Random(0), int(sys.argv[1]), 0, set()
    with tempfile.TemporaryDirectory() as folder:
        assert main(["train", *OPTIONS, "--out", f"{folder}/undisturbed"]) == 0
        expected = outcome(Path(folder, "undisturbed"))
        for kill in range(kills):
            places.add(kill_at_random(Path(folder, str(kill)), rng))
            alike += outcome(Path(folder, str(kill))) == expected
    print(f"{alike} of {kills} alike, killed after {len(places)} different checkpoints: {places}")
