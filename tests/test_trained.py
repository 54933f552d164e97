"""What is in `baselines/trained/`: each agent is what its card says, and all of them are small."""

import json

import numpy as np
import pytest

from baselines import load_pretrained
from baselines.evaluation.pretrained import CARD, TRAINED, included, pretrained_path, read_card
from baselines.training.publish import SCORES, median, model_card
from meta_envs.registration import ROWS

MEGABYTES = 8
"""That all but those from pixels take, at most."""
PIXELS = {"MetaHarlow-v0", "MetaIMaze-v0"}
WITH_CARD = [pair for pair in included() if (TRAINED / pair[0] / pair[1] / CARD).exists()]


def test_every_included_agent_has_a_card():
    """But those from pixels, which were trained before there were any."""
    assert WITH_CARD
    assert {env_id for env_id, _ in set(included()) - set(WITH_CARD)} <= PIXELS
    assert {env_id for env_id, _ in included()} <= set(ROWS)


@pytest.mark.parametrize(("env_id", "agent"), WITH_CARD)
def test_an_agent_is_the_one_on_its_card(env_id, agent):
    card = read_card(env_id, agent)
    assert (card["env"], card["agent"]) == (env_id, agent)
    loaded = load_pretrained(env_id, agent)
    assert loaded.weights_digest() == card["weights"]
    assert loaded.seed == card["seed"]
    assert (TRAINED / env_id / agent / "README.md").read_text() == model_card(card)
    # Without its commit nobody could train it again.
    assert len(card["commit"]) == 40


@pytest.mark.parametrize(("env_id", "agent"), WITH_CARD)
def test_a_card_is_of_the_median_seed(env_id, agent):
    rows = json.loads((TRAINED / SCORES).read_text())["rows"]
    seeds = [row for row in rows if (row["env"], row["agent"]) == (env_id, agent)]
    card = read_card(env_id, agent)
    assert median(seeds)["seed"] == card["seed"]
    assert card["median_of_seeds"] == sorted(row["seed"] for row in seeds)
    scores = [np.nan if row["failed"] else row["mean_return"] for row in seeds]
    assert np.isfinite(scores).sum() == len(seeds) - len(card["failed_seeds"])


def test_they_are_small():
    sizes = {pair: pretrained_path(*pair).stat().st_size for pair in included()}
    assert sum(size for (env_id, _), size in sizes.items() if env_id not in PIXELS) <= (
        MEGABYTES * 2**20
    )
