"""Sweeps: what they train, that it is what a training alone gives, and that they can be killed.

Run as a program it kills a sweep of 16 runs half way, on both engines, and compares what comes of
it with what comes of one that was never killed:
`python -m tests.baselines.training.sweep.test_sweep`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.training.sweep.journal import JOURNAL, RUNGS
from baselines.training.sweep.perform import RESULT, perform
from baselines.training.sweep.plan import SweepSettings, plan
from baselines.training.sweep.sweep import sweep

KWARGS = '{"num_trials": 10}'
ENGINES = ("local", "ray")


def settings(out, **changes):
    given = {
        "env": ("MetaBandit-v0",),
        "seeds": "0-1",
        "total_timesteps": 3_200,
        "env_kwargs": KWARGS,
        "evaluation_episodes": 20,
        "workers": 1,
    }
    return SweepSettings(out=out, **given | changes)


def rows_of(out):
    """What came of the runs, but for what the clock says."""
    rows = json.loads((out / "results.json").read_text())["rows"]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def trials_of(out):
    """What Optuna's journal of a sweep holds."""
    optuna = pytest.importorskip("optuna")
    journal = optuna.storages.journal.JournalFileBackend(str(out / JOURNAL))
    storage = optuna.storages.JournalStorage(journal)
    return optuna.load_study(study_name="MetaBandit-v0 a2c-lstm", storage=storage).trials


def space_file(folder, **space):
    path = folder / "space.json"
    path.write_text(json.dumps(space))
    return str(path)


def test_a_run_of_a_sweep_is_what_the_agent_alone_gives(tmp_path):
    rows, errors = sweep(settings(tmp_path / "out", agent=("a2c-lstm", "recurrent-ppo")))
    assert not errors
    found = [(row["agent"], row["seed"]) for row in rows]
    assert found == [(agent, s) for s in (0, 1) for agent in ("a2c-lstm", "recurrent-ppo")]
    kwargs = json.loads(KWARGS)
    alone = A2CLSTM("MetaBandit-v0", seed=1, env_kwargs=kwargs).learn(3_200)
    (row,) = [row for row in rows if row["agent"] == "a2c-lstm" and row["seed"] == 1]
    assert row["weights"] == alone.weights_digest()
    alone.save(tmp_path / "alone.safetensors")
    scored = evaluate(tmp_path / "alone.safetensors", "MetaBandit-v0", 20, 1, kwargs)
    assert row["normalized_score"] == scored.normalized_score


def test_more_seeds_go_on_with_a_sweep(tmp_path):
    first, _ = sweep(settings(tmp_path, seeds="0"))
    written = (tmp_path / "MetaBandit-v0/a2c-lstm/seed0" / RESULT).stat().st_mtime_ns
    more, _ = sweep(settings(tmp_path, seeds="0,2"))
    assert [row["seed"] for row in more] == [0, 2]
    assert more[0] == first[0]
    again = (tmp_path / "MetaBandit-v0/a2c-lstm/seed0" / RESULT).stat().st_mtime_ns
    assert again == written, "a run was done twice"


def test_a_run_that_is_done_is_left_alone(tmp_path):
    """Also where an engine is given all runs, as Ray is."""
    given = settings(tmp_path, seeds="0")
    rows, _ = sweep(given)
    (run,) = plan(given)
    written = (run.folder / RESULT).stat().st_mtime_ns
    assert perform(run, lambda _: False) == rows[0]
    assert (run.folder / RESULT).stat().st_mtime_ns == written


def test_a_run_that_the_command_train_has_trained_is_taken(tmp_path):
    folder = tmp_path / "MetaBandit-v0/a2c-lstm/seed0"
    command = ["train", "--env", "MetaBandit-v0", "--env-kwargs", KWARGS, "--out", str(folder)]
    command += ["--evaluation-episodes", "0", "--total-timesteps", "3200"]
    assert main(command) == 0
    checkpoint = max((folder / "checkpoints").glob("*.safetensors"))
    before = checkpoint.stat().st_mtime_ns
    rows, _ = sweep(settings(tmp_path, seeds="0"))
    assert rows[0]["normalized_score"] is not None
    assert checkpoint.stat().st_mtime_ns == before


def test_another_training_in_the_folder_is_not_taken_for_its_own(tmp_path):
    sweep(settings(tmp_path, seeds="0"))
    (tmp_path / "MetaBandit-v0/a2c-lstm/seed0" / RESULT).unlink()
    rows, errors = sweep(settings(tmp_path, seeds="0", total_timesteps=6_400))
    assert not rows
    (error,) = errors.values()
    assert "was trained with another `total_timesteps`: choose another `out=`" in error


def test_a_training_that_fails_is_counted_and_the_others_go_on(tmp_path):
    rows, errors = sweep(
        settings(
            tmp_path,
            seeds="0",
            space=space_file(tmp_path, learning_rate=[1e30]),
            num_samples=1,
        )
    )
    assert not errors
    assert rows[0]["failed"] and "nan" in rows[0]["failed"]
    assert rows[0].get("normalized_score") is None


def test_halving_stops_what_is_behind_and_that_stays_stopped(tmp_path):
    """The first training reaches every rung alone; those after it are compared with it.

    Broken, too, if a training that is over in no time could go by unseen.
    """
    given = settings(
        tmp_path,
        seeds="0-7",
        space=space_file(tmp_path, hidden_size=[8]),
        num_samples=1,
        halving=True,
        total_timesteps=64_000,
    )
    rows, errors = sweep(given)
    assert not errors
    stopped = [row for row in rows if row["stopped_early"]]
    assert 1 <= len(stopped) < len(rows) == 8
    assert all(row.get("normalized_score") is None for row in stopped)
    assert list(trials_of(tmp_path)[0].intermediate_values) == list(range(1, RUNGS + 1))
    again, _ = sweep(given)
    assert again == rows


def test_the_journal_holds_what_was_drawn_and_what_it_came_to(tmp_path):
    space = space_file(tmp_path, learning_rate={"low": 1e-3, "high": 1e-2, "log": True})
    rows, _ = sweep(settings(tmp_path, seeds="0", space=space, num_samples=3))
    trials = trials_of(tmp_path)
    assert [trial.params for trial in trials] == [row["parameters"] for row in rows]
    assert [trial.value for trial in trials] == [row["selection_return"] for row in rows]


def command_of(out, engine, seeds):
    return [
        *(sys.executable, "-m", "baselines", "sweep", "--env", "MetaBandit-v0"),
        *("--env-kwargs", KWARGS, "--seeds", seeds, "--total-timesteps", "100000"),
        *("--evaluation-episodes", "50", "--workers", "2", "--engine", engine, "--out", str(out)),
    ]


def killed_half_way(out, engine, seeds, count):
    """Kills a sweep as soon as half of its runs are done; returns when each result was written."""
    with (out.parent / f"{out.name}.txt").open("w") as log:
        process = subprocess.Popen(command_of(out, engine, seeds), stdout=log, stderr=log)
        while len(results_in(out)) < count // 2:
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    return {path: path.stat().st_mtime_ns for path in results_in(out)}


def results_in(out):
    """The results of runs, not those that Ray keeps of its own."""
    return sorted(path for path in out.glob(f"MetaBandit-v0/**/{RESULT}"))


def compare_killed(folder, engine, seeds, count):
    """Asserts that a sweep that was killed and started again ends as one that was not.

    The latter is always of the local engine: both come to the same.
    """
    killed, whole = folder / f"{engine}_killed", folder / f"{engine}_whole"
    written = killed_half_way(killed, engine, seeds, count)
    assert count // 2 <= len(written) < count
    for out, by in ((killed, engine), (whole, "local")):
        subprocess.run(command_of(out, by, seeds), check=True, capture_output=True)
    assert rows_of(killed) == rows_of(whole)
    assert len(rows_of(whole)) == count
    for path, when in written.items():
        assert path.stat().st_mtime_ns == when, f"{path} was done twice"


def test_a_sweep_that_is_killed_ends_as_one_that_is_not(tmp_path):
    compare_killed(tmp_path, "local", "0-3", 4)


@pytest.mark.skipif("REQUIRE_RAY" not in os.environ, reason="make test-ray runs it")
def test_a_sweep_on_ray_that_is_killed_ends_as_one_that_is_not(tmp_path):
    compare_killed(tmp_path, "ray", "0-3", 4)


@pytest.mark.skipif("REQUIRE_RAY" not in os.environ, reason="make test-ray runs it")
def test_ray_stops_what_is_behind(tmp_path):
    space = space_file(tmp_path, learning_rate=[6e-3, 1e-9])
    command = [*command_of(tmp_path / "out", "ray", "0-1"), "--space", space, "--halving"]
    subprocess.run([*command, "--num-samples", "4"], check=True, capture_output=True)
    rows = rows_of(tmp_path / "out")
    assert len(rows) == 8
    assert 1 <= sum(row["stopped_early"] for row in rows) < 8


def test_ctrl_c_keeps_what_has_been_trained(tmp_path):
    out = tmp_path / "out"
    command = command_of(out, "local", "0-1")
    command[command.index("100000")] = "100000000"
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has what it starts in the background, such as these tests, ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    logs = [out / f"MetaBandit-v0/a2c-lstm/seed{seed}/log.csv" for seed in (0, 1)]
    while not all(log.exists() for log in logs):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "stopped; the same command goes on"
    for log in logs:
        assert list((log.parent / "checkpoints").glob("*.safetensors"))
        assert not (log.parent / RESULT).exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seeds", "3-"], "--seeds must be like 0-9 or 0,3,5-7, got '3-'"),
        (["--seeds", "0,0"], "--seeds must name each seed once"),
        (["--halving"], "--halving compares settings: give a --space, or leave it out"),
        (["--space", "wang"], "there is no space 'wang' (did you mean wang2016?)"),
        (["--workers", "0"], "--workers must be a whole number of at least 1, got 0"),
        (["--agent", "ucb"], "there is no agent 'ucb' to train"),
        (["--preset", "worst"], "a2c-lstm has no preset 'worst'"),
        (["--env", "MetaBandit-v0", "MetaBandit-v0"], "is named twice"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, capsys, options, message):
    out = tmp_path / "out"
    command = ["sweep", "--env", "MetaBandit-v0", "--out", str(out)]
    assert main([*command, *options]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not out.exists()


def test_the_first_seed_of_everything_comes_first(tmp_path):
    """So that somebody who stops a long sweep has one seed of each, not ten of one."""
    runs = plan(settings(tmp_path, env=("MetaBandit-v0", "MetaBanditRestless-v0"), seeds="4,5"))
    assert [(run.train.env, run.train.seed) for run in runs] == [
        ("MetaBandit-v0", 4),
        ("MetaBanditRestless-v0", 4),
        ("MetaBandit-v0", 5),
        ("MetaBanditRestless-v0", 5),
    ]


def test_the_table_counts_failures_as_chance(tmp_path, capsys):
    from baselines.reporting.sweeps import print_sweep

    row = {"env": "E", "agent": "a", "setting": None, "seconds": 1.0, "total_timesteps": 10}
    scored = row | {"failed": None, "normalized_score": 1.0, "mean_return": 2.0}
    print_sweep([*[scored | {"seed": seed} for seed in range(3)], row | {"failed": "nan"}])
    line = capsys.readouterr().out.splitlines()[3]
    cells = [cell.strip() for cell in line.split("│")[1:-1]]
    # Of 0, 1, 1, 1 the middle half are two ones.
    assert cells[2:4] == ["4", "1"] and cells[4].startswith("1.000 [")
    assert np.isclose(float(cells[4].split("[")[1].split(",")[0]), 0, atol=0.51)


@pytest.mark.skipif("REQUIRE_RAY" not in os.environ, reason="make test-ray runs it")
def test_a_ray_cluster_that_refuses_is_told_by_its_address(tmp_path, monkeypatch):
    """Broken if Ray's error passed for one of the folder, or showed a traceback."""
    import ray

    def refuse(**_):
        raise ConnectionError("an authentication token is missing\nlong explanation")

    monkeypatch.setattr(ray, "init", refuse)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.7:6379")
    expected = "no Ray at RAY_ADDRESS=10.0.0.7:6379 can be used: an authentication token is missing"
    with pytest.raises(InputError, match=f"^{expected}$"):
        sweep(settings(tmp_path, engine="ray"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for engine in ENGINES:
            compare_killed(Path(folder), engine, "0-15", 16)
            print(f"{engine}: 16 results, the same as of a sweep that was never killed")
