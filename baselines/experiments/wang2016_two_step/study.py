"""Stays and lagged regression in the two-step task, beside Wang et al. 2016 and 2018.

`MetaTwoStep-v0` is that of Wang et al. 2016, section 3.2.1: Fig. 5b has the stays of a model-based
and a model-free learner, Fig. 5c those of the trained network, all read off to 0.01. The paper does
not say which trials it counts. The optimum has its figures only from the first trial to the second:
later it knows too much to change its mind after one rare transition. So both are shown.

`MetaTwoStepReversal-v0` is that of Wang et al. 2018, simulation 4, after Miller et al. 2017:
`data/wang2018_fig5.csv` holds the stays of eight networks (their mean) and of six rats, and the
networks' regression coefficients by lag, read off the published vectors. The choices of the optimum
follow from the last five trials so surely that no regression has a finite fit. So there is also an
optimum that errs in one choice out of a hundred; it stays about as often as the networks.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.lagged_regression import LaggedRegression, lagged_regression
from baselines.analysis.two_step import KINDS, Stay, Trials, read_trials, stay_probabilities
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.intervals import Z95
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.wang2016_two_step.figure import Row, draw
from baselines.registry import make_agent
from baselines.reporting.markdown import Cell, write_markdown

FIXED, REVERSAL = "MetaTwoStep-v0", "MetaTwoStepReversal-v0"
ERRING, ERRORS = "optimal, 1 % errors", 0.01
AGENTS = ("two-step-model-based", "two-step-model-free", "optimal", ERRING, "random")
FIG_5B = {
    "two-step-model-based": np.array([0.97, 0.0, 0.0, 0.94]),
    "two-step-model-free": np.array([0.85, 0.85, 0.18, 0.18]),
}
"""Stays that Wang et al. 2016 predict, by agent, in the order of `KINDS`."""
FIG_5C = np.array([1.0, 0.0, 0.0, 0.965])
"""Stays of their trained network."""
DATA = Path(__file__).parents[1] / "data" / "wang2018_fig5.csv"
LAGS = 5


def run(out: Path, episodes: int = 20_000, seed: int = 0, agent: str | None = None) -> None:
    """Plays the agents on both tasks and writes tables and a figure.

    Args:
        out: Folder to write into.
        episodes: Of each agent on `MetaTwoStep-v0`; a tenth of it on the other task, whose
            episodes have ten times as many trials.
        seed: Tasks, noise and sampling follow from it.
        agent: One more, shown on the tasks that it can play.

    Raises:
        InputError: If that agent can play neither.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    own = {} if agent is None else own_trials(agent, episodes, seed)
    trials: dict[str, dict[str, Trials]] = {FIXED: {}, REVERSAL: {}}
    pairs = [(env_id, name) for env_id in trials for name in AGENTS]
    try:
        for env_id, name in track(pairs, lambda pair: f"{pair[1]} on {pair[0]}"):
            trials[env_id][name] = play(name, env_id, episodes, seed)
    finally:
        # Also after Ctrl-C: what has been played is kept.
        for env_id, added in own.items():
            trials[env_id] |= added
        if any(trials.values()):
            report(out, trials, agent)


def report(out: Path, trials: Mapping[str, Mapping[str, Trials]], agent: str | None) -> None:
    """Writes the tables and the figure.

    Args:
        out: Folder to write into.
        trials: By task and agent.
        agent: The user's, if there is one.
    """
    stays, first, reversal = (
        {name: stay_probabilities(played, last) for name, played in trials[env_id].items()}
        for env_id, last in ((FIXED, None), (FIXED, 2), (REVERSAL, None))
    )
    fits = {name: lagged_regression(played, LAGS) for name, played in trials[REVERSAL].items()}
    networks, rats, lags = read_published()
    network = {"network (2016, Fig. 5c)": FIG_5C}
    predicted = {f"{name} (2016, Fig. 5b)": values for name, values in FIG_5B.items()}
    write_stays(out / "stays.md", stays, predicted | network)
    write_stays(out / "stays_from_first_to_second.md", first, network)
    animals = {"networks (2018)": networks, "rats (2018)": rats}
    write_stays(out / "stays_reversal.md", reversal, animals)
    write_coefficients(out / "lags.md", fits, lags)
    # What a trained network did stands beside what can learn as well as it.
    able = [name for name in ("optimal", ERRING, agent) if name is not None]
    rows = [
        Row("stays, 10 trials", stays, FIG_5B | dict.fromkeys(able, FIG_5C)),
        Row("stays, trial 1 to 2", first, dict.fromkeys(able, FIG_5C)),
        Row("stays, reversals", reversal, dict.fromkeys(able, networks)),
        Row("log-odds by lag, reversals", fits, dict.fromkeys(able, lags)),
    ]
    draw(rows, out / "two_step.png")


def play(agent: str, env_id: str, episodes: int, seed: int) -> Trials:
    """The trials of an agent on one of the tasks."""
    count = episodes if env_id == FIXED else max(episodes // 10, 1)
    player = Erring(env_id) if agent == ERRING else agent
    return read_trials(evaluate(player, env_id, count, seed))


class Erring:
    """The optimum, which takes the other action in a share `ERRORS` of its steps.

    Args:
        env_id: The task.
    """

    def __init__(self, env_id: str) -> None:
        self.optimum: Any = make_agent("optimal", make_vector_env(env_id, 1))

    def set_random_seed(self, seed: int) -> None:
        """Sets what its errors, and the optimum's choices between equals, follow from."""
        own, optimum = np.random.SeedSequence(seed).generate_state(2).tolist()
        self.rng = np.random.default_rng(own)
        self.optimum.set_random_seed(optimum)

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
        """As every agent does."""
        actions, state = self.optimum.predict(observation, state, episode_start, deterministic)
        errs = self.rng.random(len(actions)) < ERRORS
        # The centre has no other side.
        return np.where(errs & (actions < 2), 1 - actions, actions), state


def own_trials(agent: str, episodes: int, seed: int) -> dict[str, dict[str, Trials]]:
    """The trials of the user's agent, by task, on those that it can play.

    Raises:
        InputError: If it can play neither.
    """
    trials, errors = {}, []
    for env_id in (FIXED, REVERSAL):
        try:
            trials[env_id] = {agent: play(agent, env_id, episodes, seed)}
        except InputError as error:
            errors.append(error)
    if not trials:
        raise errors[0]
    for reason in errors:
        print(f"left out: {reason}", flush=True)
    return trials


def read_published() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Stays of networks and of rats, shape (4,) each, and coefficients, shape (4, lags)."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(row["kind"] for row in rows) == KINDS
    networks, rats = (np.array([float(r[c]) for r in rows]) for c in ("networks", "rats"))
    lags = [[float(row[f"lag{lag}"]) for lag in range(1, LAGS + 1)] for row in rows]
    return networks, rats, np.array(lags)


def write_stays(
    path: Path, ours: Mapping[str, Stay], published: Mapping[str, NDArray[np.float64]]
) -> None:
    """Writes a table of stays with 95 % intervals, the published ones below."""
    rows: dict[str, Sequence[object]] = {
        name: [f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in zip(*stay, strict=True)]
        for name, stay in ours.items()
    }
    rows |= {name: [f"({value:.3f})" for value in values] for name, values in published.items()}
    write_markdown(path, "share of stays after", KINDS, rows.items())


def write_coefficients(
    path: Path, fits: Mapping[str, LaggedRegression], published: NDArray[np.float64]
) -> None:
    """Writes a table of regression coefficients with 95 % intervals, the published ones below.

    A dash stands where there is no finite fit.
    """
    rows: dict[str, Sequence[object]] = {}
    for name, fit in fits.items():
        for kind, means, errors in zip(KINDS, fit.coefficients, fit.errors, strict=True):
            cells = zip(means.tolist(), (Z95 * errors).tolist(), strict=True)
            rows[f"{name}: {kind}"] = ["-" if np.isnan(m) else Cell(m, half) for m, half in cells]
    for kind, values in zip(KINDS, published, strict=True):
        rows[f"networks (2018): {kind}"] = [f"({value:.2f})" for value in values]
    columns = [f"{lag} trial{'s'[: lag > 1]} ago" for lag in range(1, LAGS + 1)]
    write_markdown(path, "log-odds of a stay by a trial", columns, rows.items())
