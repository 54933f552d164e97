"""Showing how far a long piece of work has come."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

SECONDS_BETWEEN_LINES = 15.0
"""Where the output is no terminal, a line is printed this often instead of a moving bar."""


class _Bar:
    """A bar on standard error; where that is no terminal, nothing moves."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.console = Console(stderr=True)
        self.bar = RichProgress(
            TextColumn("{task.percentage:3.0f}%"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task("starting", total=total, completed=done)

    def __enter__(self) -> Self:
        """Shows the bar."""
        if self.console.is_terminal:
            self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the bar away."""
        if self.console.is_terminal:
            self.bar.stop()


class EpisodeProgress(_Bar):
    """How many episodes of how many an evaluation has played.

    Args:
        total: Episodes of all agents together.
    """

    def update(self, agent: str, before: int, episodes: int) -> None:
        """Notes that `agent` has played `episodes`, after `before` of other agents."""
        self.bar.update(self.task, completed=before + episodes, description=f"evaluating {agent}")


class Progress(_Bar):
    """Steps done, steps a second, mean regret (or return) and time left of a training.

    Args:
        total_timesteps: Where the training ends.
        num_timesteps: Where it starts.
    """

    def __init__(self, total_timesteps: int, num_timesteps: int = 0) -> None:
        super().__init__(total_timesteps, num_timesteps)
        self.first = num_timesteps
        self.began = self.last_line = time.perf_counter()

    def update(self, metrics: dict[str, float]) -> bool:
        """Takes an agent's metrics; a callback for `learn`."""
        steps, now = int(metrics["num_timesteps"]), time.perf_counter()
        rate = (steps - self.first) / max(now - self.began, 1e-9)
        text = f"{steps:,} steps, {rate:,.0f}/s"
        for name in ("regret", "return"):
            if f"mean_{name}" in metrics:
                text += f", mean {name} {metrics[f'mean_{name}']:.2f}"
                break
        self.bar.update(self.task, completed=min(steps, self.total), description=text)
        if not self.console.is_terminal and now - self.last_line > SECONDS_BETWEEN_LINES:
            self.last_line = now
            left = (self.total - steps) / max(rate, 1e-9)
            self.console.print(
                f"{steps / self.total:4.0%} {text}, {left:.0f} s left", soft_wrap=True
            )
        return True
