"""Values that somebody may give by mistake."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np


class Level(IntEnum):
    """A whole number with a name."""

    TWO = 2


WHOLE = (0, 1, 2, 3, 5, 7, 10, 17, 100, -1, -(2**31))
LARGE = (1_000, 10**5, 10**6, 2**31 - 1, 2**31, 10**9, 2**63, 10**12, 10**30, 10**5000, -(10**30))
REAL = (0.0, -0.0, 0.1, 0.5, 0.75, 1.0, 2.0, 2.5, -0.1, 1e-9, 5e-324, 1e-160, 30.0, 1e9, 1e308)
SPECIAL = (math.nan, math.inf, -math.inf, True, False, None)
TEXTS = ("", "2", "nan", "none", "x" * 3_000, "ü\n\t", "\0", "../..", "train", "test", "ansi")
NUMPY = (
    *(np.int8(3), np.int8(100), np.int16(300), np.int32(7), np.int64(2), np.uint8(2), np.uint64(5)),
    *(np.uint8(255), np.uint64(2**64 - 1), np.int32(2**30), np.int64(2**62), np.float32(0.6)),
    *(np.float16(0.5), np.float64(0.5), np.float64("nan"), np.longdouble(0.5), np.bool_(True)),
    *(np.longdouble("1e4000"), np.complex128(1), np.str_("train"), np.timedelta64(3, "D")),
    *(np.datetime64("2020-01-01"), np.array(3), np.array([3]), np.array([]), np.array(["a", "b"])),
    *(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2_000), np.array([None]), np.array(0.5)),
)
NESTED = (
    *([], [1], [0.5, 0.5], [0.2, math.nan], [[1]], [[1, 2], 3], [None], ["action"], [True, 0.5]),
    *((), (1, 2), {}, {"a": 1}, {"a": {"b": [1]}}, set(), {1}, frozenset(), [0.5] * 5_000),
)
OBJECTS = (
    *(b"bytes", 1j, Fraction(1, 2), Decimal("0.5"), Decimal("nan"), Level.TWO, ..., range(3)),
    *(int, len, object(), Path("x"), NotImplemented, slice(3), memoryview(b"ab")),
)
KINDS = (WHOLE, LARGE, REAL, SPECIAL, TEXTS, NUMPY, NESTED, OBJECTS)


def odd(rng: random.Random) -> Any:
    """Any value, from each kind as often."""
    return rng.choice(rng.choice(KINDS))


def brief(value: Any) -> str:
    """A value on a line that is not too long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:
        text = "a very long whole number"
    return text if len(text) <= 120 else f"{text[:100]}... ({len(text)})"
