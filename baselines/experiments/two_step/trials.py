"""Who plays the two-step task, and the tables of stays and coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.lagged_regression import LaggedRegression
from baselines.analysis.two_step import KINDS, Stay, Trials, read_trials
from baselines.common.environments import make_vector_env
from baselines.common.intervals import Z95
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.registry import make_agent
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Section

ERRING, ERRORS = "optimal, 1 % errors", 0.01
"""An optimum that errs in one choice out of a hundred, so that its choices do not follow from the
past for certain and a regression has a finite fit."""
AGENTS = ("two-step-model-based", "two-step-model-free", "optimal", ERRING, "random")


def play_all(
    env_id: str,
    episodes: int,
    seed: int,
    agent: str | None,
    report: Callable[[Mapping[str, Trials]], Section],
) -> Section:
    """Plays all agents and reports; what has been played is reported also after Ctrl-C.

    Args:
        env_id: The task.
        episodes: Of each agent.
        seed: Tasks, noise and sampling follow from it.
        agent: One more.
        report: Gets the trials by agent.

    Returns:
        What `report` does.

    Raises:
        InputError: If that agent cannot play.
    """
    # The user's agent comes first: what cannot be used is refused before the work.
    own = {} if agent is None else {agent: play(agent, env_id, episodes, seed)}
    trials: dict[str, Trials] = {}
    try:
        for name in track(AGENTS, lambda name: f"{name} on {env_id}"):
            trials[name] = play(name, env_id, episodes, seed)
    finally:
        trials |= own
        if trials:
            section = report(trials)
    return section


def play(agent: str, env_id: str, episodes: int, seed: int) -> Trials:
    """The trials of an agent on one of the tasks."""
    player = Erring(env_id) if agent == ERRING else agent
    return read_trials(evaluate(player, env_id, episodes, seed))


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


def told_stays(name: str, stays: Mapping[str, Stay]) -> str:
    """How often an agent stays, in a sentence."""
    found = zip(KINDS, stays[name].mean, strict=True)
    return f"{name} stays after " + ", ".join(f"{kind} {mean:.3f}" for kind, mean in found) + "."


def write_stays(
    path: Path, ours: Mapping[str, Stay], published: Mapping[str, NDArray[np.float64]]
) -> Table:
    """Writes a table of stays with 95 % intervals, the published ones below."""
    rows: dict[str, Sequence[object]] = {
        name: [f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in zip(*stay, strict=True)]
        for name, stay in ours.items()
    }
    rows |= {name: [f"({value:.3f})" for value in values] for name, values in published.items()}
    return write_markdown(path, "share of stays after", KINDS, rows.items())


def write_coefficients(
    path: Path, fits: Mapping[str, LaggedRegression], published: NDArray[np.float64]
) -> Table:
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
    columns = [f"{lag} trial{'s'[: lag > 1]} ago" for lag in range(1, published.shape[1] + 1)]
    return write_markdown(path, "log-odds of a stay by a trial", columns, rows.items())
