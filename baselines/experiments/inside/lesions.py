"""What the agent loses without one unit, or without one principal component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.common.intervals import Z95
from baselines.experiments.inside.subject import Subject
from baselines.inside.components import principal_components
from baselines.inside.lesions import (
    Effects,
    direction_lesions,
    lesion_effects,
    unit_lesions,
)
from baselines.inside.plain_cell import plain_cell
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "lesions.svg"
COMPONENTS = 10
"""The widest, each taken out."""
LISTED, NAMED = 8, 5
"""Units with the largest cost in the table, and named in the figure."""


def section(subject: Subject) -> Section:
    """The cost of each unit's lesion, and of each of the first principal components'.

    Raises:
        InputError: If the network cannot be taken apart.
    """
    units = plain_cell(subject.policy).hidden_size
    own = subject.own
    components = principal_components(own.activity, own.played)
    count = min(COMPONENTS, units)
    arguments: dict[str, Any] = {
        "episodes": own.evaluation.episodes,
        "seed": subject.seed,
        "env_kwargs": subject.env_kwargs,
    }
    by_unit, by_component = (
        lesion_effects(subject.policy, subject.env_id, lesions, **arguments)
        for lesions in (
            unit_lesions(None, units),
            direction_lesions(own.activity[own.played], components.directions[:count]),
        )
    )
    draw_lesions(subject.out / FILE, by_unit, by_component, components.explained)
    tables = [
        _table("lesions_units", by_unit, order_of(by_unit)[:LISTED]),
        _table("lesions_components", by_component, np.arange(count)),
    ]
    return Section("Lesions", [_text(by_unit)], tables, [Figure(FILE, CAPTION)])


CAPTION = (
    "Left: what each unit's lesion costs, the largest first. Right: what it costs to hold one "
    "principal component at its mean, beside the share of the activity's variance that is along "
    "it. Intervals are of 95 %, from the differences of the same episodes."
)


def cost_of(effects: Effects) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """The sharpest cost there is, its standard error, and what it is."""
    if not np.isnan(effects.gaps).any():
        return effects.gaps, effects.gap_errors, "optimality gap"
    what = "return lost" if effects.whole.regrets is None else "regret"
    return effects.costs, effects.errors, what


def order_of(effects: Effects) -> NDArray[np.intp]:
    """The lesions, the most costly first."""
    return np.argsort(-cost_of(effects)[0], kind="stable")


def _text(effects: Effects) -> str:
    costs, errors, what = cost_of(effects)
    from scipy.stats import norm

    # Two-sided, 5 % in all over as many tests as there are units.
    limit = float(norm.isf(0.025 / len(costs)))
    worse, better = (int((sign * costs > limit * errors).sum()) for sign in (1, -1))
    return (
        "A unit is silenced, or a component held at its mean, for all that read it: policy, value "
        "and recurrent weights. The episodes are the same, with the same noise. Of "
        f"{len(costs)} units, {worse} add to the {what} when silenced and {better} take from it, "
        "at 5 % over all units (Bonferroni)."
    )


def _table(name: str, effects: Effects, chosen: NDArray[np.intp]) -> Table:
    columns = ["regret" if effects.whole.regrets is not None else "return lost", "optimality gap"]
    rows = [
        (
            effects.names[i],
            [
                _cell(effects.costs[i], effects.errors[i]),
                _cell(effects.gaps[i], effects.gap_errors[i]),
            ],
        )
        for i in chosen
    ]
    return Table(name, "added by the lesion of", columns, rows)


def _cell(mean: float, error: float) -> str:
    return "-" if np.isnan(mean) else f"{mean:.2f} ± {Z95 * error:.2f}"


def draw_lesions(
    path: Path, by_unit: Effects, by_component: Effects, explained: NDArray[np.float64]
) -> None:
    """Draws the costs of units, sorted, and of components, in their order."""
    with figure_file(path, 1, 2, figsize=(11, 4.2), width_ratios=(3, 2)) as (_, (left, right)):
        order = order_of(by_unit)
        costs, errors, what = cost_of(by_unit)
        places = np.arange(len(order))
        _bars(left, places, costs[order], errors[order], "#0072B2")
        for place, unit in enumerate(order[:NAMED]):
            top = costs[unit] + Z95 * errors[unit]
            name = by_unit.names[unit].removeprefix("unit ")
            left.annotate(
                *(name, (place, top)),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        left.set(xlabel="units, by the cost of their lesion", ylabel=f"{what} added", xticks=[])
        costs, errors, _ = cost_of(by_component)
        places = np.arange(1, len(costs) + 1)
        _bars(right, places, costs, errors, "#0072B2")
        right.set(xlabel="principal component", ylabel=f"{what} added", xticks=places)
        _draw_shares(right, explained[: len(costs)])
        for axes in (left, right):
            axes.margins(x=0.02)
            despine(axes)


def _bars(
    axes: Any,
    places: NDArray[Any],
    costs: NDArray[np.float64],
    errors: NDArray[np.float64],
    colour: str,
) -> None:
    axes.axhline(0, color="0.5", linewidth=0.8)
    axes.bar(places, costs, 0.8, yerr=Z95 * errors, color=colour, ecolor="0.3")


def _draw_shares(axes: Any, shares: NDArray[np.float64]) -> None:
    """The shares of the variance, in per cent, on a scale of their own at the right."""
    twin = axes.twinx()
    places = np.arange(1, len(shares) + 1)
    twin.plot(places, 100 * shares, "o-", color="#D55E00", markersize=3)
    twin.set_ylim(bottom=0)
    twin.set_ylabel("variance along it, %", color="#D55E00")
    twin.spines["top"].set_visible(False)
