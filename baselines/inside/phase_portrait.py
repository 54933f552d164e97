"""Phase portraits: how a preference changes from trial to trial, by what happened in between.

Ji-An, Benna and Mattar 2025, "Discovering cognitive strategies with tiny recurrent neural
networks", Nature 644:993. L is the preference for action 0 before a trial (the difference of two
logits), and its change is drawn over L, one colour for each kind of trial.

What learners look like, with s = 1 after action 0 and -1 after action 1:

- Rescorla-Wagner, L = beta (Q0 - Q1). The change is s alpha beta (r - Q(a)). With S = Q0 + Q1 it
  is s alpha beta (r - S / 2) - (alpha / 2) L: for given S, straight parallel lines of slope
  -alpha / 2, which two rewards set alpha beta apart, at any L and at any time. L alone does not
  suffice, unless S is constant, as where both values move by opposite amounts. But what a reward
  has done to an arm tells its value, so one more trial suffices: with y = s (change), and r' and
  y' of the last trial of the same arm, y = alpha beta (r - r') + (1 - alpha) y', exactly
  (`delta_rule`).
- Bayes with two unknown arms, p ~ U[0, 1], and L = beta (difference of posterior means): the same
  with a rate of 1 / (n + 3) after n earlier pulls of the arm, so a reward's weight falls with it.
- Bayes in a two-step task with reversals, L = the log-odds of the good state: a function of L
  alone, and a curved one, as the chance of a reversal keeps the log-odds within bounds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.errors import InputError
from baselines.inside.choices import Choices
from baselines.inside.least_squares import LeastSquares, chance_of_none, least_squares

KNOTS = 5
"""Of the curve that a line is compared with: quantiles of L at which it may bend."""
FEWEST = 40
"""Trials of a kind to fit it."""
PRIOR_PULLS = 3
"""The rate of a Bayes learner with p ~ U[0, 1] after n earlier pulls is 1 / (n + 3)."""
NUMBERS = 9
"""Of a line: the fields of `Lines` but its counts."""
BLOCKS = 20
"""Of episodes, left out one at a time for an interval (the jackknife)."""


class Kind(NamedTuple):
    """A kind of trial.

    Attributes:
        action: That was chosen.
        state: That it led to; None where it leads to none.
        reward: That was paid.
    """

    action: int
    state: int | None
    reward: float

    def __str__(self) -> str:
        """In words: "action 0, state 1, reward 0"."""
        state = "" if self.state is None else f", state {self.state}"
        return f"action {self.action}{state}, reward {self.reward:g}"


class PhasePortrait(NamedTuple):
    """All pairs of trials that follow each other. Arrays have shape (pairs,).

    Attributes:
        preferences: L, before the first of the two.
        changes: From there to before the second.
        kinds: What kind the first was, an index into `names`.
        pulls: Earlier choices of the same action in the episode.
        episodes: Which episode.
        trials: Which of its trials the first one was.
        names: The kinds there were.
    """

    preferences: NDArray[np.float64]
    changes: NDArray[np.float64]
    kinds: NDArray[np.int64]
    pulls: NDArray[np.int64]
    episodes: NDArray[np.int64]
    trials: NDArray[np.int64]
    names: tuple[Kind, ...]

    def of(self, kind: int) -> PhasePortrait:
        """The pairs of one kind."""
        where = self.kinds == kind
        return PhasePortrait(
            self.preferences[where],
            self.changes[where],
            self.kinds[where],
            self.pulls[where],
            self.episodes[where],
            self.trials[where],
            self.names,
        )


def phase_portrait(choices: Choices) -> PhasePortrait:
    """The change of a preference from each trial to the next, and what happened in between.

    Args:
        choices: Of any agent.

    Raises:
        InputError: If no trial follows on another.
    """
    counted = choices.counted
    pairs = counted[:, :-1] & counted[:, 1:]
    if not pairs.any():
        raise InputError("a phase portrait needs episodes of at least two trials")
    first = np.where(choices.actions == 0, counted, False).cumsum(axis=1)
    second = np.where(choices.actions == 1, counted, False).cumsum(axis=1)
    pulls = np.where(choices.actions == 0, first, second) - 1
    states = np.zeros_like(choices.actions) if choices.states is None else choices.states
    table = np.stack([choices.actions, states, choices.rewards], axis=2)[:, :-1][pairs]
    names, kinds = np.unique(table, axis=0, return_inverse=True)
    episodes, trials = pairs.nonzero()
    return PhasePortrait(
        preferences=choices.preferences[:, :-1][pairs],
        changes=np.diff(choices.preferences, axis=1)[pairs],
        kinds=kinds.reshape(-1),
        pulls=pulls[:, :-1][pairs],
        episodes=episodes,
        trials=trials,
        names=tuple(
            Kind(int(a), None if choices.states is None else int(s), float(r)) for a, s, r in names
        ),
    )


class Lines(NamedTuple):
    """The regression of the change on L by kind of trial. Arrays have shape (kinds,).

    All nan for a kind of fewer than `FEWEST` trials.

    Attributes:
        counts: Trials of each kind.
        intercepts: Change at L = 0.
        intercept_errors: Their standard errors, which allow for dependence within an episode.
        slopes: Change per unit of L.
        slope_errors: Their standard errors.
        r2: Share of the changes' variance that the line explains.
        r2_curve: Share that a line explains which may bend at `KNOTS` places: with enough trials,
            what L alone can tell.
        p_curve: Chance of so much bend if it is a line.
        r2_pulls: Share explained by a line whose height and slope go with 1 / (n + 3) for n
            earlier choices of the action.
        p_pulls: Chance of so much change with n if it is one line. That L alone does not suffice
            is enough to make it small: `delta_rule` tells a fixed rate from a falling one.
    """

    counts: NDArray[np.int64]
    intercepts: NDArray[np.float64]
    intercept_errors: NDArray[np.float64]
    slopes: NDArray[np.float64]
    slope_errors: NDArray[np.float64]
    r2: NDArray[np.float64]
    r2_curve: NDArray[np.float64]
    p_curve: NDArray[np.float64]
    r2_pulls: NDArray[np.float64]
    p_pulls: NDArray[np.float64]


def portrait_lines(portrait: PhasePortrait) -> Lines:
    """Fits a line to each kind of trial, and tests whether it is one."""
    rows = [_line(portrait.of(kind)) for kind in range(len(portrait.names))]
    counts = np.bincount(portrait.kinds, minlength=len(portrait.names))
    return Lines(counts, *np.array(rows).T)


def _line(pairs: PhasePortrait) -> tuple[float, ...]:
    """The rest of a row of `Lines`."""
    level = pairs.preferences
    if len(level) < FEWEST or np.ptp(level) == 0:
        return (float("nan"),) * NUMBERS
    line = np.column_stack([np.ones_like(level), level])
    quantiles = np.quantile(level, (np.arange(KNOTS) + 0.5) / KNOTS)
    bends = np.maximum(level[:, None] - quantiles, 0)
    novelty = 1 / (pairs.pulls[:, None] + PRIOR_PULLS)
    straight, bent, varied = (
        least_squares(columns, pairs.changes, pairs.episodes)
        for columns in (line, np.hstack([line, bends]), np.hstack([line, line * novelty]))
    )
    (intercept, slope), (intercept_error, slope_error) = straight.coefficients, straight.errors
    return (
        *(float(intercept), float(intercept_error), float(slope), float(slope_error)),
        *(straight.r2, bent.r2, chance_of_none(bent, slice(2, None))),
        *(varied.r2, chance_of_none(varied, slice(2, None))),
    )


class DeltaRule(NamedTuple):
    """What a reward does to the preference, and how that goes with an arm's earlier pulls.

    Attributes:
        alpha: Learning rate of the one rule for all trials that fits best.
        beta: Its inverse temperature.
        r2: Share of the changes' variance that it explains: 1 for Rescorla-Wagner.
        pulls: Earlier pulls of the arm, shape (n,), from 1 on.
        weights: What a reward adds to the preference for its arm after so many; alpha beta at any
            number for Rescorla-Wagner. Fitted to the trials of that number alone.
        weight_errors: Their standard errors.
        exponent: Of n + 3 in the power that the weights follow: 0 for Rescorla-Wagner, -1 for a
            Bayes learner with two unknown arms.
        exponent_error: Its standard error, by the jackknife.
    """

    alpha: float
    beta: float
    r2: float
    pulls: NDArray[np.int64]
    weights: NDArray[np.float64]
    weight_errors: NDArray[np.float64]
    exponent: float
    exponent_error: float


def delta_rule(portrait: PhasePortrait, most_pulls: int = 40) -> DeltaRule:
    """Tells a learner with a fixed rate from one whose rate falls, on two arms.

    y = s (change) is fitted by an intercept, the reward, the last reward of the same arm and its
    y, for which the derivation stands above; then again for each number of earlier pulls.

    Args:
        portrait: Of two arms.
        most_pulls: Trials with more earlier pulls of the arm are left out.

    Raises:
        InputError: If actions lead to states, or there are too few trials.
    """
    if portrait.names[0].state is not None:
        raise InputError("a delta rule of two values needs actions that lead to no states")
    moves = _moves(portrait)
    moves = moves.of(moves.pulls <= most_pulls)
    if len(moves.outcomes) < FEWEST:
        raise InputError(f"a delta rule needs {FEWEST} trials with an earlier pull of their arm")
    whole = moves.fit()
    _, by_reward, _, keep = whole.coefficients.tolist()
    numbers = np.flatnonzero(np.bincount(moves.pulls) >= FEWEST)
    fits = [moves.of(moves.pulls == number).fit() for number in numbers]
    weights = np.array([fit.coefficients[1] for fit in fits])
    errors = np.array([fit.errors[1] for fit in fits])
    blocks = moves.episodes % BLOCKS
    left_out = np.array(
        [
            _exponent(numbers, moves.of(blocks != block).weights(numbers), errors)
            for block in np.unique(blocks)
        ]
    )
    spread = float(np.square(left_out - left_out.mean()).sum())
    error = (spread * (len(left_out) - 1) / len(left_out)) ** 0.5
    alpha = 1 - keep
    exponent = _exponent(numbers, weights, errors)
    return DeltaRule(alpha, by_reward / alpha, whole.r2, numbers, weights, errors, exponent, error)


class _Moves(NamedTuple):
    """Trials that follow on one of their arm: `predictors` (n, 4), the others (n,)."""

    predictors: NDArray[np.float64]
    outcomes: NDArray[np.float64]
    pulls: NDArray[np.int64]
    episodes: NDArray[np.int64]

    def of(self, where: NDArray[np.bool_]) -> _Moves:
        return _Moves(
            self.predictors[where], self.outcomes[where], self.pulls[where], self.episodes[where]
        )

    def fit(self) -> LeastSquares:
        return least_squares(self.predictors, self.outcomes, self.episodes)

    def weights(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """What a reward adds after each number of earlier pulls."""
        chosen = (self.of(self.pulls == number) for number in numbers)
        fits = [np.linalg.lstsq(part.predictors, part.outcomes)[0] for part in chosen]
        return np.array([coefficients[1] for coefficients in fits])


def _moves(portrait: PhasePortrait) -> _Moves:
    """What `delta_rule` fits: y by 1, the reward, the last reward of the arm and its y."""
    actions = np.array([name.action for name in portrait.names])[portrait.kinds]
    rewards = np.array([name.reward for name in portrait.names])[portrait.kinds]
    moves = np.where(actions == 0, portrait.changes, -portrait.changes)
    order = np.lexsort((portrait.trials, actions, portrait.episodes))
    before, after = order[:-1], order[1:]
    follows = portrait.episodes[before] == portrait.episodes[after]
    # Also no trial of the arm in between that was not part of a pair.
    follows &= portrait.pulls[before] + 1 == portrait.pulls[after]
    follows &= actions[before] == actions[after]
    before, after = before[follows], after[follows]
    columns = [np.ones(len(after)), rewards[after], rewards[before], moves[before]]
    stacked = np.column_stack(columns)
    return _Moves(stacked, moves[after], portrait.pulls[after], portrait.episodes[after])


def _exponent(
    numbers: NDArray[np.int64], weights: NDArray[np.float64], errors: NDArray[np.float64]
) -> float:
    """The slope of the weights' logarithm on that of n + 3; nan with fewer than two above 0."""
    up = weights > 0
    if up.sum() < 2:
        return float("nan")
    x, y = np.log(numbers[up] + PRIOR_PULLS), np.log(weights[up])
    # By 1 / variance of the logarithms, with a floor where all is exact.
    precision = np.square(weights[up] / np.maximum(errors[up], 1e-3 * weights[up]))
    x, y = x - np.average(x, weights=precision), y - np.average(y, weights=precision)
    return float((precision * x * y).sum() / (precision * x * x).sum())
