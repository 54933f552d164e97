"""Every script under `examples/`, run as a user would, for a few thousand steps."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from baselines import evaluate, load
from tests.examples.frameworks import need

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = {
    path.stem: path for path in sorted(EXAMPLES.glob("*.py")) if "__main__" in path.read_text()
}
"""Those that are run; the others register environments."""
ID = "MetaBanditDependentUniform-v0"
TRAINED = {
    "sb3": "model.zip",
    "sb3_contrib_recurrent_ppo": "model.zip",
    "cleanrl_ppo_lstm": "run",
    "torchrl_ppo_lstm": "weights.pt",
    "rllib_ppo_lstm": "weights.pt",
}
"""Scripts that train, and what `--out` of each is."""
SCORES = re.compile(
    r"<\w+ on (?P<id>[\w:-]+): return [\d.]+ ± [\d.]+, regret (?P<regret>[\d.]+) ± [\d.]+, "
    r"1,000 episodes, seed 0>(?P<speed> [\d,]+ steps, \d+ s, [\d,]+ steps/s)?"
)


def imports(path):
    """The packages that a script imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    # Ray is there for sweeps, too; `tree` comes with its RLlib.
    rllib = {"tree"} if any(name.startswith("ray.rllib") for name in names) else set()
    return {name.partition(".")[0] for name in names} | rllib


def run(path, *options):
    """Runs a script: all that it said; the test has failed if it did."""
    command = [sys.executable, str(path), *map(str, options)]
    done = subprocess.run(command, cwd=EXAMPLES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_in_its_first_line_how_it_is_run(name):
    first = ast.get_docstring(ast.parse(SCRIPTS[name].read_text())).splitlines()[0]
    assert f"`python examples/{name}.py" in first


@pytest.mark.parametrize("name", TRAINED)
def test_a_script_trains_scores_and_keeps_its_agent(name, tmp_path):
    """Broken if a framework no longer takes our environments, or `evaluate` its agent."""
    need(*imports(SCRIPTS[name]))
    out = tmp_path / "new" / TRAINED[name]
    options = ["--env", ID, "--total-timesteps", 6_400, "--seed", 1, "--out", out]
    scores = SCORES.fullmatch(run(SCRIPTS[name], *options).splitlines()[-1])
    assert scores["id"] == ID and scores["speed"].startswith(" 6,400 steps")
    # Nobody has learnt much by then, nor unlearnt what chance does: 25.
    assert 15 < float(scores["regret"]) < 35
    assert out.exists()
    if out.suffix == ".zip":
        assert evaluate(load(out, ID), ID).mean_regret == pytest.approx(
            float(scores["regret"]), abs=2
        )


def test_a2c_trains_on_somebody_elses_task_with_arguments(tmp_path):
    """Broken if an id of another package, or arguments, came only as far as the training."""
    options = ["--algorithm", "a2c", "--total-timesteps", 640, "--out", tmp_path / "model.zip"]
    task = ["--env", "cups:Cups-v0", "--env-kwargs", '{"num_cups": 2, "num_trials": 100}']
    scores = SCORES.fullmatch(run(SCRIPTS["sb3"], *options, *task).splitlines()[-1])
    assert scores["id"] == "cups:Cups-v0" and 30 < float(scores["regret"]) < 70


@pytest.mark.parametrize("name", ["my_agent", "jax_agent"])
def test_agents_of_ones_own_are_scored_beside_others(name):
    need(*imports(SCRIPTS[name]))
    lines = [SCORES.fullmatch(line) for line in run(SCRIPTS[name]).splitlines()]
    regrets = [float(line["regret"]) for line in lines]
    if name == "my_agent":
        win_stay, recency, counter, thompson, optimal = regrets
        assert optimal < counter < recency < thompson < win_stay < 10
    else:
        mine, ours = regrets
        assert mine == pytest.approx(ours, abs=0.3)


def test_no_script_is_forgotten():
    assert set(SCRIPTS) == {*TRAINED, "my_agent", "jax_agent"}
