"""Sampling actions from logits by the Gumbel-max trick.

The largest of logits + Gumbel noise is a draw from their softmax, and minus the log of an
exponential number is Gumbel noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALL = 1e-30
"""Keeps an exponential that was rounded to 0 away from the log's pole; too little to change any
other."""


def minus_gumbel(exponential: NDArray[Any]) -> NDArray[Any]:
    """Turns exponential numbers, in place, into the negative of Gumbel noise."""
    exponential += exponential.dtype.type(SMALL)
    return np.log(exponential, out=exponential)


def sample(
    logits: NDArray[Any],
    noise: NDArray[Any],
    axis: int,
    out: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Draws from softmax(logits) along an axis.

    Args:
        logits: Any shape.
        noise: From `minus_gumbel`, same shape.
        axis: Of the actions.
        out: To be written to, shape of `logits` without `axis`.
    """
    return np.subtract(logits, noise).argmax(axis=axis, out=out)
