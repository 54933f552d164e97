"""Right choices by trial in the Harlow task with six trials, beside Wang et al. 2018, Fig. 6c.

Simulation 5, on held-out objects, as `MetaHarlowSymbolic6-v0` shows them. The published figures are
read from `data/harlow.csv`; see `wang2016_harlow`.
"""

from __future__ import annotations

from pathlib import Path

from baselines.experiments.wang2016_harlow import read_published, show
from baselines.reporting.page import Section

ENV_IDS = ("MetaHarlowSymbolic6-v0",)
TRIALS = 6


def run(out: Path, episodes: int = 1_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents and writes a table and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more.

    Raises:
        InputError: If that agent cannot play.
    """
    published = {
        name: shares[:TRIALS] for name, shares in read_published().items() if "2018" in name
    }
    section = show(out, ENV_IDS, published, episodes, seed, agent)
    return section._replace(title="Harlow's task with six trials, Wang et al. 2018")
