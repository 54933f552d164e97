"""Showing how far a long piece of work has come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

SECONDS_BETWEEN_LINES = 15.0
"""Where the output is no terminal, a line is printed this often instead of a moving bar."""

T = TypeVar("T")


class ProgressBar:
    """A bar on standard error; where that is no terminal, a line now and then.

    The lines come from a thread of their own, so that a step that takes minutes is not silent.

    Args:
        total: Where the work ends, in any unit; None if nobody can say.
        done: Where it starts.
    """

    def __init__(self, total: float | None = None, done: float = 0) -> None:
        self.total, self.first, self.done, self.text = total, done, done, "starting"
        self.began = time.perf_counter()
        self.console = Console(stderr=True)
        self.bar = RichProgress(
            TextColumn("{task.percentage:3.0f}%"),
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task(self.text, total=total)
        self.show(done, self.text)
        self.ended = threading.Event()

    def show(self, done: float, text: str) -> None:
        """Notes how far the work has come, and what it is at."""
        self.done, self.text = done, text
        completed = done if self.total is None else min(done, self.total)
        self.bar.update(self.task, completed=completed, description=text)

    def line(self) -> str:
        """How far it is, what it is at, and the time left as far as it can be told."""
        seconds, part = time.perf_counter() - self.began, self.done - self.first
        if self.total is None:
            return f"{self.text}, {seconds:.0f} s so far"
        left = max(self.total - self.done, 0)
        when = f"{seconds / part * left:.0f} s left" if part > 0 else f"{seconds:.0f} s so far"
        return f"{self.done / self.total:4.0%} {self.text}, {when}"

    def _print_lines(self) -> None:
        while not self.ended.wait(SECONDS_BETWEEN_LINES):
            self.console.print(self.line(), soft_wrap=True, markup=False, highlight=False)

    def __enter__(self) -> Self:
        """Shows the bar."""
        if self.console.is_terminal:
            self.bar.start()
        else:
            threading.Thread(target=self._print_lines, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the bar away."""
        self.ended.set()
        if self.console.is_terminal:
            self.bar.stop()


def track(items: Sequence[T], describe: Callable[[T], str] = str) -> Iterator[T]:
    """Yields items one by one, and shows which one is being worked at."""
    with ProgressBar(len(items)) as bar:
        for done, item in enumerate(items):
            bar.show(done, f"{describe(item)} ({done + 1} of {len(items)})")
            yield item


class EpisodeProgress(ProgressBar):
    """How many episodes of how many an evaluation has played.

    Args:
        total: Episodes of all agents together.
    """

    def update(self, agent: str, before: int, episodes: int) -> None:
        """Notes that `agent` has played `episodes`, after `before` of other agents."""
        self.show(before + episodes, f"evaluating {agent}")


class Progress(ProgressBar):
    """Steps done, steps a second, mean regret (or return) and time left of a training.

    Args:
        total_timesteps: Where the training ends.
        num_timesteps: Where it starts.
    """

    def update(self, metrics: dict[str, float]) -> bool:
        """Takes an agent's metrics; a callback for `learn`."""
        steps = int(metrics["num_timesteps"])
        rate = (steps - self.first) / max(time.perf_counter() - self.began, 1e-9)
        text = f"{steps:,} steps, {rate:,.0f}/s"
        for name in ("regret", "return"):
            if f"mean_{name}" in metrics:
                text += f", mean {name} {metrics[f'mean_{name}']:.2f}"
                break
        self.show(steps, text)
        return True
