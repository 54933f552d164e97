"""The report in a real browser, as wide as a desktop's window and as narrow as a phone."""

import json

import pytest

from baselines.experiments import EXPERIMENTS
from baselines.experiments.report import study
from baselines.experiments.report.scores import scores_section
from tests import browser
from tests.baselines.experiments.report import trainings


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A report with the table of scores, a wide finished experiment, a failure and what is missing.

    The longest words stand where they are least wanted.
    """
    out = tmp_path_factory.mktemp("report")
    section = {
        "title": "Finished_" * 12,
        "question": "Why?",
        "text": ["word_" * 60],
        "tables": [
            ["t", "agent", [f"column {i}" for i in range(30)], [["a" * 50, ["0.123"] * 30]]]
        ],
        "figures": [["profiles.svg", "A figure " * 30]],
        "differs": ["x"],
        "links": [["more.html", "a/path/" * 30]],
        "command": "python -m baselines reproduce " + "--option value " * 20,
    }
    name = "duan2016-mdps"
    (out / name).mkdir()
    record = study.settings_of(name, 0).record | {"section": section}
    (out / name / "experiment.json").write_text(json.dumps(record))
    scores = trainings.write(out / "scores.json")
    plan = {one: study.settings_of(one, 0) for one in EXPERIMENTS}
    failed = {"inside": "`episodes` must be at least 20, to fit " + "x" * 300}
    study.write(out, plan, failed, scores_section(out, scores))
    (out / name / "profiles.svg").write_bytes((out / "profiles.svg").read_bytes())
    return out / "index.html"


@pytest.mark.parametrize("width", [browser.PHONE, browser.DESKTOP])
def test_nothing_is_wider_than_the_window_and_nothing_goes_wrong(page, width, tmp_path):
    """Broken if the page scrolled sideways, a figure were missing, or the console said anything."""
    program = browser.find()
    if program is None:
        pytest.skip("there is no browser here: install chromium to open the report in one")
    (found,), console = browser.look(program, page.parent, [page.name], width, tmp_path / "profile")
    assert console == []
    assert found["width"] == width
    assert found["needed"] <= width and found["wide"] == []
    assert (found["images"], found["broken"]) == (3, [])


def test_the_browser_test_would_notice(tmp_path):
    """It can fail: on a page that is too wide, lacks a figure and has a script that breaks."""
    program = browser.find()
    if program is None:
        pytest.skip("there is no browser here: install chromium to open the report in one")
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<!doctype html><html><div style="width: 900px">x</div><img src="nowhere.svg">'
        "<script>nothing.at.all()</script></html>"
    )
    profile = tmp_path / "profile"
    (found,), console = browser.look(program, tmp_path, [bad.name], browser.PHONE, profile)
    assert found["needed"] >= 900 and len(found["wide"]) == 1 and len(found["broken"]) == 1
    assert any("nothing is not defined" in line for line in console)
