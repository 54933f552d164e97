"""The table of environments, and how they, and anybody's, are registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium as gym

from meta_envs.core.family import TaskFamily, load_family

SCALAR_ENTRY_POINT = "meta_envs.core:MetaEnv"
VECTOR_ENTRY_POINT = "meta_envs.core:MetaVectorEnv"
L2RL = "Wang et al. 2016, arXiv 1611.05763"
PFC = "Wang et al. 2018, Nature Neuroscience 21:860"
DISTILLATION = "Laskin et al. 2022, arXiv 2210.14215"
RL2 = "Duan et al. 2016, arXiv 1611.02779"


class Row(NamedTuple):
    """One registered environment."""

    id: str
    family: str | type[TaskFamily]
    kwargs: dict[str, Any]
    source: str
    summary: str


TABLE = (
    Row(
        "MetaBandit-v0",
        "meta_envs.tasks.bandits.bernoulli_bandit:BernoulliBandit",
        {},
        f"{L2RL}, section 3.1.1",
        "independent Bernoulli arms",
    ),
    Row(
        "MetaBanditDependentUniform-v0",
        "meta_envs.tasks.bandits.dependent_bandit:DependentBandit",
        {},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 uniform on [0, 1]",
    ),
    Row(
        "MetaBanditDependentEasy-v0",
        "meta_envs.tasks.bandits.dependent_bandit:DependentBandit",
        {"p1_values": [0.1, 0.9]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.1 or 0.9",
    ),
    Row(
        "MetaBanditDependentMedium-v0",
        "meta_envs.tasks.bandits.dependent_bandit:DependentBandit",
        {"p1_values": [0.25, 0.75]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.25 or 0.75",
    ),
    Row(
        "MetaBanditDependentHard-v0",
        "meta_envs.tasks.bandits.dependent_bandit:DependentBandit",
        {"p1_values": [0.4, 0.6]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.4 or 0.6",
    ),
    Row(
        "MetaBanditInformative-v0",
        "meta_envs.tasks.bandits.informative_bandit:InformativeBandit",
        {},
        f"{L2RL}, section 3.1.3",
        "11 arms, 5 trials, one arm tells which one is rich",
    ),
    Row(
        "MetaBanditRestless-v0",
        "meta_envs.tasks.bandits.restless_bandit:RestlessBandit",
        {},
        f"{L2RL}, section 3.1.4",
        "two arms that drift, slowly or quickly",
    ),
    Row(
        "MetaVolatility-v0",
        "meta_envs.tasks.bandits.volatility:Volatility",
        {},
        f"{PFC}, simulation 2",
        "two arms of cued magnitude, which is better changes seldom or often",
    ),
    Row(
        "MetaTwoStep-v0",
        "meta_envs.tasks.two_step.two_step:TwoStep",
        {},
        f"{L2RL}, section 3.2.1",
        "two-step task, 10 trials, one of two second-stage states is good",
    ),
    Row(
        "MetaTwoStepReversal-v0",
        "meta_envs.tasks.two_step.two_step:TwoStep",
        {
            "num_trials": 100,
            "common_probability": 0.8,
            "reversal_probability": 0.025,
            "fixation": True,
        },
        f"{PFC}, simulation 4",
        "two-step task, 100 trials with fixation, the good state changes now and then",
    ),
    Row(
        "MetaInferredValue-v0",
        "meta_envs.tasks.cued.inferred_value:InferredValue",
        {"inputs": ["action", "reward"]},
        f"{PFC}, simulation 3",
        "two cues, one of them rewarded, that change roles now and then",
    ),
    Row(
        "MetaMatching-v0",
        "meta_envs.tasks.cued.matching:Matching",
        {},
        f"{PFC}, simulation 1",
        "two arms whose rewards wait until they are taken, 50 to 100 trials",
    ),
    Row(
        "MetaRiskyChoice-v0",
        "meta_envs.tasks.cued.risky_choice:RiskyChoice",
        {},
        f"{PFC}, simulation 6",
        "a safe arm and a risky one, 10 forced trials, then 20 free ones",
    ),
    Row(
        "MetaTabularMDP-v0",
        "meta_envs.tasks.mdps.tabular_mdp:TabularMDP",
        {"inputs": ["action", "reward", "done", "timestep"]},
        f"{RL2}, section 3.1.2",
        "random MDPs of 10 states and 5 actions, 10 trials of 10 steps",
    ),
    Row(
        "MetaGridworld-v0",
        "meta_envs.tasks.grids.gridworld:Gridworld",
        {},
        "Zintgraf et al. 2020, arXiv 1910.08348",
        "5 x 5 room, an invisible goal that pays on every step",
    ),
    Row(
        "MetaDarkRoom-v0",
        "meta_envs.tasks.grids.dark_room:DarkRoom",
        {},
        DISTILLATION,
        "9 x 9 room, an invisible goal that pays on every step",
    ),
    Row(
        "MetaDarkRoomHard-v0",
        "meta_envs.tasks.grids.dark_room:DarkRoom",
        {"size": 17, "pays": "once"},
        DISTILLATION,
        "17 x 17 room, an invisible goal that pays once a trial",
    ),
    Row(
        "MetaDarkKeyToDoor-v0",
        "meta_envs.tasks.grids.dark_key_to_door:DarkKeyToDoor",
        {},
        DISTILLATION,
        "9 x 9 room, an invisible key, then an invisible door",
    ),
    Row(
        "MetaIMaze-v0",
        "meta_envs.tasks.mazes.i_maze:IMaze",
        {"inputs": ["action", "reward"]},
        f"{L2RL}, section 3.2.3",
        "first-person I-maze, the goal in one of four alcoves",
    ),
    Row(
        "MetaIMazeGrid-v0",
        "meta_envs.tasks.mazes.i_maze_grid:IMazeGrid",
        {},
        f"{L2RL}, section 3.2.3",
        "the I-maze as a grid with a local view",
    ),
    Row(
        "MetaHarlow-v0",
        "meta_envs.tasks.harlow.harlow:Harlow",
        {"inputs": ["action", "reward"]},
        f"{L2RL}, section 3.2.2",
        "Harlow's task from pixels, 10 trials, one of two objects pays",
    ),
    Row(
        "MetaHarlowSymbolic-v0",
        "meta_envs.tasks.harlow.harlow_symbolic:HarlowSymbolic",
        {},
        f"{L2RL}, section 3.2.2",
        "Harlow's task from codes, 10 trials, one of two objects pays",
    ),
    Row(
        "MetaHarlowSymbolic6-v0",
        "meta_envs.tasks.harlow.harlow_symbolic:HarlowSymbolic",
        {"num_trials": 6},
        f"{PFC}, simulation 5",
        "the same with 6 trials",
    ),
)


ROWS: dict[str, Row] = {}
"""All that is registered, by id: what stands in `TABLE`, and what others have added."""


def register(
    id: str,
    family: str | type[TaskFamily],
    *,
    kwargs: Mapping[str, Any] | None = None,
    source: str = "",
    summary: str = "",
) -> None:
    """Registers a task family with Gymnasium, scalar and native vector environment at once.

    After it `gym.make(id)`, `gym.make_vec(id, num_envs=64)` and all of `baselines` know the id.

    Args:
        id: For example "MyTask-v0".
        family: The class, or "package.module:ClassName". A class that can be imported is noted by
            its name, so that other processes can make the environment too.
        kwargs: Keyword arguments of the family or the environment (`inputs`), JSON-able.
        source: Where the task is from, for `python -m baselines list`.
        summary: What the task is, in a line.

    Raises:
        ValueError: If `family` is a class, but none of a task family.
        gymnasium.error.Error: If the id is not well formed.
    """
    if isinstance(family, type):
        family = _name_of(load_family(family))
    kwargs = dict(kwargs or {})
    gym.register(
        id,
        entry_point=SCALAR_ENTRY_POINT,
        vector_entry_point=VECTOR_ENTRY_POINT,
        kwargs={"family": family, **kwargs},
    )
    ROWS[id] = Row(id, family, kwargs, source, summary)


def _name_of(family: type[TaskFamily]) -> str | type[TaskFamily]:
    """The name that `load_family` finds a class by; the class itself where it has none."""
    name = f"{family.__module__}:{family.__qualname__}"
    try:
        return name if load_family(name) is family else family
    except (ImportError, ValueError):
        return family


def register_all() -> None:
    """Registers every row of the table; once, however often it is called."""
    for row in TABLE:
        if row.id not in gym.registry:
            register(row.id, row.family, kwargs=row.kwargs, source=row.source, summary=row.summary)
