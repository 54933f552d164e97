"""Restless bandits of Wang et al. 2016, section 3.1.4, Fig. 4: regret, learning rates, BIC.

The paper's figures could not be read off; what it says of them in words stands beside ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.analysis.learning_rates import MODELS, Fit, compare_models, read_choices
from baselines.common.intervals import confidence_interval, with_half_width
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.result import Evaluation
from baselines.reporting.figures import COLOURS, despine, figure_file, plot_regret
from baselines.reporting.markdown import Cell, Table, write_markdown
from baselines.reporting.page import Figure, Section

ENV_ID = "MetaBanditRestless-v0"
KINDS = ("mixed", "low", "high")
"""Of volatility: both mixed, as in training, and each on its own."""
CLASSIC = ("thompson,sigma=0.05", "ucb", "random")
LEARNING_RATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Of the fixed Rescorla-Wagner rules; the paper found .5 to be the best."""
FITTED = 400
"""Episodes of each kind that models are fitted to, at most."""
BLOCK = 10
REGRET, RATES = "restless.svg", "learning_rates.svg"

QUESTION = (
    "Where the arms of a bandit drift, slowly in some episodes and quickly in others, does a "
    "network lose less than rules with one learning rate, and does it learn faster where things "
    "change faster?"
)
DIFFERS = (
    "The paper does not give the volatilities, so they are a choice here, such that a fixed rate "
    "of about .5 is the best, as in the paper; nor does it print numbers.",
    "In its words: the network's regret is the lowest, then come Thompson sampling, UCB and the "
    "best Rescorla-Wagner rule; a fitted learning rate is much higher where the volatility is "
    "high, and a model with a rate of each block's own describes the network better than one rate "
    "for all, but not the Rescorla-Wagner rule itself.",
)


class Fits(NamedTuple):
    """The models fitted to an agent's choices, by volatility."""

    low: Mapping[str, Fit]
    high: Mapping[str, Fit]


def run(out: Path, episodes: int = 4_000, seed: int = 0, agent: str | None = None) -> Section:
    """Plays the agents, fits the models, and writes tables and figures.

    Args:
        out: Folder to write into.
        episodes: Of each agent with each volatility.
        seed: Tasks, noise and sampling follow from it.
        agent: One more.

    Raises:
        InputError: If that agent cannot play.
    """
    rules = [f"rescorla-wagner,alpha={rate},beta=10" for rate in LEARNING_RATES]
    own = [] if agent is None else [agent]
    agents = [*own, "optimal", *CLASSIC, *rules]
    played: dict[str, list[Evaluation]] = {}

    def row(name: str) -> list[Cell]:
        played[name] = [
            evaluate(name, ENV_ID, episodes, seed, {"volatility": kind}, transfer=True)
            for kind in KINDS
        ]
        return [Cell.of(evaluation) for evaluation in played[name]]

    columns = [f"{kind} volatility" for kind in KINDS]
    rows = ((name, row(name)) for name in track(agents))
    regret = write_markdown(out / "restless.md", "regret after 100 pulls", columns, rows)
    best = min(rules, key=lambda name: _mean(played[name]))
    shown = [*own, "optimal", best]
    plot_regret([played[name][0] for name in [*shown, *CLASSIC]], out / REGRET)
    fits = {name: _fit(played[name]) for name in track(shown, lambda one: f"fitting {one}")}
    rates = _write_rates(out, fits)
    draw(out / RATES, fits)
    figures = [
        Figure(REGRET, "Regret where the arms drift, both volatilities mixed."),
        Figure(
            RATES,
            "Learning rates fitted to blocks of ten episodes, and how much worse each model "
            "describes the choices than the best (BIC): b one rate of .5, ab a rate of each "
            "block's own, be and abe the same with lapses.",
        ),
    ]
    text = [_told(played, fits)]
    title = "Restless bandits of Wang et al. 2016"
    return Section(title, text, [regret, rates], figures, QUESTION, DIFFERS)


def _fit(played: Sequence[Evaluation]) -> Fits:
    """Fits all models to the choices with low and with high volatility."""
    return Fits(*(compare_models(_choices(one)) for one in played[1:]))


def _choices(evaluation: Evaluation) -> Any:
    choices = read_choices(evaluation, min(BLOCK, len(evaluation.episodes)))
    blocks = max(FITTED // BLOCK, 1)
    return choices._replace(actions=choices.actions[:blocks], rewards=choices.rewards[:blocks])


def _write_rates(out: Path, fits: Mapping[str, Fits]) -> Table:
    """The table of fitted rates, and of what a rate of each block's own gains in BIC."""
    rows = [
        (
            name,
            [
                *(_with_half(one["ab"].alpha) for one in of),
                *(_with_half(one["b"].bic - one["ab"].bic, 1) for one in of),
            ],
        )
        for name, of in fits.items()
    ]
    columns = ["low", "high", "BIC gained: low", "BIC gained: high"]
    return write_markdown(out / "learning_rates.md", "fitted learning rate", columns, rows)


def _with_half(values: NDArray[np.float64], digits: int = 3) -> str:
    return with_half_width(float(values.mean()), confidence_interval(values), digits)


def _told(played: Mapping[str, Sequence[Evaluation]], fits: Mapping[str, Fits]) -> str:
    """What was found, in words."""
    *first, best = fits
    names = [*first, *CLASSIC[:-1], best]
    regret = ", ".join(f"{name} {_mean(played[name]):.2f}" for name in names)
    rates = "; ".join(
        f"{name} {of.low['ab'].alpha.mean():.2f} and {of.high['ab'].alpha.mean():.2f}"
        for name, of in fits.items()
    )
    return (
        f"Regret with both volatilities mixed: {regret}. Fitted learning rates with low and with "
        f"high volatility: {rates}."
    )


def _mean(played: Sequence[Evaluation]) -> float:
    """The mean regret with both volatilities mixed."""
    mean = played[0].mean_regret
    assert mean is not None
    return mean


def draw(path: Path, fits: Mapping[str, Fits]) -> None:
    """Draws the rate of each block by agent and volatility, and the models' BIC."""
    with figure_file(path, columns=2, figsize=(10, 1.6 + 1.2 * len(fits))) as (_, (left, right)):
        for number, of in enumerate(fits.values()):
            for shift, kind, colour in ((-0.18, "low", COLOURS[0]), (0.18, "high", COLOURS[1])):
                fit = getattr(of, kind)
                alpha = fit["ab"].alpha
                height = number + shift
                jitter = np.linspace(-0.1, 0.1, len(alpha))
                left.plot(alpha, height + jitter, ".", color=colour, alpha=0.35, markersize=5)
                left.plot(alpha.mean(), height, "|", color=colour, markersize=16, mew=2.5)
                if number == 0:
                    left.text(alpha.mean(), -0.55, kind, color=colour, ha="center", va="bottom")
                bic = {model: float(fit[model].bic.sum()) for model in MODELS}
                least = min(bic.values())
                for place, (model, value) in enumerate(bic.items()):
                    at = max(value - least, 1.0), height + 0.085 * (place - 1.5)
                    right.plot(*at, "o", color=colour, markersize=4)
                    right.text(*at, f"  {model}", fontsize=7, color=colour, va="center")
        for axes in (left, right):
            axes.set_yticks(range(len(fits)), list(fits) if axes is left else [])
            axes.set_ylim(len(fits) - 0.4, -0.75)
            despine(axes)
        left.set(xlabel="fitted learning rate", xlim=(-0.02, 1.02))
        right.set(xlabel="BIC more than the best model's (left end: 1 or less)", xscale="log")
