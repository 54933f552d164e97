"""Experiments that train many agents: what they train, and that they go on where they stopped."""

import numpy as np
import pytest

from baselines.a2c_lstm.checkpoint import read_checkpoint
from baselines.experiments import inputs, kuo2025_informative
from baselines.registry import make_preset


@pytest.fixture
def few(monkeypatch):
    """Two environments, two seeds and as good as no training."""
    monkeypatch.setattr(inputs, "ENVS", ("MetaBandit-v0", "MetaTwoStep-v0"))
    monkeypatch.setattr(inputs, "SEEDS", 2)
    for name in ("SHORT", "LONG", "IN_VAIN"):
        monkeypatch.setattr(inputs, name, 1_000 if name == "LONG" else 500)


def test_each_agent_is_shown_what_its_cell_says(few, tmp_path):
    """Broken if an input were withheld from another agent than the table says."""
    cells = list(inputs.cells())
    assert len({cell.folder for cell in cells}) == len(cells)
    assert {cell.shown for cell in cells} == set(inputs.SHOWN)
    cell = next(cell for cell in cells if cell.trials is not None)
    path = inputs.agent_of(cell, 1, tmp_path)
    metadata = read_checkpoint(path).metadata
    expected = {"inputs": list(cell.shown), "num_trials": inputs.FEW_TRIALS}
    assert (metadata.env_kwargs, metadata.config.cell) == (expected, "gru")


def test_inputs_writes_a_table_an_environment_and_trains_nothing_twice(few, tmp_path, monkeypatch):
    inputs.run(tmp_path, episodes=30)
    tables = {path.stem: path.read_text() for path in tmp_path.glob("*.md")}
    assert set(tables) == set(inputs.ENVS)
    rows = tables["MetaBandit-v0"].splitlines()[2:]
    assert len(rows) == 4 + 2 + 2 + 3
    assert all(row.count("[") == 3 for row in rows)
    assert (tmp_path / "inputs.svg").exists()

    def never(*arguments):
        raise AssertionError("trained twice")

    monkeypatch.setattr("baselines.training.once.A2CLSTM", never)
    inputs.run(tmp_path, episodes=30, seed=1)
    assert tables["MetaBandit-v0"] != (tmp_path / "MetaBandit-v0.md").read_text()


def test_time_can_be_read_where_it_is_shown(few, tmp_path):
    """Even an untrained network holds an input that it is shown."""
    cell = inputs.Cell("MetaBandit-v0", ("action", "reward", "timestep"), 500)
    scores = inputs.scores_of(cell, tmp_path, 30, 0)
    assert (scores.time > 0.95).all()
    assert np.isfinite(scores.gap).all() and (scores.regret > 1).all()


def test_the_informative_arm_is_that_of_kuo(tmp_path, monkeypatch):
    """Six pulls, the reward as a number, three cells with as many units; and a control."""
    monkeypatch.setattr(kuo2025_informative, "SEEDS", 2)
    whole = make_preset("a2c-lstm", "best", kuo2025_informative.ENV_ID, 6)
    short = whole._replace(total_timesteps=800)
    monkeypatch.setattr(kuo2025_informative, "make_preset", lambda *arguments: short)
    kuo2025_informative.run(tmp_path, episodes=40)
    table = (tmp_path / "informative.md").read_text().splitlines()
    names = [f"| {cell}, {reward} reward" for cell, reward in kuo2025_informative.ROWS]
    assert [line.split(" | ")[0] for line in table[2:]] == [*names, "| optimum"]
    assert all("| 0 of 2 |" in line for line in table[2:6])
    # The optimum asks once, for 0.55 on average, and then takes 5 five times.
    assert table[6].split(" | ")[1].startswith("25.5")
    saved = read_checkpoint(tmp_path / "agents" / "rnn_scalar" / "seed1.safetensors").metadata
    assert (saved.config.cell, saved.config.hidden_size) == ("rnn", 64)
    assert saved.env_kwargs == {"num_trials": 6, "reward_input": "scalar"}
