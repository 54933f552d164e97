"""The dynamic programme of the risky choice, and what a pull tells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meta_envs.optimal.numerics.limits import check_size
from meta_envs.tasks.cued.risky_choice import RiskyChoice

LEAST = 1e-300
"""A probability below this counts as this, so that its logarithm is finite."""
UNKNOWN = -1.0
"""Stands for the side of the risky arm as long as it is not known."""
Array = NDArray[np.float64]


class Values(NamedTuple):
    """What is to be had from beliefs on the risky arm, by trials left, wins and losses.

    With the side known:

    Attributes:
        safe: What the safe arm pays.
        free: By free trials left, wins and losses.
        forced: By forced pairs left, wins and losses, all free trials still to come.
        risky: As `free`, of pulling the risky arm now; shape (num_free_trials + 1, ...), the
            first without meaning.
        forced_risky: As `forced`, of pulling the risky arm now as the last trial of a pair.
    """

    safe: float
    free: Array
    forced: Array
    risky: Array
    forced_risky: Array


def posterior_mean(probabilities: Array, wins: Array, losses: Array) -> Array:
    """Posterior mean of the risky arm's chance, which is equally likely one of a list.

    Args:
        probabilities: Shape (values,).
        wins: How often it has paid, any shape.
        losses: How often it has not, same shape.
    """
    log_p, log_q = (np.log(np.maximum(p, LEAST)) for p in (probabilities, 1 - probabilities))
    evidence = wins[..., None] * log_p + losses[..., None] * log_q
    weights = np.exp(evidence - evidence.max(axis=-1, keepdims=True))
    return np.asarray((weights * probabilities).sum(axis=-1) / weights.sum(axis=-1))


def solve(family: RiskyChoice) -> Values:
    """The dynamic programme.

    Raises:
        ValueError: If a pull does not tell which arm it was of, or it would take too long.
    """
    _check(family)
    pairs, trials = family.num_forced_pairs, family.num_free_trials
    # Where there can be no more of either, what is rolled in has no meaning and is not asked for.
    counts = np.arange(pairs + trials + 1.0)
    wins, losses = np.meshgrid(counts, counts, indexing="ij")
    chance = posterior_mean(family.risky_probabilities, wins, losses)
    mean, safe = family.risky_payoff * chance, family.safe_payoff

    def pulled(after: Array) -> Array:
        """The value of a pull of the risky arm, from those of what is known after it."""
        won, lost = np.roll(after, -1, axis=0), np.roll(after, -1, axis=1)
        return np.asarray(mean + chance * won + (1 - chance) * lost)

    free, risky = [np.zeros_like(mean)], [np.zeros_like(mean)]
    for _ in range(trials):
        risky.append(pulled(free[-1]))
        free.append(np.maximum(risky[-1], safe + free[-1]))
    forced, forced_risky = [free[-1]], [np.zeros_like(mean)]
    for _ in range(pairs):
        forced_risky.append(pulled(forced[-1]))
        forced.append(safe + forced_risky[-1])
    return Values(safe, *(np.stack(part) for part in (free, forced, risky, forced_risky)))


def _check(family: RiskyChoice) -> None:
    safe, risky = np.float32(family.safe_payoff), np.float32(family.risky_payoff)
    if len({float(safe), float(risky), 0.0}) < 3:
        raise ValueError(
            "safe_payoff and risky_payoff must be neither equal nor 0 for the optimum to be known, "
            f"got {family.safe_payoff:g} and {family.risky_payoff:g}"
        )
    pairs, trials = family.num_forced_pairs, family.num_free_trials
    beliefs = (pairs + trials + 1) ** 2 * (2 * (pairs + trials) + len(family.risky_probabilities))
    name = "num_free_trials" if trials >= pairs else "num_forced_pairs"
    check_size(name, getattr(family, name), numbers=beliefs, memory=8 * beliefs)


def side_unknown(values: Values) -> Array:
    """What free trials are worth while the side is not known, by how many are left."""
    pulled = (values.safe + values.free[:-1, 0, 0] + values.risky[1:, 0, 0]) / 2
    return np.append(0.0, pulled)


def free_pulls(values: Values, known: NDArray[np.intp], left: NDArray[np.intp]) -> Array:
    """What a pull of each arm is worth more than to let a free trial pass.

    Args:
        values: Of the programme.
        known: Side of the risky arm, its wins and losses, shape (3, batch).
        left: Trials left, with the present one, shape (batch,).

    Returns:
        Of the left and the right arm, shape (batch, 2).
    """
    side, wins, losses = known
    after = values.free[left - 1, wins, losses]
    safe = np.full(len(left), values.safe)
    risky = values.risky[left, wins, losses] - after
    told = np.where(side[:, None] == (0, 1), risky[:, None], safe[:, None])
    untold = side_unknown(values)
    return np.where(side[:, None] == UNKNOWN, (untold[left] - untold[left - 1])[:, None], told)


def forced_pulls(
    values: Values,
    known: NDArray[np.intp],
    left: NDArray[np.intp],
    first: NDArray[np.bool_],
    offers: NDArray[np.intp],
) -> Array:
    """What a pull of the arm on offer is worth more than to let a forced trial pass.

    Args:
        values: Of the programme.
        known: Side of the risky arm, its wins and losses, shape (3, batch).
        left: Trials left, with the present one, shape (batch,).
        first: Whether it is the first trial of its pair, same shape.
        offers: The side on offer, same shape.

    Returns:
        Shape (batch,).
    """
    side, wins, losses = known
    # Both trials of a pair count as its pairs left.
    pairs = (left - (len(values.free) - 1) + 1) // 2
    risky = values.forced_risky[pairs, wins, losses] - values.forced[pairs - 1, wins, losses]
    told = np.where(offers == side, risky, values.safe)
    # With the side unknown: before the pair, after nothing was told in its first trial, in both.
    before, last = values.forced[:, 0, 0], side_unknown(values)[-1]
    between = (values.safe + before[pairs - 1] + values.forced_risky[pairs, 0, 0]) / 2
    after = np.where(pairs > 1, before[pairs - 1], last)
    untold = np.where(first, before[pairs] - between, between - after)
    return np.where(side == UNKNOWN, untold, told)


def learn(family: RiskyChoice, known: Array, arms: NDArray[np.intp], paid: Array) -> Array:
    """What is known after pulls.

    Args:
        family: The task.
        known: Side of the risky arm, its wins and its losses before, shape (batch, 3).
        arms: The side pulled, shape (batch,).
        paid: What that brought, same shape.

    Returns:
        The same as `known`, after it.
    """
    # A reward is read off an observation of float32.
    safe = paid.astype(np.float32) == np.float32(family.safe_payoff)
    side = np.where(safe, 1 - arms, arms)
    return np.stack([side, known[:, 1] + (~safe & (paid > 0)), known[:, 2] + (paid == 0)], axis=1)
