"""The notebooks: kept without outputs, and what they print in the site that `make docs` built."""

import html
import json
import os
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))
built = pytest.mark.skipif(
    "REQUIRE_SITE" not in os.environ, reason="make test-docs executes the notebooks"
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_outputs_are_not_kept(path):
    """What a notebook shows is made by each build of the site: kept, it would grow old."""
    cells = json.loads(path.read_text())["cells"]
    assert cells
    for cell in cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def shown(name):
    """All that the page of a notebook says, and how many figures it has."""
    page = (DOCS / "_build" / "html" / "notebooks" / f"{name}.html").read_text()
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    return text, len(re.findall(r'<img [^>]*src="[^"]*\.png"', page))


@built
def test_five_minutes_end_with_an_agent_better_than_thompson():
    text, figures = shown("five_minutes")
    regret = dict(re.findall(r"^regret of (\w+): ([\d.]+)$", text, re.M))
    assert float(regret["included"]) < float(regret["thompson"])
    assert "weights changed: False" in text
    assert "A2CLSTM is better" in text
    assert "the same again: True" in text
    assert figures == 3


@built
def test_the_network_of_the_tour_stays_as_a_planner_does():
    text, figures = shown("two_step")
    (line,) = re.findall(r"^network +(.*)$", text, re.M)
    rewarded_common, rewarded_rare, common, rare = map(float, re.findall(r"[\d.]+", line))
    assert min(rewarded_common, rare) > max(rewarded_rare, common) + 0.1
    (read,) = re.findall(r"read of the activity: R2 = ([\d.]+)", text)
    assert float(read) > 0.9
    assert figures == 2
