"""paper.md claims what files of results and the code say."""

import json
import re
from pathlib import Path

import pytest

from baselines.evaluation.pretrained import read_card
from baselines.registry import AGENTS
from meta_envs.registration import TABLE

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "paper.md").read_text()
PLAIN = " ".join(TEXT.split())


def test_it_has_what_the_journal_asks_for():
    headings = re.findall(r"^# (.+)$", TEXT, re.M)
    for needed in ("Summary", "Statement of need", "State of the field", "Software design",
                   "Research impact statement", "AI usage disclosure", "References"):  # fmt: skip
        assert needed in headings
    body = TEXT.split("---", 2)[2]
    assert 750 <= len(body.split()) <= 1_750


def test_every_citation_has_its_entry():
    cited = set(re.findall(r"@([a-z]+\d*)", TEXT.split("---", 2)[2]))
    entries = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "paper.bib").read_text(), re.M))
    assert cited == entries


def test_it_counts_environments_and_agents_as_the_tables_do():
    assert f"a suite of {len(TABLE)} Gymnasium" in PLAIN
    assert f"and {len(AGENTS)} agents in all" in PLAIN


@pytest.mark.parametrize(
    ("env_id", "claim"),
    [
        ("MetaBandit-v0", "{score:.2f} on `MetaBandit-v0`, with a regret of {regret:.2f}"),
        ("MetaTwoStep-v0", "of {score:.2f} on the two-step task"),
        ("MetaVolatility-v0", "of {score:.2f} on `MetaVolatility-v0`"),
    ],
)
def test_scores_are_those_of_the_cards(env_id, claim):
    score = read_card(env_id)["score"]
    told = claim.format(score=score["normalized_score"], regret=score["mean_regret"])
    assert told in PLAIN


def test_what_it_is_compared_with_was_measured():
    rows = json.loads((ROOT / "docs" / "data" / "classic.json").read_text())["rows"]
    (row,) = [one for one in rows if (one["env"], one["agent"]) == ("MetaBandit-v0", "thompson")]
    assert f"Thompson sampling has {row['mean_regret']:.2f};" in PLAIN
    speed = json.loads((ROOT / "benchmarks" / "speed.json").read_text())
    rates = {name: row["steps_per_second"] / 1e6
             for name, row in speed["sections"]["environments"].items()}  # fmt: skip
    assert f"makes {rates['MetaBandit-v0 native 64']:.1f} million steps a second" in PLAIN
    assert f"one compiled step a call {rates['gymnax step 64']:.1f} million" in PLAIN
    assert speed["machine"]["processor"].startswith("Intel(R) Xeon")
