"""The command `inside` writes one page of all that fits, and says what does not."""

import json
import re

import pytest

from baselines.cli.main import main
from baselines.experiments.inside import study
from baselines.experiments.inside.study import SECTIONS

TRIALS = '{"num_trials": 12}'
FEW = ["--episodes", "30", "--seed", "1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with a checkpoint after every update."""
    folder = tmp_path_factory.mktemp("runs") / "bandit"
    command = ["train", "--env", "MetaBandit-v0", "--env-kwargs", TRIALS, "--out", str(folder)]
    small = ["--hidden-size", "6", "--num-envs", "4", "--total-timesteps", "150"]
    often = ["--checkpoint-every", "1", "--evaluation-episodes", "0"]
    assert main([*command, *small, *often]) == 0
    return folder


def look(folder, run, env_id="MetaBandit-v0", *more):
    command = ["inside", "--env", env_id, "--agent", str(run), "--out", str(folder)]
    return main([*command, "--env-kwargs", TRIALS, *FEW, *more])


def titles(page):
    return re.findall(r"<h2>([^<]*)</h2>", page.read_text())


def test_a_page_of_all_measures(run, tmp_path, capsys):
    """Everything fits a run on two independent arms; figures and tables stand beside the page."""
    assert look(tmp_path, run) == 0
    page = tmp_path / "inside.html"
    assert len(titles(page)) == len(SECTIONS)
    images = re.findall(r'<img src="([^"]*)"', page.read_text())
    assert len(images) >= len(SECTIONS)
    assert all((tmp_path / image).stat().st_size > 0 for image in images)
    kept = json.loads((tmp_path / "inside.json").read_text())
    assert kept["agent"] == str(run)
    # The run's four updates of 48 steps, and the network before them.
    rows = (tmp_path / "training.md").read_text().splitlines()[2:]
    assert [row.split()[1] for row in rows] == ["0", "48", "96", "144", "192"]
    assert "written: " in capsys.readouterr().out


def test_what_does_not_fit_is_named_with_the_reason(run, tmp_path):
    """Elsewhere, with an agent of another environment, and without checkpoints."""
    (checkpoint, *_) = sorted((run / "checkpoints").glob("*.safetensors"))
    assert look(tmp_path, checkpoint, "MetaBanditDependentEasy-v0", "--transfer") == 0
    page = tmp_path / "inside.html"
    assert titles(page)[-1] == "Left out"
    left_out = page.read_text().split("Left out</h2>")[1]
    assert "not a bandit with independent arms" in left_out
    assert "give the folder of a run" in left_out


def test_an_agent_of_another_environment_is_refused(run, tmp_path, capsys):
    assert look(tmp_path / "out", run, "MetaBanditDependentEasy-v0") == 2
    assert "allow it with --transfer" in capsys.readouterr().err


def test_what_was_finished_is_kept_after_ctrl_c(run, tmp_path, monkeypatch, capsys):
    """Broken if minutes of work were lost with the section that was interrupted."""

    def interrupted(subject):
        raise KeyboardInterrupt

    monkeypatch.setattr("baselines.experiments.inside.probes.section", interrupted)
    assert look(tmp_path, run) == 130
    assert titles(tmp_path / "inside.html") == [
        "Distance from the optimum",
        "Exploration by belief",
    ]
    assert "what was finished is in" in capsys.readouterr().err


def test_reproduce_inside_looks_into_a_given_agent(run, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "SECTIONS", {"distance": "distance"})
    command = ["reproduce", "inside", "--agent", str(run), "--episodes", "20"]
    assert main([*command, "--out", str(tmp_path)]) == 0
    assert titles(tmp_path / "bandit" / "inside.html") == ["Distance from the optimum"]
