"""Restless bandits: whose learning rates are whose, and the best fixed rule is the best."""

import re

import numpy as np

from baselines.experiments import wang2016_restless as restless


def test_rates_are_those_of_the_rule_and_the_optimum_adapts(tmp_path, monkeypatch):
    """A rule with a rate of .5 shows it in both; the optimum learns faster where arms move fast."""
    monkeypatch.setattr(restless, "LEARNING_RATES", (0.1, 0.5))
    section = restless.run(tmp_path, episodes=40, seed=1)
    regret, rates = section.tables
    found = {name: [float(str(cell).split()[0]) for cell in cells] for name, cells in regret.rows}
    rules = [name for name in found if name.startswith("rescorla-wagner")]
    best = min(rules, key=lambda name: found[name][0])
    fitted = {name: [float(cell.split()[0]) for cell in cells] for name, cells in rates.rows}
    assert list(fitted) == ["optimal", best]
    own = float(re.search("alpha=(.*),", best)[1])
    assert np.allclose(fitted[best][:2], own, atol=0.1)
    low, high, gained, _ = fitted["optimal"]
    assert low < 0.2 < 0.4 < high and gained > 0
    assert {path.name for path in tmp_path.glob("*.svg")} == {restless.REGRET, restless.RATES}
