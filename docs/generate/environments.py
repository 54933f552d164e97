"""A page a family of environments: its docstring, and what the files of results say of it."""

from __future__ import annotations

import inspect
from pathlib import Path

import gymnasium as gym
from gymnasium import spaces

from baselines.registry import TRAINABLE
from generate.animations import NAME, player
from generate.markdown import figure, table, toctree, words
from generate.results import Results
from meta_envs.core.family import TaskFamily, load_family
from meta_envs.optimal import has_optimum, optimal_bound, optimal_return
from meta_envs.registration import TABLE, Row


def pages(results: Results, folder: Path) -> dict[str, str]:
    """The text of every page by name, families in the order of the table.

    Args:
        results: What the files of results say.
        folder: That the animations are in, beside the pages.
    """
    families: dict[str | type[TaskFamily], list[Row]] = {}
    for row in TABLE:
        families.setdefault(row.family, []).append(row)
    texts = {}
    for name, rows in families.items():
        family = load_family(name)
        texts[page(family)] = _page(family, rows, results, folder)
    return {"index": _index(list(texts), results), **texts}


def page(family: type[TaskFamily]) -> str:
    """The name of a family's page: its module's."""
    return family.__module__.rpartition(".")[2]


def _index(names: list[str], results: Results) -> str:
    rows = []
    for row in TABLE:
        scores = {one.agent: one.normalized or "—" for one in results.of(row.id) if one.trained}
        link = f"[{row.id}]({page(load_family(row.family))}.md)"
        rows.append((link, row.summary, *(scores.get(name, "") for name in TRAINABLE)))
    return (
        "# Environments\n\nEach is a distribution of tasks: an episode draws one, which the agent "
        "is not told. Beside it what trained agents score: 0 is chance, 1 the best possible; the "
        "interquartile mean of seeds with its 95 % interval where there are several. `python -m "
        "baselines list` prints the environments.\n\n"
        + table(["id", "task", *(f"`{name}`" for name in TRAINABLE)], rows)
        + "\n"
        + toctree(names)
    )


def _page(family: type[TaskFamily], rows: list[Row], results: Results, folder: Path) -> str:
    summary, _, rest = (inspect.getdoc(family) or "").partition("\n")
    parts = [f"# {words(family.__name__)}\n", f"{summary}\n"]
    parts += [_environment(row, results, folder) for row in rows]
    return "\n".join([*parts, rest.strip("\n"), ""])


def _environment(row: Row, results: Results, folder: Path) -> str:
    """What is particular to one id: who plays it, its spaces and its scores."""
    env = gym.make(row.id)
    parts = [f"## {row.id}\n", f"{row.summary[0].upper()}{row.summary[1:]}.\n"]
    file = NAME.format(row.id)
    if (folder / file).exists():
        agent = player(row.id)
        who = f"the included `{agent.partition(':')[2]}`" if ":" in agent else f"`{agent}`"
        caption = f"An episode of {who}. Purple is hidden from it."
        parts.append(figure(file, caption, f"{agent} plays an episode of {row.id}"))
    facts = [
        ("make it", f'`gym.make("{row.id}")`, `gym.make_vec("{row.id}", num_envs=64)`'),
        ("actions", space(env.action_space)),
        ("observations", space(env.observation_space)),
        ("steps an episode", f"at most {env.unwrapped.family.episode_length:,}"),
        ("rewards", "from {:g} to {:g}".format(*env.unwrapped.family.reward_range)),
        ("best possible return", best(env.unwrapped.family)),
        ("source", row.source),
    ]
    if row.id in results.speed:
        facts.append(("speed", _speed(results, row.id)))
    env.close()
    parts += [table(["", ""], facts), _scores(results, row.id)]
    return "\n".join(parts)


def space(of: spaces.Space) -> str:
    """A space in a few words: the numbers of a long vector are told by their range."""
    if isinstance(of, spaces.Dict):
        return ", ".join(f"`{name}`: {space(part)}" for name, part in of.items())
    if isinstance(of, spaces.Box):
        low, high = of.low.min(), of.high.max()
        limits = "unbounded" if high > 1e30 else f"in [{low:g}, {high:g}]"
        return f"`Box` of shape {of.shape}, {of.dtype}, {limits}"
    return f"`{of}`"


def best(family: TaskFamily) -> str:
    """The best possible return, or what is known of it."""
    if not has_optimum(family):
        return "not known"
    value, bound = optimal_return(family), optimal_bound(family)
    if bound - value <= 1e-9 * abs(bound):
        return f"{value:.4g}, the optimum's"
    return f"between {value:.4g}, the best policy known, and {bound:.4g}, which none can exceed"


def _speed(results: Results, env: str) -> str:
    ways = results.speed[env]
    told = [
        f"{ways[f'native {number}'] / 1e6:.3g} M with {number} environments"
        for number in ("64", "4,096")
        if f"native {number}" in ways
    ]
    return f"steps a second, native: {', '.join(told)} ({results.machines['speed']}, one used)"


def _scores(results: Results, env: str) -> str:
    rows = [
        (
            f"[{one.agent}]({agent_page(one.agent, bool(one.trained))})",
            one.normalized or "—",
            f"{one.mean_return:.3f}",
            "—" if one.mean_regret is None else f"{one.mean_regret:.3f}",
            *(one.trained or ("", "", "")),
        )
        for one in results.of(env)
    ]
    if not rows:
        return ""
    trained = ["seeds", "steps", "processor seconds"]
    told = (
        f"Seconds of training are the processor's, on {results.machines['trained']}; steps and "
        "seconds are medians over seeds, returns and regrets means."
    )
    return table(["agent", "normalised score", "return", "regret", *trained], rows) + (
        f"\n{told}\n" if any(one.trained for one in results.of(env)) else ""
    )


def agent_page(agent: str, trained: bool) -> str:
    """The page of an agent, from that of an environment."""
    return f"../agents/{agent.replace('-', '_')}.md" if trained else f"../agents/classic/{agent}.md"
