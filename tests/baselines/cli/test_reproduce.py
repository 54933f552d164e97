"""`reproduce`: what an experiment writes, and on which episodes it tunes."""

import importlib
import json
import os

import pytest

from baselines.cli.main import main
from baselines.common.machine import machine
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import FOLDER
from baselines.experiments import duan2016_bandits, duan2016_mdps, wang2016_bandits
from baselines.registry import CLASSIC
from baselines.reporting.markdown import Cell


@pytest.mark.parametrize("name", ["wang2016-bandits", "wang2018-fig1d"])
def test_reproduce_writes_tables_and_figures(name, tmp_path, capsys):
    """The command in the docs must give what the docs show."""
    assert main(["reproduce", name, "--episodes", "20", "--out", str(tmp_path / "out")]) == 0
    written = sorted(os.listdir(tmp_path / "out"))
    assert any(file.endswith(".md") for file in written)
    assert any(file.endswith(".svg") for file in written)
    played = json.loads((tmp_path / "out" / "experiment.json").read_text())
    section = played.pop("section")
    seconds = [played.pop(name) for name in ("seconds", "processor_seconds")]
    assert played == {"machine": machine(), "experiment": name, "seed": 0, "episodes": 20}
    assert min(seconds) > 0 and section["command"].endswith(f"{name} --episodes 20 --seed 0")
    page = (tmp_path / "out" / "index.html").read_text()
    assert all(f'src="{file}"' in page for file, _ in section["figures"])
    assert "thompson" in capsys.readouterr().out


def test_the_bandits_show_the_agents_that_are_included(tmp_path, monkeypatch):
    """Broken if one that is missing stopped the others, or another's agent stood in its place."""
    played = wang2016_bandits.play("pretrained", "MetaBandit-v0", 5, 0)
    assert played is not None and played.agent == "pretrained" and played.env_id == "MetaBandit-v0"
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert wang2016_bandits.play("pretrained", "MetaBandit-v0", 5, 0) is None
    assert wang2016_bandits.play("random", "MetaBandit-v0", 5, 0) is not None


@pytest.mark.parametrize("name", ["duan2016_bandits", "duan2016_mdps"])
def test_duan2016_tunes_on_other_episodes_than_it_reports(name, monkeypatch, tmp_path):
    """A parameter picked on the episodes that are shown would look better than it is."""
    experiment = importlib.import_module(f"baselines.experiments.{name}")
    tuning, shown = set(), set()

    def score_nothing(agent, env_id, episodes, seed, kwargs, transfer=False):
        assert agent.partition(",")[0] in CLASSIC
        (shown if episodes == 7 else tuning).add(seed)
        return evaluate("random", env_id, 5, seed, {"num_trials": 3})

    for module in (experiment, duan2016_bandits):  # The tuning is in the second for both.
        monkeypatch.setattr(module, "evaluate", score_nothing)
    experiment.run(tmp_path, episodes=7, seed=3)
    (table,) = tmp_path.iterdir()
    assert "gittins" in table.read_text() or "psrl" in table.read_text()
    assert tuning
    assert shown == {3}
    assert not tuning & shown


def test_the_mdps_show_a_trained_agent_also_with_more_trials_than_it_knows(monkeypatch, tmp_path):
    """Broken if it were refused where there are 25 trials, or another agent's score were shown."""
    monkeypatch.setattr(duan2016_mdps, "best_candidate", lambda candidates, *_: candidates[0])
    section = duan2016_mdps.run(tmp_path, episodes=4, seed=3, agent="pretrained")
    (table,) = section.tables
    shown, *others = table.rows
    env_id, kwargs = duan2016_mdps.ENV_ID, {"num_trials": 25}
    played = evaluate("pretrained", env_id, 4, 3, kwargs, transfer=True)
    assert shown[0] == "pretrained" and shown[1][1] == str(Cell.from_values(played.returns))
    assert len(others) == 14
