"""Several processes train one agent as one would, and stop and go on together."""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file

from baselines.cli.main import main
from baselines.common.run_folder import RunFolder

COMMAND = [sys.executable, "-m", "baselines", "train"]
OPTIONS = ["--env", "MetaBandit-v0", "--env-kwargs", '{"num_trials": 20}', "--num-envs", "6"]
OPTIONS += ["--hidden-size", "8", "--evaluation-episodes", "0", "--processes", "2"]
OPTIONS += ["--checkpoint-every", "20", "--total-timesteps", "18000"]

AVERAGE = """
import torch
from baselines.common import distributed
with distributed.group(1, []):
    rank = distributed.rank()
    parameters = [torch.nn.Parameter(torch.zeros(2, 3)), torch.nn.Parameter(torch.zeros(4))]
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 1.0 + 2 * rank)
    assert not distributed.average_gradients(parameters, False)
    assert all(bool((p.grad == 2).all()) for p in parameters)
    assert distributed.average_gradients(parameters, rank == 1)
    assert distributed.share(6) == 3
    assert distributed.gather(rank) == ([0, 1] if rank == 0 else [])
"""


def last_checkpoint(run):
    return RunFolder(run).latest_checkpoint()


def run_pair(command):
    """Exit statuses of two processes under the variables that torchrun sets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    pair = [
        subprocess.Popen(command, env=shared | {"RANK": rank, "LOCAL_RANK": rank}) for rank in "01"
    ]
    return [process.wait(timeout=120) for process in pair]


def test_gradients_are_averaged_and_flags_travel_along():
    """Broken if a process would go its own way."""
    assert run_pair([sys.executable, "-c", AVERAGE]) == [0, 0]


def test_two_processes_stop_and_go_on_together_bit_for_bit(tmp_path):
    """Ctrl-C in one of them must not leave the other waiting, and nothing may be lost.

    It does not matter who has started them, and those of torchrun must end well: none may still
    wait for the others when they are done, as with a last save.
    """
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run_pair([*COMMAND, *OPTIONS, "--out", str(whole)]) == [0, 0]
    process = subprocess.Popen(
        [*COMMAND, *OPTIONS, "--out", str(broken)], stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not RunFolder(broken).checkpoints() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert f"--resume {broken}" in output
    assert last_checkpoint(broken).stem < last_checkpoint(whole).stem
    assert main(["train", "--resume", str(broken)]) == 0
    assert last_checkpoint(broken).read_bytes() == last_checkpoint(whole).read_bytes()
    assert (broken / "log.csv").read_bytes() == (whole / "log.csv").read_bytes()
    tensors = load_file(last_checkpoint(whole))
    assert tensors["rank0.env.observation"].shape == (3, 4)
    # Not the same tasks twice over, nor the same luck with actions.
    draws = [tensors[f"rank{rank}.env.family.draws"] for rank in (0, 1)]
    assert not np.isin(*draws).any()
    assert not np.array_equal(tensors["rank0.generator"], tensors["rank1.generator"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--num-envs", "7"], "--num-envs must be a multiple of the 2 processes, got 7"),
        (["--agent", "recurrent-ppo"], "trains in one process"),
    ],
)
def test_what_cannot_be_shared_is_refused(options, message, tmp_path, capsys):
    """Before another process is started, which would take seconds."""
    out = tmp_path / "run"
    start = ["train", "--env", "MetaBandit-v0", "--processes", "2", "--out", str(out)]
    assert main([*start, *options]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not out.exists()
