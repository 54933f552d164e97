"""Named splits: tasks with other horizons, probabilities and rooms than in training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baselines.common.errors import InputError
from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.evaluation.pretrained import included, pretrained_path
from baselines.evaluation.result import Evaluation
from baselines.experiments.out_of_distribution.smaller_room import SmallerRoom
from baselines.registry import TRAINABLE
from baselines.reporting.figures import COLOURS, despine, figure_file
from baselines.reporting.markdown import Table, write_markdown

Tasks = Sequence[tuple[str, dict[str, Any]]]
"""Environments whose agents play, and the arguments of the environment they play in."""

SPLITS: dict[str, Tasks] = {
    "shorter": (
        ("MetaBandit-v0", {"num_trials": 50}),
        ("MetaBanditDependentUniform-v0", {"num_trials": 50}),
        ("MetaTwoStep-v0", {"num_trials": 5}),
        ("MetaTwoStepReversal-v0", {"num_trials": 50}),
        ("MetaGridworld-v0", {"num_trials": 2}),
        ("MetaDarkRoom-v0", {"num_trials": 3}),
    ),
    "longer": (
        ("MetaBandit-v0", {"num_trials": 200}),
        ("MetaBanditDependentUniform-v0", {"num_trials": 200}),
        ("MetaTwoStep-v0", {"num_trials": 20}),
        ("MetaTwoStepReversal-v0", {"num_trials": 200}),
        ("MetaGridworld-v0", {"num_trials": 8}),
        ("MetaDarkRoom-v0", {"num_trials": 10}),
    ),
    "transitions": tuple(
        (env_id, {"common_probability": probability})
        for env_id in ("MetaTwoStep-v0", "MetaTwoStepReversal-v0")
        for probability in (0.65, 0.95)
    ),
    "rewards": (
        ("MetaTwoStep-v0", {"reward_probability": 0.75}),
        ("MetaTwoStepReversal-v0", {"reward_probability": 0.75}),
        ("MetaTwoStepReversal-v0", {"reversal_probability": 0.1}),
        ("MetaBanditRestless-v0", {"volatility": "high"}),
        ("MetaBanditRestless-v0", {"volatility": "low"}),
    ),
    "smaller-room": (
        ("MetaGridworld-v0", {"size": 4}),
        ("MetaDarkRoom-v0", {"size": 7}),
        ("MetaDarkRoom-v0", {"size": 5}),
    ),
}
"""By name. Restless bandits were trained on with both volatilities mixed, the two-step task with a
common probability of .75 (.8 with reversals), the rooms with sizes of 5 and 9."""
FILE = "splits.svg"


class Played(NamedTuple):
    """What an agent scores on the tasks of its training, and on others."""

    split: str
    env_id: str
    env_kwargs: dict[str, Any]
    agent: str
    trained: float
    other: float


def across_splits(out: Path, episodes: int, seed: int) -> tuple[Table, list[str]]:
    """Writes the table of all splits, and its figure.

    Returns:
        The table, and what it shows in words.

    Raises:
        InputError: If no agents are included.
    """
    known = set(included())
    wanted = [
        (split, env_id, kwargs, agent)
        for split, tasks in SPLITS.items()
        for env_id, kwargs in tasks
        for agent in TRAINABLE
        if (env_id, agent) in known
    ]
    if not wanted:
        raise InputError("no agent is included for these splits: train some with sweep")
    at_home: dict[tuple[str, str], float] = {}
    played = []
    for split, env_id, kwargs, agent in track(wanted, lambda one: f"{one[0]} {one[1]} {one[3]}"):
        if (env_id, agent) not in at_home:
            at_home[env_id, agent] = _score(play(agent, env_id, {}, episodes, seed))
        score = _score(play(agent, env_id, kwargs, episodes, seed))
        played.append(Played(split, env_id, kwargs, agent, at_home[env_id, agent], score))
    draw(out / FILE, played)
    return _table(out, played), [_tell(played, agent) for agent in _agents(played)]


def play(
    agent: str, env_id: str, env_kwargs: dict[str, Any], episodes: int, seed: int
) -> Evaluation:
    """Plays the agent that is included for an environment, made with other arguments."""
    path = pretrained_path(env_id, agent)
    player: Any = SmallerRoom(path, env_id, env_kwargs["size"]) if "size" in env_kwargs else path
    return evaluate(player, env_id, episodes, seed, env_kwargs, transfer=True)


def _score(evaluation: Evaluation) -> float:
    assert evaluation.normalized_score is not None
    return evaluation.normalized_score


def _agents(played: Sequence[Played]) -> list[str]:
    return list(dict.fromkeys(one.agent for one in played))


def _name(one: Played) -> str:
    return f"{one.split}: {one.env_id} {json.dumps(one.env_kwargs)[1:-1]}".replace('"', "")


def _table(out: Path, played: Sequence[Played]) -> Table:
    agents = _agents(played)
    found = {(_name(one), one.agent): one for one in played}
    rows = []
    for name in dict.fromkeys(map(_name, played)):
        ones = [found.get((name, agent)) for agent in agents]
        cells = [["-", "-"] if one is None else _cells(one) for one in ones]
        rows.append((name, [cell for pair in cells for cell in pair]))
    columns = [f"{agent}{what}" for agent in agents for what in (" in training", "")]
    return write_markdown(out / "splits.md", "normalised score", columns, rows)


def _cells(one: Played) -> list[str]:
    return [f"{one.trained:.3f}", f"{one.other:.3f}"]


def _tell(played: Sequence[Played], agent: str) -> str:
    own = [one for one in played if one.agent == agent]
    worst = min(own, key=lambda one: one.other)
    kept = sum(one.other > 0.9 for one in own)
    return (
        f"On the named splits {agent} keeps a normalised score above .9 in {kept} of {len(own)}; "
        f"its lowest is {worst.other:.2f}, {_name(worst)}."
    )


def draw(path: Path, played: Sequence[Played]) -> None:
    """Draws for each split a ring, the score on tasks as in training, and a dot, that on others."""
    names, agents = list(dict.fromkeys(map(_name, played))), _agents(played)
    with figure_file(path, figsize=(8, 1 + 0.32 * len(names))) as (_, axes):
        for one in played:
            number = agents.index(one.agent)
            height = names.index(_name(one)) + 0.22 * (number - (len(agents) - 1) / 2)
            colour = COLOURS[number]
            low = max(one.other, LOWEST)
            axes.plot([one.trained, low], [height] * 2, color=colour, linewidth=1, alpha=0.6)
            axes.plot(one.trained, height, "o", mfc="white", color=colour, markersize=6)
            axes.plot(low, height, "o" if low == one.other else "<", color=colour, markersize=5)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.axvline(1, color="0.6", linestyle="--", linewidth=1)
        axes.set(xlabel="normalised score (0 random, 1 optimum)")
        axes.set_xlim(left=min(0.4, *(max(one.other, LOWEST) for one in played)) - 0.02)
        for number, agent in enumerate(agents):
            axes.text(
                *(0.01, 1.01 + 0.04 * number, agent),
                transform=axes.transAxes,
                color=COLOURS[number],
            )
        axes.grid(axis="y", color="0.92")
        axes.set_axisbelow(True)
        despine(axes)


LOWEST = -0.5
"""Where the figure ends: a score below is drawn there, as an arrow."""
