"""The pages that are made: they say what the files of results say, and nothing else does."""

import json
import re
import sys
from pathlib import Path

import pytest

from meta_envs.registration import TABLE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = ("environments", "experiments", "agents/classic", "agents/scores", "_build")


@pytest.fixture(scope="module")
def generate():
    sys.path.insert(0, str(DOCS))
    try:
        import generate
        import generate.agents
        import generate.environments
        import generate.experiments
        import generate.markdown
        import generate.results

        yield generate
    finally:
        sys.path.remove(str(DOCS))


def scores(generate):
    return generate.results.trained_folder() / generate.results.SCORES


def test_every_environment_has_its_section_with_optimum_and_scores(generate, tmp_path):
    results = generate.results.read_results()
    text = "\n".join(generate.environments.pages(results, tmp_path).values())
    for row in TABLE:
        (section,) = re.findall(rf"^## {row.id}\n(.*?)(?=^## )", text, re.M | re.S)
        assert f'gym.make("{row.id}")' in section
        assert "| best possible return | " in section
        assert "| [random](../agents/classic/random.md) | " in section


def test_a_changed_result_changes_the_pages(generate, tmp_path):
    """Broken if a page showed a score from anywhere else than the files of results."""
    trained = json.loads(scores(generate).read_text())
    classic = json.loads(generate.results.CLASSIC.read_text())
    for row in trained["rows"]:
        if (row["env"], row["agent"]) == ("MetaTwoStep-v0", "a2c-lstm"):
            row["mean_return"] = 6.4321
    other = next(one for one in classic["rows"] if one["agent"] == "thompson")
    other["mean_regret"] = 9.8765
    paths = tmp_path / "trained.json", tmp_path / "classic.json"
    for path, value in zip(paths, (trained, classic), strict=True):
        path.write_text(json.dumps(value))
    before, after = generate.results.read_results(), generate.results.read_results(*paths)
    made = [generate.environments.pages(one, tmp_path) for one in (before, after)]
    assert "6.432" not in made[0]["two_step"] and "6.432" in made[1]["two_step"]
    agents = [generate.agents.pages(one) for one in (before, after)]
    assert "9.877" not in agents[0]["thompson"] and "9.877" in agents[1]["thompson"]


def test_a_changed_experiment_changes_its_page(generate, tmp_path):
    record = next(iter(sorted(generate.experiments.FOLDER.glob("*/experiment.json"))))
    values = json.loads(record.read_text())
    values["section"]["text"] = ["Found something else."]
    values["section"]["figures"] = []
    folder = tmp_path / "recorded" / record.parent.name
    folder.mkdir(parents=True)
    (folder / record.name).write_text(json.dumps(values))
    made = generate.experiments.pages(tmp_path / "out", tmp_path / "recorded")
    assert "Found something else." in made[record.parent.name]


def test_no_page_by_hand_types_what_a_file_of_results_knows(generate):
    """An agent's return and its regret in one line are the files' to say."""
    known = set()
    for path in (scores(generate), generate.results.CLASSIC):
        for row in json.loads(path.read_text())["rows"]:
            if row["mean_regret"] is not None:
                known.add((f"{row['mean_return']:.3f}", f"{row['mean_regret']:.3f}"))
    found = []
    for path in sorted(DOCS.rglob("*.md")):
        name = str(path.relative_to(DOCS))
        if not name.startswith(MADE):
            lines = path.read_text().splitlines()
            found += [(name, line) for line in lines if any(a in line and b in line
                                                            for a, b in known)]  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("DarkKeyToDoor", "Dark Key To Door"), ("TabularMDP", "Tabular MDP"), ("IMaze", "I Maze")],
)
def test_the_name_of_a_class_becomes_a_heading(generate, name, words):
    assert generate.markdown.words(name) == words


def test_a_bar_in_a_cell_does_not_end_it(generate):
    assert generate.markdown.table(["a"], [["x | y"]]).splitlines()[-1] == "| x \\| y |"


def test_a_failed_seed_counts_in_the_score_that_is_shown(generate, tmp_path):
    """Broken if failures were left out: an agent would gain by failing where it is bad."""
    row = {"env": "MetaTwoStep-v0", "agent": "a2c-lstm", "failed": None, "mean_return": 6.0,
           "normalized_score": 0.9, "mean_regret": 1.0, "total_timesteps": 10**6,
           "seconds": 5.0}  # fmt: skip
    failed = row | {"failed": "its loss was not finite", "mean_return": None,
                    "normalized_score": None, "mean_regret": None}  # fmt: skip
    path = tmp_path / "scores.json"
    machine = {"processor": "x", "cores": 1}
    path.write_text(json.dumps({"machine": machine, "rows": [row, failed]}))
    results = generate.results.read_results(path)
    (score,) = [one for one in results.of("MetaTwoStep-v0") if one.trained]
    assert score.normalized.startswith("0.450")
    assert score.trained[0] == "2 (1 failed)"
