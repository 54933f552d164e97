"""A page a classic agent: what its module says of it, its arguments and its scores."""

from __future__ import annotations

import inspect

from baselines.registry import AGENTS, TRAINABLE, Classic
from generate.environments import page
from generate.markdown import table
from generate.results import Results, Score
from meta_envs.core.family import load_family
from meta_envs.registration import ROWS


def pages(results: Results) -> dict[str, str]:
    """The text of every page by name."""
    return {
        name: _page(name, agent, [one for one in results.scores if one.agent == name], results)
        for name, agent in AGENTS.items()
        if isinstance(agent, Classic)
    }


def trained_scores(results: Results) -> dict[str, str]:
    """The scores of each agent that trains, which its page includes."""
    return {
        name: _scores([one for one in results.scores if one.agent == name], results, "../")
        for name in TRAINABLE
    }


def _page(name: str, agent: Classic, scores: list[Score], results: Results) -> str:
    module = inspect.getmodule(agent.make)
    told = inspect.getdoc(agent.make) or ""
    parts = [f"# {name}\n", f"{agent.summary[0].upper()}{agent.summary[1:]}.\n"]
    example = scores[0].env if scores else "MetaBandit-v0"
    parts += [
        "```console",
        f"$ python -m baselines evaluate --env {example} --agent {name}",
        "```\n",
        f"{inspect.getdoc(module)}\n",
        f"It plays {agent.plays.words}. {told} Its code is `{module.__name__}`; where it is from "
        "stands in [the list of classic agents](../classic_agents.md).\n",
        *_arguments(name, agent),
    ]
    if scores:
        parts += ["## Scores\n", _scores(scores, results, "../../")]
    return "\n".join(parts)


def _arguments(name: str, agent: Classic) -> list[str]:
    """What can be given after the name; the first parameter is the environment."""
    given = list(inspect.signature(agent.make).parameters.values())[1:]
    if not given:
        return []
    rows = [(f"`{one.name}`", "by task" if one.default is None else f"{one.default:g}")
            for one in given]  # fmt: skip
    example = f"`--agent {name},{given[0].name}=...`"
    return [f"Arguments follow the name: {example}.\n", table(["argument", "default"], rows)]


def _scores(scores: list[Score], results: Results, docs: str) -> str:
    """A row an environment.

    Args:
        scores: Of one agent.
        results: All of them, of which the best stand beside.
        docs: The way from the page to the folder of all pages.
    """
    rows = []
    for one in scores:
        target = page(load_family(ROWS[one.env].family))
        best = results.of(one.env)[0]
        rows.append(
            (
                f"[{one.env}]({docs}environments/{target}.md)",
                one.normalized or "—",
                f"{one.mean_return:.3f}",
                "—" if one.mean_regret is None else f"{one.mean_regret:.3f}",
                f"{best.mean_return:.3f}, {best.agent}",
            )
        )
    return table(["environment", "normalised score", "return", "regret", "best return here"], rows)
