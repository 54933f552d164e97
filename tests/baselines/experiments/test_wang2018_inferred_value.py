"""The inferred-value experiment: which cues it counts, its beliefs, and a critic by hand."""

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM
from baselines.analysis.inferred_value import (
    KINDS,
    Blocks,
    prediction_errors,
    read_blocks,
)
from baselines.cli.main import main
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.wang2018_inferred_value import (
    BELIEFS,
    believed_errors,
    last_outcomes,
    read_published,
)

PAGES = {"index.html", "experiment.json"}


ENV_ID = "MetaInferredValue-v0"


def test_cues_are_told_apart_by_what_is_known_of_them():
    """Three blocks by hand: right is rewarded, then left, then left again."""
    cues = np.array([[[0, 1, 1], [0, 1, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1], [1, 0, 1]]])
    rewarded = np.array([[[1] * 3, [0] * 3, [0] * 3]] * 2)
    # Of the reversed block: left was unrewarded, then right is inferred to be so now; right was
    # rewarded, and is met again.
    expected = np.full(cues.shape, -1)
    expected[:, 1, :2] = [[1, 5], [0, 3]]
    assert Blocks(cues, rewarded).kinds.tolist() == expected.tolist()
    assert KINDS[5] == "after, inferred, now unrewarded"


def test_an_error_is_the_reward_and_what_the_value_has_changed_by():
    """Two trials by hand, with a discount of one half."""
    values = np.array([[1.0, 2.0, 4.0, 8.0, 0.0, 2.0, 2.0, 2.0]])
    rewards = np.array([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0]])
    errors = prediction_errors(values, rewards, 0.5, (1, 1, 2))
    assert errors.fixation.tolist() == [[[0.0, -7.0]]]
    assert errors.cue.tolist() == [[[0.0, 1.0]]]
    assert errors.go.tolist() == [[[0.0, -1.0]]]


def test_what_beliefs_make_of_the_cues():
    """Who infers is surprised alike by both cues after a reversal, who does not only by one."""
    evaluation = evaluate("optimal", ENV_ID, 200)
    blocks = read_blocks(evaluation)
    assert (evaluation.rewards.reshape(*blocks.cues.shape, 4)[..., 3] == 1).tolist() == (
        blocks.cues == blocks.rewarded
    ).tolist()
    errors, kinds = believed_errors(blocks), blocks.kinds
    scale = 0.9**3
    sure, likely = scale / 2, scale * 0.4
    expected = {
        BELIEFS[0]: [0, 0, sure, -sure, sure, -sure],
        BELIEFS[1]: [likely, -likely, likely, -likely, likely, -likely],
    }
    for name, means in expected.items():
        got = [errors[name][kinds == kind].mean() for kind in range(6)]
        assert got == pytest.approx(means)
    alone = [errors[BELIEFS[2]][kinds == kind].mean() for kind in (2, 3)]
    assert alone == pytest.approx([sure, -sure])
    # What was met before the reversal speaks of the other side.
    assert errors[BELIEFS[2]][kinds == 4].mean() < -0.25
    assert errors[BELIEFS[2]][kinds == 5].mean() > 0.25
    cues, hits = np.array([[0, 0, 1, 0]]), np.array([[1.0, 0.0, 1.0, 0.0]])
    assert last_outcomes(cues, hits).tolist() == [[0.5, 1.0, 0.5, 0.0]]


def test_it_writes_its_tables_with_the_published_figures_below_ours(tmp_path, capsys):
    agent = tmp_path / "agent.safetensors"
    A2CLSTM(ENV_ID, seed=0).save(agent)
    command = ["reproduce", "wang2018-inferred-value", "--episodes", "20"]
    assert main([*command, "--out", str(tmp_path / "out"), "--agent", str(agent)]) == 0
    files = {"prediction_errors.md", "prediction_errors.svg", "other_steps.md", *PAGES}
    assert {file.name for file in (tmp_path / "out").iterdir()} == files
    table = (tmp_path / "out" / "prediction_errors.md").read_text()
    assert all(name in table for name in (str(agent), *BELIEFS, "(-0.380)"))
    assert read_published() == [0.30, -0.345, 0.303, -0.38, 0.339, -0.345]
    assert main([*command, "--out", str(tmp_path / "alone")]) == 0
    assert "invalid" in capsys.readouterr().out


def test_runs_of_several_seeds_are_shown_with_their_mean(tmp_path):
    """Broken if a run is left out, or the mean is not over runs."""
    train = ["train", "--env", ENV_ID, "--total-timesteps", "1000", "--seed", "0", "1"]
    unscored = ["--evaluation-episodes", "0", "--out", str(tmp_path / "runs")]
    assert main([*train, *unscored]) == 0
    command = ["reproduce", "wang2018-inferred-value", "--episodes", "10"]
    out = tmp_path / "out"
    assert main([*command, "--agent", str(tmp_path / "runs"), "--out", str(out)]) == 0
    lines = (out / "prediction_errors.md").read_text().splitlines()[2:]
    first, second, both = (
        [float(cell.split(" ±")[0]) for cell in line.strip("| ").split(" | ")[1:]]
        for line in lines[:3]
    )
    assert lines[2].startswith("| all runs |")
    assert both == pytest.approx((np.array(first) + second) / 2, abs=0.011)


def test_an_agent_without_values_is_refused(tmp_path, capsys):
    command = ["reproduce", "wang2018-inferred-value", "--agent", "optimal"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 2
    assert "tells no values" in capsys.readouterr().err
