"""Learning curves: what runs have logged, a panel an environment, a line an agent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray
from scipy.stats import t as student

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder, read_log
from baselines.reporting.figures import SIZE, Label, despine, figure_file, label_lines
from meta_envs.core import MetaVectorEnv
from meta_envs.optimal import informed_return, optimal_return

COLUMNS = 2
"""Of panels, at most."""
ALIKE = (
    *("seed", "out", "processor", "versions", "commit", "seconds", "weights"),
    *("evaluation_episodes", "checkpoint_every"),
)
"""Settings in which runs of one line may differ."""
REFERENCES = {"random": ("0.6", ":"), "optimal": ("k", "--")}
"""Colours and styles of the lines that an agent is shown beside."""


class LoggedRun(NamedTuple):
    """A run that has logged something.

    Attributes:
        path: Its folder.
        settings: As they stand in `config.json`.
        log: The columns of its log.
    """

    path: Path
    settings: dict[str, Any]
    log: dict[str, NDArray[np.float64]]

    @property
    def env(self) -> tuple[str, str]:
        """The environment's id and its arguments, as JSON."""
        return self.settings["env"], json.dumps(self.settings["env_kwargs"], sort_keys=True)

    @property
    def kind(self) -> str:
        """What it has in common with the other seeds of its line, as JSON."""
        return json.dumps(self.settings | dict.fromkeys(ALIKE), sort_keys=True)


class Line(NamedTuple):
    """The mean of several seeds and its 95 % interval, Student's; arrays of shape (steps,)."""

    steps: NDArray[np.float64]
    mean: NDArray[np.float64]
    half: NDArray[np.float64]


def read_run(path: Path) -> LoggedRun:
    """Reads a run's settings and its log.

    Raises:
        InputError: If the folder holds no run, or one in which no episode has ended yet.
    """
    log = read_log(path)
    if not log:
        raise InputError(f"{path} has logged no episode yet: train it for longer")
    return LoggedRun(path, RunFolder.open(path)[1], log)


def plot_learning(runs: Sequence[Path], path: Path, log: bool = False) -> None:
    """Draws learning curves, regret where all runs of a panel report it and else return.

    Each environment gets a panel. Runs that differ in nothing but their seed are one line: their
    mean, from three seeds on its 95 % interval, and each run faintly. Random and the optimum are
    lines to compare with.

    Args:
        runs: Folders of runs.
        path: Where to.
        log: Whether the vertical axes are logarithmic.

    Raises:
        InputError: If a folder holds no run or no log.
    """
    panels: dict[tuple[str, str], list[LoggedRun]] = {}
    for run in map(read_run, runs):
        panels.setdefault(run.env, []).append(run)
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // columns)
    size = (1.15 * SIZE[0] * columns, SIZE[1] * rows)
    with figure_file(path, rows, columns, figsize=size, squeeze=False) as (_, axes):
        colours: dict[str, str] = {}
        for one, found in zip(axes.flat, panels.values(), strict=False):
            draw_panel(one, found, colours, log)
        for one in axes.flat[len(panels) :]:
            one.set_axis_off()


def draw_panel(axes: Any, runs: Sequence[LoggedRun], colours: dict[str, str], log: bool) -> None:
    """Draws the runs of one environment.

    Args:
        axes: To draw into.
        runs: All of one environment.
        colours: Of the lines by label, the same in all panels; new ones are added.
        log: Whether the vertical axis is logarithmic.
    """
    from matplotlib.ticker import EngFormatter

    shown = "mean_regret" if all("mean_regret" in run.log for run in runs) else "mean_return"
    labels, means = [], []
    for label, group in name_groups(runs).items():
        colour = colours.setdefault(label, f"C{len(colours)}")
        for run in group if len(group) > 1 else ():
            axes.plot(run.log["num_timesteps"], run.log[shown], color=colour, lw=0.5, alpha=0.4)
        line = mean_of_seeds(group, shown)
        axes.plot(line.steps, line.mean, color=colour, linewidth=1.5)
        band = line.mean - line.half, line.mean + line.half
        axes.fill_between(line.steps, *band, color=colour, alpha=0.15, linewidth=0)
        means.append(line.mean)
        labels.append(Label(float(line.mean[-1]), label, colour, float(line.steps[-1])))
    for name, value in find_references(runs, shown).items():
        colour, style = REFERENCES[name]
        axes.axhline(value, color=colour, linestyle=style, linewidth=1)
        labels.append(Label(value, f"{name} ({value:.2f})", colour))
        means.append(np.array([value]))
    _set_scale(axes, np.concatenate(means), log)
    env_id, kwargs = runs[0].env
    axes.set_title(env_id if kwargs == "{}" else f"{env_id} {kwargs}")
    axes.set(xlabel="training steps", ylabel=shown.replace("_", " ") + " of an episode")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.margins(x=0)
    despine(axes)
    label_lines(axes, labels)


def _set_scale(axes: Any, values: NDArray[np.float64], log: bool) -> None:
    """Sets the vertical axis for the values of the lines; intervals may leave it.

    Raises:
        InputError: If it cannot be logarithmic.
    """
    from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

    low, high = float(values.min()), float(values.max())
    if not log:
        margin = 0.05 * (high - low) or 1.0
        axes.set_ylim(low - margin, high + margin)
        return
    if low <= 0:
        raise InputError(f"not all values are above 0, the least is {low:g}: leave `log=True` out")
    axes.set_yscale("log")
    axes.set_ylim(low / 1.1, high * 1.1)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_locator(NullLocator())


def name_groups(runs: Sequence[LoggedRun]) -> dict[str, list[LoggedRun]]:
    """Runs that differ in nothing but their seed, by a label.

    That is the agent's name, with the preset, or else the first run's folder, where the name alone
    does not tell two lines apart; and the number of seeds.
    """
    groups: dict[str, list[LoggedRun]] = {}
    for run in runs:
        groups.setdefault(run.kind, []).append(run)
    firsts = [group[0] for group in groups.values()]
    names = [str(run.settings["agent"]) for run in firsts]
    with_preset = [f"{run.settings['agent']}, {run.settings.get('preset')}" for run in firsts]
    with_folder = [f"{run.settings['agent']} ({run.path.name})" for run in firsts]
    named: dict[str, list[LoggedRun]] = {}
    for index, group in enumerate(groups.values()):
        choices = [names, with_preset]
        alone = [choice[index] for choice in choices if choice.count(choice[index]) == 1]
        label = alone[0] if alone else with_folder[index]
        seeds = f", {len(group)} seeds" if len(group) > 1 else ""
        named[label + seeds] = group
    return named


def mean_of_seeds(runs: Sequence[LoggedRun], column: str) -> Line:
    """The mean over the steps that all runs have come to.

    Less than three seeds get no interval: that of two is nine times as wide as their distance.
    """
    logs = [run.log for run in runs]
    steps = np.unique(np.concatenate([log["num_timesteps"] for log in logs]))
    first = max(log["num_timesteps"][0] for log in logs)
    last = min(log["num_timesteps"][-1] for log in logs)
    steps = steps[(steps >= first) & (steps <= last)]
    values = np.stack([np.interp(steps, log["num_timesteps"], log[column]) for log in logs])
    half = np.zeros(len(steps))
    if len(values) > 2:
        half = student.ppf(0.975, len(values) - 1) * values.std(0, ddof=1) / len(values) ** 0.5
    return Line(steps, values.mean(axis=0), half)


def find_references(runs: Sequence[LoggedRun], shown: str) -> dict[str, float]:
    """What random and the optimum reach, as far as it is known.

    It is the mean over the runs that were scored, or, for the optimum, what can be computed.
    """
    scores: dict[str, list[float]] = {name: [] for name in REFERENCES}
    for run in runs:
        for summary in _read_scores(run.path):
            if summary.get("agent") in scores and summary.get(shown) is not None:
                scores[summary["agent"]].append(float(summary[shown]))
    found = {name: sum(values) / len(values) for name, values in scores.items() if values}
    if "optimal" not in found:
        found |= _computed_optimum(runs[0].settings, shown)
    return found


def _read_scores(run: Path) -> list[dict[str, Any]]:
    try:
        scores = json.loads((run / "evaluation.json").read_text())
    except (OSError, ValueError):
        return []
    if isinstance(scores, dict):  # Older versions wrote the bare list.
        scores = scores.get("scores")
    return [one for one in scores if isinstance(one, dict)] if isinstance(scores, list) else []


def _computed_optimum(settings: Mapping[str, Any], shown: str) -> dict[str, float]:
    try:
        env = make_vector_env(settings["env"], 1, settings["env_kwargs"]).unwrapped
        if not isinstance(env, MetaVectorEnv):
            return {}
        best = optimal_return(env.family)
        # Regret is what an informed agent earns more.
        value = informed_return(env.family) - best if shown == "mean_regret" else best
    except (InputError, ValueError, DependencyNotInstalled):
        return {}
    return {"optimal": value}
