"""What included agents do with tasks that are not those they were trained on.

`bandits.py` has the train x test table of Wang et al. 2016, Fig. 2f; `splits.py` the named splits:
other horizons, probabilities and rooms. In all of them the weights are as they were.
"""

from __future__ import annotations

from pathlib import Path

from baselines.experiments.out_of_distribution.bandits import FILE as HEAT_MAP
from baselines.experiments.out_of_distribution.bandits import across_bandits
from baselines.experiments.out_of_distribution.splits import FILE as SPLITS_FIGURE
from baselines.experiments.out_of_distribution.splits import across_splits
from baselines.reporting.page import Figure, Section

QUESTION = (
    "What has a network learnt: the tasks that it was trained on, or to learn? It plays others, "
    "without being trained on them."
)
DIFFERS = (
    "Wang et al. 2016 draw Fig. 2f as a heat map without numbers, so that no published ones stand "
    "beside ours. Theirs averages the five best of 100 settings; these are the included agents.",
    "More arms or a larger room than in training cannot be tried: as many inputs and outputs as a "
    "network has were counted before it was trained. In a smaller room it sees the cells of the "
    "larger one that lie in the same places.",
)


def run(out: Path, episodes: int = 1_000, seed: int = 0) -> Section:
    """Plays the included agents on tasks from other distributions, and writes tables and figures.

    Args:
        out: Folder to write into.
        episodes: Of each agent on each kind of task.
        seed: Tasks, noise and sampling follow from it.

    Raises:
        InputError: If no agents are included.
    """
    bandits, told = across_bandits(out, episodes, seed)
    splits, more = across_splits(out, episodes, seed)
    figures = [
        Figure(HEAT_MAP, "Optimality gap: trained on a row's bandits, tested on a column's."),
        Figure(
            SPLITS_FIGURE, "Normalised scores on the tasks of training (ring) and on others (dot)."
        ),
    ]
    title = "Tasks unlike those of training"
    return Section(title, [*told, *more], [*bandits, splits], figures, QUESTION, DIFFERS)
