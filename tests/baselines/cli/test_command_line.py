"""The commands as a user types them: what they print, write, refuse, and how they stop."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import save_file

from baselines.cli.main import main
from baselines.common.machine import machine
from baselines.common.run_folder import RunFolder
from baselines.evaluation.evaluate import evaluate
from tests.baselines import aim

QUICK = [
    "--num-envs",
    "8",
    "--hidden-size",
    "8",
    "--evaluation-episodes",
    "40",
    "--total-timesteps",
    "4000",
]


def files(path):
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of each agent, quick and poor, by the command line."""
    folder = tmp_path_factory.mktemp("runs")
    for agent, options in (("a2c-lstm", []), ("recurrent-ppo", ["--num-minibatches", "1"])):
        out = ["--out", str(folder / agent)]
        command = ["train", "--env", "MetaBandit-v0", "--agent", agent, *QUICK, *options, *out]
        assert main(command) == 0
    return folder


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_train_leaves_a_folder_that_says_everything(trained, agent):
    """Without its settings, log and checkpoint a run could not be told apart or repeated."""
    folder = trained / agent
    config = json.loads((folder / "config.json").read_text())
    assert (config["env"], config["agent"], config["seed"]) == ("MetaBandit-v0", agent, 0)
    assert config["config"]["hidden_size"] == 8
    assert config["versions"] == machine()["versions"]
    header, *rows = (folder / "log.csv").read_text().splitlines()
    assert {"num_timesteps", "mean_return", "mean_regret"} <= set(header.split(","))
    assert rows
    assert any(name.startswith("events") for name in os.listdir(folder))
    evaluation = json.loads((folder / "evaluation.json").read_text())
    assert evaluation["machine"] == machine()
    names = [score["agent"] for score in evaluation["scores"]]
    assert names[1:] == ["random", "ucb", "thompson", "optimal"]
    assert (folder / "regret.png").read_bytes()[1:4] == b"PNG"
    assert not [name for name in files(folder) if "partial" in name]


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_evaluate_takes_a_run_and_prints_json(trained, agent, capsys):
    command = ["evaluate", "--env", "MetaBandit-v0", "--agent", str(trained / agent), "--json"]
    assert main([*command, "--episodes", "50", "--seed", "3"]) == 0
    score = json.loads(capsys.readouterr().out)
    assert score["env"] == "MetaBandit-v0"
    assert score["agent"] == str(trained / agent)
    assert (score["episodes"], score["seed"]) == (50, 3)
    low, high = score["ci95_regret"]
    assert low < score["mean_regret"] < high
    assert 0 < score["mean_return"] < 100
    low, high = score["ci95_difference_to_optimum"]
    assert low < score["difference_to_optimum"] < high
    assert score["normalized_score"] < 1


@pytest.mark.parametrize(
    "command", [["evaluate", "--agent", "random"], ["compare", *2 * ["random"]]]
)
def test_json_of_one_episode_is_json(command, capsys):
    """An interval of one episode is infinite, which JSON cannot say."""
    assert main([*command, "--env", "MetaDarkRoomHard-v0", "--episodes", "1", "--json"]) == 0

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_evaluate_prints_a_table_of_all_pairs(capsys):
    agents = ["random", "optimal"]
    envs = ["MetaBandit-v0", "MetaBanditInformative-v0"]
    assert main(["evaluate", "--env", *envs, "--agent", *agents, "--episodes", "20"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in envs + agents)


def test_compare_prints_who_is_better_and_by_how_much(capsys):
    """The difference must be that of the same episodes, whichever form it is printed in."""
    command = ["compare", "optimal", "random", "--env", "MetaBandit-v0", "--episodes", "200"]
    assert main(command) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "optimal is better" in words
    assert main([*command, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    best, chance = (evaluate(agent, "MetaBandit-v0", 200) for agent in ("optimal", "random"))
    assert summary["difference"] == pytest.approx((best.returns - chance.returns).mean())
    assert summary["agents"] == ["optimal", "random"] and summary["episodes"] == 200
    low, high = summary["ci95_difference"]
    assert 0 < low < summary["difference"] < high
    assert main(["compare", "optimal", "nobody", "--env", "MetaBandit-v0"]) == 2
    assert "nobody" in capsys.readouterr().err


def test_list_names_everything(capsys):
    from meta_envs.registration import TABLE

    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for word in [row.id for row in TABLE] + ["a2c-lstm", "recurrent-ppo", "thompson"]:
        assert word in out


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_a_checkpoint_of_another_environment_is_refused_unless_asked_for(trained, agent, capsys):
    """The paper tests agents across distributions; by mistake it must not happen."""
    command = ["evaluate", "--agent", str(trained / agent), "--episodes", "10", "--env"]
    assert main([*command, "MetaBanditDependentHard-v0"]) == 2
    error = capsys.readouterr().err
    assert "was trained on MetaBandit-v0, not on MetaBanditDependentHard-v0" in error
    assert error.count("\n") == 1
    assert main([*command, "MetaBandit-v0", "--env-kwargs", '{"num_trials": 50}']) == 2
    assert "num_trials" in capsys.readouterr().err
    assert main([*command, "MetaBanditDependentHard-v0", "--transfer"]) == 0
    assert main([*command, "MetaBanditInformative-v0", "--transfer"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


BAD_INPUT = {
    "no such command": (["trian"], "no command 'trian' (did you mean train?)"),
    "unknown id": (["train", "--env", "MetaBandits-v0"], "(did you mean MetaBandit-v0?)"),
    "id without a version": (["train", "--env", "MetaBandit"], "(did you mean MetaBandit-v0?)"),
    "id like none": (["train", "--env", "xyz"], "there is no environment 'xyz': `python"),
    "agent mistyped": (
        ["evaluate", "--env", "MetaBandit-v0", "--agent", "thomson"],
        "(did you mean thompson?)",
    ),
    "unknown agent": (["train", "--env", "MetaBandit-v0", "--agent", "dqn"], "no agent 'dqn'"),
    "unknown preset": (["train", "--env", "MetaBandit-v0", "--preset", "x"], "no preset 'x'"),
    "one arm": (
        ["train", "--env", "MetaBandit-v0", "--env-kwargs", '{"num_arms": 1}'],
        "num_arms must be a whole number of at least 2, got 1",
    ),
    "kwargs that are no JSON": (
        ["train", "--env", "MetaBandit-v0", "--env-kwargs", "num_arms=1"],
        "must be a JSON object",
    ),
    "negative seed": (["train", "--env", "MetaBandit-v0", "--seed", "-1"], "--seed must be"),
    "no steps": (["train", "--env", "MetaBandit-v0", "--total-timesteps", "0"], "at least 1"),
    "no environments": (
        ["train", "--env", "MetaBandit-v0", "--num-envs", "0"],
        "--num-envs must be",
    ),
    "two actions at once": (["train", "--env", aim.ODD_ID], "must be Discrete or a Box"),
    "nothing to resume": (["train", "--resume", "nowhere"], "not the folder of a run"),
    "nothing to resume, with =": (["train", "--resume=nowhere"], "not the folder of a run"),
    "fewer steps than none": (
        ["train", "--env", "MetaBandit-v0", "--total-timesteps", "-7"],
        "at least 1, got -7",
    ),
    "half a step": (
        ["train", "--env", "MetaBandit-v0", "--total-timesteps", "1.5e0"],
        "1.5e0 is no whole number: write it like 1000000, 1_000_000 or 1e6",
    ),
    "several seeds": (
        ["evaluate", "--env", "MetaBandit-v0", "--agent", "random", "--seed", "0", "1"],
        "--seed takes one whole number here: play more --episodes",
    ),
    "a name of two lines": (["plot", "a\nb", "--out", "x.png"], "a b is not the folder of a run"),
    "a name too long": (["train", "--resume", 300 * "x"], "is not the folder of a run"),
    "a rollout beyond memory": (
        ["train", "--env", "MetaBandit-v0", "--num-steps", "1e9"],
        "would take 34,332 GiB in 48 units, of 16 at most: take fewer",
    ),
    "a rollout beyond memory, of RecurrentPPO": (
        ["train", "--env", "MetaBandit-v0", "--agent", "recurrent-ppo", "--num-steps", "1e9"],
        "GiB in 48 units, of 16 at most",
    ),
    "no package": (["list", ""], "no package '' that"),
    "a package above": (["list", ".:X"], "no package '.:X' that"),
    "unknown experiment": (["reproduce", "nothing"], "no experiment 'nothing'"),
    "figure of no format": (["plot", "nowhere", "--out", "x.pgn"], "one of .png, .svg, .pdf"),
    "no episodes": (["reproduce", "wang2018-fig1d", "--episodes", "0"], "at least 1"),
    "no agent wanted": (["reproduce", "wang2018-fig1d", "--agent", "ucb"], "leave --agent out"),
    "an agent of nothing": (["reproduce", "wang2016-two-step", "--agent", "x"], "no agent or"),
    "tasks that are no JSON": (
        ["compare", "ucb", "random", "--env", "MetaBandit-v0", "--tasks", "0.9,0.1"],
        '--tasks must be a JSON object such as {"probabilities": [0.9, 0.1]}, or a list',
    ),
    "a task of another environment": (
        ["record", "--env", "MetaBandit-v0", "--agent", "ucb", "--tasks", '{"goal": [0, 1]}'],
        "probabilities",
    ),
    "a folder of no run": (["evaluate", "--env", "MetaBandit-v0", "--agent", "."], "of a run"),
}


@pytest.mark.parametrize("arguments", BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_gets_one_line_and_leaves_nothing(arguments, tmp_path, monkeypatch, capsys):
    command, message = arguments
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert files(tmp_path) == []


@pytest.mark.parametrize("where", ["file/run", "full"])
def test_a_folder_that_cannot_be_used_is_refused(where, tmp_path, capsys):
    """Below a file nothing can be made; in a folder with something in it nothing may be lost."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    before = files(tmp_path)
    assert main(["train", "--env", "MetaBandit-v0", *QUICK, "--out", str(tmp_path / where)]) == 2
    error = capsys.readouterr().err
    assert "choose another --out" in error
    assert error.count("\n") == 1
    assert files(tmp_path) == before


def test_a_damaged_checkpoint_is_refused(tmp_path, capsys):
    save_file({"x": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text("{}")
    for name in ("a.safetensors", "b.zip", "foreign.safetensors", "run"):
        if not (tmp_path / name).exists():
            (tmp_path / name).write_bytes(b"damaged")
        command = ["evaluate", "--env", "MetaBandit-v0", "--agent", str(tmp_path / name)]
        assert main(command) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_plot_draws_runs_side_by_side(trained, tmp_path, capsys):
    """Two agents' curves in one figure; a folder without a log is refused."""
    out = tmp_path / "curves.png"
    runs = [str(trained / agent) for agent in ("a2c-lstm", "recurrent-ppo")]
    assert main(["plot", *runs, "--out", str(out)]) == 0
    assert out.read_bytes()[1:4] == b"PNG"
    assert main(["plot", str(tmp_path), "--out", str(out)]) == 2
    assert "lacks a log.csv" in capsys.readouterr().err


@pytest.mark.parametrize("agent", ["a2c-lstm", "recurrent-ppo"])
def test_ctrl_c_saves_and_the_run_goes_on(agent, tmp_path):
    """An interrupted training must not be lost, nor end in a traceback."""
    out = tmp_path / "run"
    command = [sys.executable, "-m", "baselines", "train", "--env", "MetaBandit-v0"]
    command += ["--agent", agent, "--out", str(out), "--total-timesteps", "100000000"]
    command += ["--evaluation-episodes", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (out / "log.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert f"--resume {out}" in output
    (checkpoint,) = RunFolder(out).checkpoints()
    steps = int(checkpoint.stem)
    assert steps > 0
    assert main(["train", "--resume", str(out), "--total-timesteps", str(steps + 1)]) == 0
    latest = RunFolder(out).latest_checkpoint().stem
    assert int(latest) > steps


def test_evaluate_writes_scores_and_episodes_that_can_be_replayed(tmp_path, capsys):
    out = tmp_path / "scores"
    command = ["evaluate", "--env", "MetaBandit-v0", "--agent", "random", "ucb"]
    assert main([*command, "--episodes", "9", "--seed", "5", "--out", str(out)]) == 0
    names = ["episodes_MetaBandit-v0.json", "regret_MetaBandit-v0.png", "scores.csv", "scores.json"]
    assert files(out) == names
    written = json.loads((out / "scores.json").read_text())
    assert written["machine"] == machine()
    scores = written["scores"]
    replay = [
        "evaluate",
        "--replay",
        str(out / names[0]),
        "--agent",
        "ucb",
        "--seed",
        "5",
        "--json",
    ]
    capsys.readouterr()
    assert main(replay) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["mean_return"] == scores[1]["mean_return"]
    assert main([*replay, "--tasks", "{}"]) == 2
    assert "have their tasks: leave --tasks out" in capsys.readouterr().err
    assert main([*replay, "--env", "MetaBanditRestless-v0"]) == 2
    assert main(["evaluate", "--replay", str(tmp_path / "none"), "--agent", "ucb"]) == 2
    assert main(["evaluate", "--agent", "ucb"]) == 2


def test_given_tasks_are_played_and_told(tmp_path, capsys):
    """Where an arm never pays, a command that forgot the tasks would show other returns."""
    tasks = ["--tasks", '{"probabilities": [0.0, 0.0]}', "--env", "MetaBandit-v0"]
    assert main(["evaluate", *tasks, "--agent", "ucb", "--episodes", "5"]) == 0
    assert "5 episodes of 1 given task, seed 0" in capsys.readouterr().out
    assert main(["compare", "ucb", "random", *tasks, "--episodes", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["difference"] == 0
    gif = str(tmp_path / "e.gif")
    assert main(["record", "--agent", "ucb", *tasks, "--out", gif]) == 0
    assert "episode 1: return 0\n" in capsys.readouterr().out


def test_without_the_agents_libraries_it_says_which_extra_to_install():
    """Somebody who installed the environments alone must not meet a traceback."""
    hide = "import sys, importlib.util as u; real = u.find_spec\n"
    hide += "u.find_spec = lambda name, *a: None if name == 'tyro' else real(name, *a)\n"
    run = "import runpy; runpy.run_module('baselines', run_name='__main__')"
    command = [sys.executable, "-c", hide + run, "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    expected = "error: tyro is not installed: pip install -e '.[baselines]' in your clone\n"
    assert done.stderr == expected
