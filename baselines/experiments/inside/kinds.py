"""How kinds of trials are called and coloured: one way in all figures."""

from __future__ import annotations

from typing import NamedTuple

from baselines.inside.phase_portrait import Kind

# Okabe and Ito's colours, which can be told apart with any colour vision: a dark one where the
# trial paid and a light one of the same hue where it did not.
PAID = ("#0072B2", "#D55E00")
UNPAID = ("#56B4E9", "#E69F00")


class Look(NamedTuple):
    """How a kind is drawn."""

    label: str
    colour: str
    dashes: str


def look(kind: Kind) -> Look:
    """Hue by the state that the trial led to, or by the action; dashed for the second action."""
    where = kind.action if kind.state is None else kind.state
    colours = PAID if kind.reward > 0 else UNPAID
    # States are counted from S1, the one where the choice is.
    state = "" if kind.state is None else f", S{kind.state + 2}"
    dashed = kind.state is not None and kind.action
    label = f"action {kind.action}{state}, r = {kind.reward:g}"
    return Look(label, colours[where % 2], "--" if dashed else "-")
