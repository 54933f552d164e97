"""Tables of scores, printed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from baselines.evaluation.compare import Comparison
from baselines.evaluation.result import Evaluation


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Prints one row an evaluation, with 95 % intervals and normalised scores."""
    print(_title(evaluations))
    table = Table()
    several = len({e.env_id for e in evaluations}) > 1
    if several:
        table.add_column("environment", overflow="fold")
    table.add_column("agent", overflow="fold")
    for name in ("mean return", "mean regret", "normalised"):
        table.add_column(name, justify="right", no_wrap=True)
    for e in evaluations:
        regret = "-"
        if e.mean_regret is not None and e.ci95_regret is not None:
            regret = f"{e.mean_regret:.3f} ± {e.ci95_regret[1] - e.mean_regret:.3f}"
        score = f"{e.mean_return:.3f} ± {e.ci95_return[1] - e.mean_return:.3f}"
        normalized = "-" if e.normalized_score is None else f"{e.normalized_score:.3f}"
        table.add_row(*([e.env_id] if several else []), e.agent, score, regret, normalized)
    Console().print(table)


def print_comparison(comparison: Comparison) -> None:
    """Prints both agents' scores and, below, what differs between them."""
    print_table([comparison.first, comparison.second])
    print(comparison)


def _title(evaluations: Sequence[Evaluation]) -> str:
    first = evaluations[0]
    envs = ", ".join(dict.fromkeys(e.env_id for e in evaluations))
    actions = "most probable actions" if first.deterministic else "sampled actions"
    return f"{envs}: {len(first.episodes):,} episodes, seed {first.seed}, {actions}"
