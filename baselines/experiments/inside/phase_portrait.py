"""Phase portraits of the agent, of Rescorla-Wagner and of Bayes, all in the agent's own trials."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.common.intervals import Z95
from baselines.experiments.inside.kinds import look
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import read_choices
from baselines.inside.phase_portrait import (
    DeltaRule,
    Lines,
    PhasePortrait,
    delta_rule,
    phase_portrait,
    portrait_lines,
)
from baselines.inside.record import record
from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section
from meta_envs.policies import Belief

FILE, WEIGHTS_FILE = "phase_portrait.svg", "reward_weights.svg"
AGENT, LEARNER, MEANS, ODDS = "agent", "Rescorla-Wagner", "Bayes, means", "Bayes, log-odds"
AXES = {
    AGENT: "difference of logits",
    LEARNER: "difference of values",
    MEANS: "difference of posterior means",
    ODDS: "log-odds that action 0 is better",
}
"""What the preference of each is."""
VALUES = {
    "rescorla-wagner,alpha=0.3": slice(0, 2),
    "two-step-model-based,learning_rate=0.3": slice(2, 4),
}
"""Learners with a fixed rate, and where their two values stand in their memory."""
POINTS = 400
"""Of each kind that are drawn."""
BINS = 12
"""Of L, whose mean change is drawn."""
COLOURS = {AGENT: "k", LEARNER: "#009E73", MEANS: "#CC79A7", ODDS: "#0072B2"}
NODES = 64
"""Of the quadrature over an arm's chance."""


def section(subject: Subject) -> Section:
    """The change of the preference over the preference, by kind of trial.

    Raises:
        InputError: If the task has not two choices, or the agent no logits.
    """
    portraits = {AGENT: phase_portrait(read_choices(subject.own))}
    for name, preferences in (learners(subject) | observers(subject.own.belief)).items():
        portraits[name] = phase_portrait(read_choices(subject.own, preferences))
    lines = {name: portrait_lines(portrait) for name, portrait in portraits.items()}
    draw_phase_portraits(subject.out / FILE, portraits, lines)
    tables = [_table(name, portraits[name], lines[name]) for name in portraits]
    figures = [Figure(FILE, CAPTION)]
    with suppress(InputError):  # Known of two arms only.
        rules = {name: delta_rule(portrait) for name, portrait in portraits.items()}
        draw_reward_weights(subject.out / WEIGHTS_FILE, rules)
        tables.append(_rules(rules))
        figures.append(Figure(WEIGHTS_FILE, WEIGHTS_CAPTION))
    return Section("Phase portrait", TEXT, tables, figures)


TEXT = (
    "The preference L for action 0 before each trial, and its change until the next one, by what "
    "happened in between (Ji-An et al. 2025). The two learners beside the agent saw the same "
    "trials. For Rescorla-Wagner lines are straight and parallel at a given sum of the two "
    "values. For Bayes on two arms the change shrinks with the number of pulls; with reversals "
    "it is a curve of L.",
)
CAPTION = (
    "A point a trial; lines: mean change in twelve bins of equal numbers. Where colour and line "
    "differ, hue is the state reached, and dashes are for action 1."
)
WEIGHTS_CAPTION = (
    "What a reward adds to the preference for its arm, by the arm's earlier pulls, as a share of "
    "what it adds at the first of these; in brackets the exponent of n + 3. A fixed learning rate "
    "is flat. A posterior mean moves by 1 / (n + 3); the log-odds that an arm is the better one "
    "fall more slowly, as the same distance means more where more is known."
)


def learners(subject: Subject) -> dict[str, NDArray[np.float64]]:
    """Value of action 0 minus that of action 1, for a learner shown the agent's trials."""
    for name, columns in VALUES.items():
        with suppress(InputError):
            memory = record(name, subject.own.evaluation).activity[:, :, columns]
            return {LEARNER: memory[:, :, 0].astype(np.float64) - memory[:, :, 1]}
    return {}


def observers(belief: Belief) -> dict[str, NDArray[np.float64]]:
    """What the optimum's belief says for action 0, in the agent's trials."""
    if "counts" in belief and belief["counts"].shape[2] == 4:
        means = belief["posterior means"]
        return {
            MEANS: means[:, :, 0] - means[:, :, 1],
            ODDS: log_odds_of_better(belief["counts"]),
        }
    if "S2 is good" in belief:
        chance = belief["S2 is good"][:, :, 0].clip(1e-9, 1 - 1e-9)
        return {ODDS: np.log(chance / (1 - chance))}
    return {}


def log_odds_of_better(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds that the first of two arms pays more often, each p ~ U[0, 1] at first.

    Args:
        counts: Paid and not paid of the first arm, then of the second, shape (..., 4).
    """
    from scipy.special import betainc
    from scipy.stats import beta

    states, index = np.unique(counts.reshape(-1, 4) + 1, axis=0, return_inverse=True)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    a, b, c, d = states.T[..., None]
    # Each node at a quantile of the first arm, so that a narrow posterior has all of them.
    places = beta.ppf((nodes + 1) / 2, a, b)
    below, above = (
        (betainc(*shape, at) * weights / 2).sum(axis=1)
        for shape, at in (((c, d), places), ((d, c), 1 - places))
    )
    odds: NDArray[np.float64] = np.log(np.maximum(below, 1e-300) / np.maximum(above, 1e-300))
    return odds[index.reshape(-1)].reshape(counts.shape[:-1])


def _table(name: str, portrait: PhasePortrait, lines: Lines) -> Table:
    columns = (
        *("trials", "at L = 0", "slope", "R² line", "R² bent line", "p bend", "R² by pulls"),
        "p pulls",
    )
    rows = [(look(kind).label, _row(lines, i)) for i, kind in enumerate(portrait.names)]
    file = "phase_portrait_" + name.lower().replace(", ", "_").replace("-", "_")
    return Table(file, f"{name}: change of L after", columns, rows)


def _row(lines: Lines, kind: int) -> list[str]:
    """A kind's line; dashes where it had too few trials."""
    count = f"{lines.counts[kind]:,}"
    if np.isnan(lines.slopes[kind]):
        return [count, *("-",) * 7]
    return [
        count,
        f"{lines.intercepts[kind]:.2f} ± {Z95 * lines.intercept_errors[kind]:.2f}",
        f"{lines.slopes[kind]:.3f} ± {Z95 * lines.slope_errors[kind]:.3f}",
        *(f"{r2[kind]:.3f}" for r2 in (lines.r2, lines.r2_curve)),
        f"{lines.p_curve[kind]:.1g}",
        f"{lines.r2_pulls[kind]:.3f}",
        f"{lines.p_pulls[kind]:.1g}",
    ]


def _rules(rules: Mapping[str, DeltaRule]) -> Table:
    rows = [
        (
            name,
            [
                *(f"{number:.3f}" for number in (rule.alpha, rule.beta, rule.r2)),
                f"{rule.exponent:.2f} ± {Z95 * rule.exponent_error:.2f}",
            ],
        )
        for name, rule in rules.items()
    ]
    columns = ("learning rate", "inverse temperature", "R²", "exponent of n + 3")
    return Table("delta_rule", "one delta rule for all pulls", columns, rows)


def draw_phase_portraits(
    path: Path, portraits: Mapping[str, PhasePortrait], lines: Mapping[str, Lines]
) -> None:
    """Draws a panel a learner, and each kind of trial in its colour."""
    columns = min(len(portraits), 2)
    rows = -(-len(portraits) // columns)
    size = 5.2 * columns, 3.8 * rows
    with figure_file(path, rows, columns, figsize=size, squeeze=False) as (figure, panels):
        for axes in panels.flat[len(portraits) :]:
            axes.set_visible(False)
        for (name, portrait), axes in zip(portraits.items(), panels.flat, strict=False):
            _draw_portrait(axes, portrait)
            fits = lines[name].r2[~np.isnan(lines[name].r2)]
            title = (
                f"{name} (R² of lines {fits.min():.2f} to {fits.max():.2f})" if len(fits) else name
            )
            axes.set_title(title, fontsize=10)
            axes.set_xlabel(f"L: {AXES.get(name, AXES[AGENT])}")
        figure.supylabel("change of L to the next trial", fontsize=10)


def _draw_portrait(axes: Any, portrait: PhasePortrait) -> None:
    axes.axhline(0, color="0.7", linewidth=0.8)
    rng = np.random.default_rng(0)
    labels = []
    for kind, name in enumerate(portrait.names):
        pairs, style = portrait.of(kind), look(name)
        shown = rng.permutation(len(pairs.changes))[:POINTS]
        points = pairs.preferences[shown], pairs.changes[shown]
        axes.plot(*points, ".", color=style.colour, markersize=3, alpha=0.35, rasterized=True)
        order = np.array_split(np.argsort(pairs.preferences), min(BINS, len(pairs.changes)))
        means = np.array([(pairs.preferences[b].mean(), pairs.changes[b].mean()) for b in order])
        # Its white edge keeps a line apart from the points.
        axes.plot(*means.T, color="w", linewidth=3.2, alpha=0.7)
        axes.plot(*means.T, color=style.colour, linestyle=style.dashes, linewidth=2)
        labels.append(Label(float(means[-1, 1]), style.label, style.colour, float(means[-1, 0])))
    low, high = np.quantile(portrait.changes, [0.002, 0.998])
    axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    axes.set_xlim(*np.quantile(portrait.preferences, [0.002, 0.998]))
    axes.locator_params(axis="x", nbins=6)
    despine(axes)
    label_lines(axes, labels)


def draw_reward_weights(path: Path, rules: Mapping[str, DeltaRule]) -> None:
    """Draws the weight of a reward over the arm's earlier pulls, on logarithmic axes."""
    with figure_file(path) as (_, axes):
        labels = []
        for name, rule in rules.items():
            weights, halves = rule.weights / rule.weights[0], Z95 * rule.weight_errors
            halves = halves / abs(rule.weights[0])
            colour = COLOURS.get(name, "k")
            axes.plot(rule.pulls, weights, color=colour)
            axes.fill_between(
                rule.pulls, weights - halves, weights + halves, color=colour, alpha=0.2, linewidth=0
            )
            labels.append(Label(float(weights[-1]), f"{name} ({rule.exponent:.2f})", colour))
        axes.set(xscale="log", yscale="log", xlabel="earlier pulls of the arm")
        axes.set_ylabel("weight of a reward, relative to the first")
        ticks = [1, 2, 5, 10, 20, 40]
        axes.set_xticks(ticks, [str(tick) for tick in ticks], minor=False)
        axes.set_yticks([0.1, 0.2, 0.5, 1], ["0.1", "0.2", "0.5", "1"])
        axes.minorticks_off()
        axes.margins(x=0)
        despine(axes)
        label_lines(axes, labels)
