"""Settings that move during training."""

from __future__ import annotations

from dataclasses import dataclass

from baselines.common.errors import InputError


@dataclass(frozen=True)
class Schedule:
    """A value that moves in a straight line during training, then stays."""

    start: float
    """Value at the beginning of training."""
    end: float
    """Value at the end of training."""
    fraction: float = 1.0
    """Part of training after which the end value is reached, in (0, 1]."""

    def __post_init__(self) -> None:
        if not 0 < self.fraction <= 1:
            raise InputError(f"fraction must be in (0, 1], got {self.fraction}")

    def at(self, progress: float) -> float:
        """The value when `progress`, in [0, 1], of training is done."""
        return self.start + (self.end - self.start) * min(progress / self.fraction, 1.0)

    def discount_at(self, progress: float) -> float:
        """The value of a discount: its horizon 1 / (1 - discount) grows geometrically.

        A discount of .97 looks three times as far as one of .9; in a straight line from .8, most
        of the way would be spent where little changes.
        """
        if self.start == self.end:
            return self.start
        ratio = (1 - self.end) / (1 - self.start)
        return float(1 - (1 - self.start) * ratio ** min(progress / self.fraction, 1.0))


def constant(value: float) -> Schedule:
    """A schedule that does not move."""
    return Schedule(value, value)


def check_discount(discount: Schedule) -> None:
    """Raises an InputError if a discount cannot move as its schedule says."""
    if 1 in (discount.start, discount.end) and discount.start != discount.end:
        raise InputError("discount can be 1 only if it does not move: its horizon is infinite")
