"""Options as people type them: what is taken, and what is asked instead of guessed."""

import json
import subprocess
import sys

import pytest

import meta_envs
from baselines.cli.main import main
from baselines.cli.options import split_seeds
from baselines.evaluation.evaluate import evaluate

TRAIN = ["train", "--env", "MetaBandit-v0", "--num-envs", "8", "--hidden-size", "8"]


def config(folder):
    return json.loads((folder / "config.json").read_text())


@pytest.mark.parametrize(("typed", "steps"), [("1e3", 1000), ("1_000", 1000), ("0.9e3", 900)])
def test_whole_numbers_are_taken_as_people_write_them(typed, steps, tmp_path):
    out = tmp_path / "run"
    command = [*TRAIN, "--evaluation-episodes", "0", "--out", str(out)]
    assert main([*command, "--total-timesteps", typed]) == 0
    assert config(out)["total_timesteps"] == steps


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        (["--learning-rate", "0.001"], 0.001, 0.001),
        (["--learning-rate=0.001"], 0.001, 0.001),
        (["--learning_rate", "0.001", "--learning-rate.end", "0"], 0.001, 0),
        (["--learning-rate.start", "0.001"], 0.001, 0),
    ],
)
def test_one_number_for_a_schedule_is_a_constant(typed, start, end, tmp_path):
    """Broken if the long form would not work any more, or not change what the short one gave."""
    out = tmp_path / "run"
    command = [*TRAIN, "--evaluation-episodes", "0", "--out", str(out), "--total-timesteps", "800"]
    assert main([*command, *typed]) == 0
    schedule = config(out)["config"]["learning_rate"]
    assert (schedule["start"], schedule["end"]) == (start, end)


def test_both_agents_take_schedules_alike_and_other_numbers_as_they_are(tmp_path):
    """Broken if RecurrentPPO's discount could not move, or what is no schedule became one."""
    out = tmp_path / "run"
    command = [*TRAIN, "--agent", "recurrent-ppo", "--evaluation-episodes", "0", "--out", str(out)]
    typed = ["--discount", "0.9", "--entropy-coef.start", "0.2", "--gae-lambda", "0.5"]
    assert main([*command, "--total-timesteps", "800", *typed]) == 0
    settings = config(out)["config"]
    assert (settings["discount"]["start"], settings["discount"]["end"]) == (0.9, 0.9)
    assert (settings["entropy_coef"]["start"], settings["entropy_coef"]["end"]) == (0.2, 0)
    assert settings["gae_lambda"] == 0.5


def test_several_seeds_are_trained_one_after_the_other(tmp_path, capsys):
    """Each must be what it is alone, in a folder of its own; a folder in use stops all of them."""
    command = [*TRAIN, "--evaluation-episodes", "0", "--total-timesteps", "800"]
    assert main([*command, "--seed", "3", "5", "--out", str(tmp_path / "both")]) == 0
    assert main([*command, "--seed", "5", "--out", str(tmp_path / "alone")]) == 0
    assert [config(tmp_path / "both" / f"seed{seed}")["seed"] for seed in (3, 5)] == [3, 5]
    log = (tmp_path / "both" / "seed5" / "log.csv").read_bytes()
    assert log == (tmp_path / "alone" / "log.csv").read_bytes()
    capsys.readouterr()
    assert main([*command, "--seed", "4", "5", "--out", str(tmp_path / "both")]) == 2
    assert "seed5 is not empty" in capsys.readouterr().err
    assert not (tmp_path / "both" / "seed4").exists()


def test_what_follows_a_seed_and_is_no_number_is_no_seed():
    assert split_seeds(["--seed", "1", "ucb"]) == [["--seed", "1", "ucb"]]
    assert split_seeds(["--seed=1", "2", "--x"]) == [["--seed", n, "--x"] for n in "12"]


def test_a_resumed_run_stops_at_no_negative_step(tmp_path, capsys):
    """Broken if the refusal came after config.json has been written."""
    out = tmp_path / "run"
    main([*TRAIN, "--evaluation-episodes", "0", "--total-timesteps", "800", "--out", str(out)])
    before = (out / "config.json").read_bytes()
    assert main(["train", f"--resume={out}", "--total-timesteps", "-7"]) == 2
    assert "--total-timesteps must be at least 1, got -7" in capsys.readouterr().err
    assert (out / "config.json").read_bytes() == before
    assert main(["train", f"--resume={out}", "--total-timesteps", "1.6e3"]) == 0
    assert config(out)["total_timesteps"] == 1600


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"meta-envs {meta_envs.__version__}\n"


def test_scores_are_not_written_over(tmp_path, capsys):
    command = ["evaluate", "--env", "MetaBandit-v0", "--episodes", "5", "--out", str(tmp_path)]
    assert main([*command, "--agent", "random"]) == 0
    before = (tmp_path / "scores.json").read_bytes()
    capsys.readouterr()
    assert main([*command, "--agent", "ucb"]) == 2
    error = capsys.readouterr().err
    assert error == f"error: {tmp_path} holds scores already: choose another --out\n"
    assert (tmp_path / "scores.json").read_bytes() == before


def takes_one(observation):
    return observation


def returns_an_array(observation, state, episode_start, deterministic):
    return observation[:, 0].astype(int)


@pytest.mark.parametrize(
    ("name", "what"),
    [("takes_one", "takes (observation)"), ("returns_an_array", "returns a ndarray")],
)
def test_a_function_of_another_form_is_told_what_is_wanted(name, what, capsys):
    """Two environments' actions would otherwise pass for (actions, state)."""
    agent = f"{__name__}:{name}"
    command = ["evaluate", "--env", "MetaBandit-v0", "--episodes", "2", "--agent", agent]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {agent} {what}: ") and error.count("\n") == 1
    assert "(observation, state, episode_start, deterministic) and returns (actions, st" in error


def test_a_compiled_function_that_tells_no_signature_is_called():
    """`inspect` raises a ValueError for `min`, which then cannot compare what it is given."""
    with pytest.raises(TypeError, match="not supported between"):
        evaluate(min, "MetaBandit-v0", 2)


def test_a_closed_pipe_ends_as_with_other_tools():
    """Broken if `list | head -1` would end in a traceback."""
    command = f"{sys.executable} -m baselines list | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("environment")
    assert (done.returncode, done.stderr) == (141, "")
