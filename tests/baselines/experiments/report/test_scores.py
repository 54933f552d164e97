"""The table of trained agents: what a cell says, failures, and what does not fit."""

import json

import numpy as np
import pytest

from baselines.experiments.report.scores import (
    Training,
    read_trainings,
    scores_by_agent,
    scores_section,
)
from baselines.training.publish import ROW
from tests.baselines.experiments.report.trainings import ENVS, row, rows, write


def cells(section):
    (table,) = section.tables
    return {name: dict(zip(table.columns, line, strict=True)) for name, line in table.rows}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The section of the small file, and the folder of its figures."""
    folder = tmp_path_factory.mktemp("report")
    return scores_section(folder, write(folder / "scores.json")), folder


def test_a_cell_is_the_interquartile_mean_with_seeds_steps_and_seconds(whole):
    """Of .98, .978, .976, .974 the middle two count."""
    section, folder = whole
    found = cells(section)
    assert found[ENVS[0]]["a2c-lstm"].startswith("0.977 [")
    assert found[ENVS[0]]["a2c-lstm: seeds"] == "4"
    assert found[ENVS[0]]["a2c-lstm: steps"] == "4 M"
    assert found[ENVS[0]]["a2c-lstm: seconds"] == "32"
    assert len(section.figures) == 2
    assert all((folder / figure.file).stat().st_size > 1_000 for figure in section.figures)


def test_a_failed_training_counts_and_is_told(whole):
    """Broken if the seed were left out: the interval must reach far below the other scores."""
    found = cells(whole[0])[ENVS[2]]
    assert found["recurrent-ppo: seeds"] == "4, 1 failed"
    assert float(found["recurrent-ppo"].split("[")[1].split(",")[0]) < 0.7


def test_without_an_optimum_the_return_stands_there(whole):
    section, _ = whole
    assert cells(section)["MetaHarlow-v0"]["a2c-lstm"] == "return 60.50"
    assert cells(section)["MetaHarlow-v0"]["recurrent-ppo"] == "-"
    assert "over the 3 environments that all agents have" in " ".join(section.text)
    assert "a2c-lstm is better than one of recurrent-ppo with probability 1.000" in section.text[-1]


def test_the_file_is_what_publish_writes():
    """Broken if the two commands had other names for the same."""
    assert set(Training._fields) <= set(ROW)
    assert set(row("MetaBandit-v0", "a2c-lstm", 0, 0.9)) <= set(ROW)


def test_scores_are_kept_apart_by_environment_and_agent(tmp_path):
    found = scores_by_agent(read_trainings(write(tmp_path / "scores.json")))
    assert set(found) == {"a2c-lstm", "recurrent-ppo"} and set(found["a2c-lstm"]) == set(ENVS)
    np.testing.assert_allclose(found["recurrent-ppo"][ENVS[1]], 0.92 - 0.002 * np.arange(4))
    assert np.isnan(found["recurrent-ppo"][ENVS[2]][-1])


def test_without_the_file_the_section_says_how_to_make_it(tmp_path):
    section = scores_section(tmp_path, tmp_path / "nowhere.json")
    assert "nowhere.json cannot be read" in section.text[0] and "sweep" in section.text[0]
    assert not section.tables and not section.figures


@pytest.mark.parametrize(
    "values", [{}, {"rows": []}, {"rows": [{"env": "MetaBandit-v0"}]}, {"rows": "x"}]
)
def test_a_file_that_does_not_fit_is_told_in_the_section(values, tmp_path):
    """The rest of the report must come all the same."""
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(values))
    (text,) = scores_section(tmp_path, path).text
    assert "scores.json must have" in text


def test_one_agent_alone_has_nobody_to_be_better_than(tmp_path):
    path = tmp_path / "scores.json"
    alone = [one for one in rows() if one["agent"] == "a2c-lstm"]
    path.write_text(json.dumps({"rows": alone}))
    assert "probability" not in " ".join(scores_section(tmp_path, path).text)
    failed = [row("MetaBandit-v0", "a2c-lstm", 0, None, "it broke off")]
    path.write_text(json.dumps({"rows": failed}))
    assert cells(scores_section(tmp_path, path))["MetaBandit-v0"]["a2c-lstm"] == "failed"
