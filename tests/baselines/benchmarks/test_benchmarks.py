"""The benchmark: its rows can be run, and its ratios and figure say what they seem to say."""

import inspect
import json
import math
import subprocess
import sys

import pytest

from baselines.benchmarks.jobs import MEASURES, run_job
from baselines.benchmarks.run import is_installed, plot_scaling, ratios_to_peers
from baselines.benchmarks.suite import SCALES, SECTIONS, TIMED
from baselines.cli.main import main

ROWS = [(section, row) for section, rows in SECTIONS.items() for row in rows()]


def test_every_row_can_be_run():
    """Broken if a renamed argument would show only after half an hour of measuring."""
    assert len({(section, row.name) for section, row in ROWS}) == len(ROWS)
    for section, row in ROWS:
        arguments = {k: v for k, v in row.job.items() if k not in ("cores", "processes")}
        measure = MEASURES[arguments.pop("measure")]
        if section in TIMED:
            arguments["seconds"] = 1.0
        inspect.signature(measure).bind(**arguments)


JOBS = [
    {"measure": "scalar environment", "env_id": "MetaBandit-v0", "seconds": 0.01},
    {"measure": "vector environment", "env_id": "MetaBandit-v0", "num_envs": 4, "mode": None},
    {"measure": "vector environment", "env_id": "MetaBandit-v0", "num_envs": 4, "mode": "sync"},
    {"measure": "a2c-lstm", "num_envs": 2, "hidden_size": 4},
    {"measure": "a2c-lstm", "num_envs": 2, "backend": "torch", "hidden_size": 4},
    {"measure": "recurrent-ppo", "stock": False, "num_envs": 4},
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: "-".join(map(str, job.values())))
def test_a_measurement_gives_a_rate_and_the_memory(job):
    metrics = run_job(job | {"seconds": 0.01}, [])
    assert 10 < metrics["steps_per_second"] < 1e9
    assert 50 < metrics["memory_mb"] < 10_000


def test_time_to_regret_counts_training_until_the_regret_is_reached():
    """Broken if it would stop at a regret that is too high, or call a failure a success."""
    job = {"measure": "time to regret", "env_id": "MetaBandit-v0", "seed": 0, "every": 1}
    job |= {"changes": {"num_envs": 8}}
    reached = run_job(job | {"regret": 30.0, "total_timesteps": 20_000}, [])
    assert reached["steps"] == 100 * 8
    assert 0 < reached["seconds"] < 60
    missed = run_job(job | {"regret": 0.1, "total_timesteps": 7_000}, [])
    assert math.isinf(missed["seconds"])
    assert missed["regret"] > 0.1


def test_a_measurement_in_a_process_of_its_own_prints_json():
    job = json.dumps(JOBS[1] | {"seconds": 0.01, "cores": 1})
    command = [sys.executable, "-m", "baselines", "benchmark", "--job", job]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["steps_per_second"] > 0


def test_ratios_are_to_the_best_of_the_peers():
    rates = {"A2C-LSTM 64, 1 core": 30.0, "JAX A2C 32, 1 core": 10.0, "JAX A2C 64, 1 core": 20.0}
    ratios = ratios_to_peers({name: {"steps_per_second": rate} for name, rate in rates.items()})
    assert ratios["A2C-LSTM 64, 1 core"] == "1.50 x JAX A2C"
    assert not ratios_to_peers({"A2C-LSTM 64, 1 core": {"steps_per_second": 1.0}})


def test_the_figure_is_drawn_also_where_rows_are_missing(tmp_path):
    row = {"steps_per_second": 1e5, "memory_mb": 300.0}
    metrics = {f"{value:,} {size}": row for size, values in SCALES.items() for value in values[1:]}
    plot_scaling(metrics, tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes()[1:4] == b"PNG"
    assert not is_installed("no_such_package")


@pytest.mark.parametrize("options", [["--only", "speed"], ["--repeats", "0"], ["--seconds", "0"]])
def test_bad_options_are_refused(options, capsys, tmp_path):
    assert main(["benchmark", *options, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()
