"""The table of environments: every id, its task family and arguments, and its source."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym

L2RL = "Wang et al. 2016, arXiv 1611.05763"
PFC = "Wang et al. 2018, Nature Neuroscience 21:860"
DISTILLATION = "Laskin et al. 2022, arXiv 2210.14215"
RL2 = "Duan et al. 2016, arXiv 1611.02779"


class Row(NamedTuple):
    """One registered environment."""

    id: str
    family: str
    kwargs: dict[str, Any]
    source: str
    summary: str


TABLE = (
    Row(
        "MetaBandit-v0",
        "bernoulli_bandit:BernoulliBandit",
        {},
        f"{L2RL}, section 3.1.1",
        "independent Bernoulli arms",
    ),
    Row(
        "MetaBanditDependentUniform-v0",
        "dependent_bandit:DependentBandit",
        {},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 uniform on [0, 1]",
    ),
    Row(
        "MetaBanditDependentEasy-v0",
        "dependent_bandit:DependentBandit",
        {"p1_values": [0.1, 0.9]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.1 or 0.9",
    ),
    Row(
        "MetaBanditDependentMedium-v0",
        "dependent_bandit:DependentBandit",
        {"p1_values": [0.25, 0.75]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.25 or 0.75",
    ),
    Row(
        "MetaBanditDependentHard-v0",
        "dependent_bandit:DependentBandit",
        {"p1_values": [0.4, 0.6]},
        f"{L2RL}, section 3.1.2",
        "two arms, p2 = 1 - p1, p1 is 0.4 or 0.6",
    ),
    Row(
        "MetaBanditInformative-v0",
        "informative_bandit:InformativeBandit",
        {},
        f"{L2RL}, section 3.1.3",
        "11 arms, 5 trials, one arm tells which one is rich",
    ),
    Row(
        "MetaBanditRestless-v0",
        "restless_bandit:RestlessBandit",
        {},
        f"{L2RL}, section 3.1.4",
        "two arms that drift, slowly or quickly",
    ),
    Row(
        "MetaTwoStep-v0",
        "two_step:TwoStep",
        {},
        f"{L2RL}, section 3.2.1",
        "two-step task, 10 trials, one of two second-stage states is good",
    ),
    Row(
        "MetaTwoStepReversal-v0",
        "two_step:TwoStep",
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
        "MetaTabularMDP-v0",
        "tabular_mdp:TabularMDP",
        {"inputs": ["action", "reward", "done", "timestep"]},
        f"{RL2}, section 3.1.2",
        "random MDPs of 10 states and 5 actions, 10 trials of 10 steps",
    ),
    Row(
        "MetaGridworld-v0",
        "gridworld:Gridworld",
        {},
        "Zintgraf et al. 2020, arXiv 1910.08348",
        "5 x 5 room, an invisible goal that pays on every step",
    ),
    Row(
        "MetaDarkRoom-v0",
        "dark_room:DarkRoom",
        {},
        DISTILLATION,
        "9 x 9 room, an invisible goal that pays on every step",
    ),
    Row(
        "MetaDarkRoomHard-v0",
        "dark_room:DarkRoom",
        {"size": 17, "pays": "once"},
        DISTILLATION,
        "17 x 17 room, an invisible goal that pays once a trial",
    ),
    Row(
        "MetaDarkKeyToDoor-v0",
        "dark_key_to_door:DarkKeyToDoor",
        {},
        DISTILLATION,
        "9 x 9 room, an invisible key, then an invisible door",
    ),
    Row(
        "MetaIMaze-v0",
        "i_maze:IMaze",
        {"inputs": ["action", "reward"]},
        f"{L2RL}, section 3.2.3",
        "first-person I-maze, the goal in one of four alcoves",
    ),
    Row(
        "MetaIMazeGrid-v0",
        "i_maze_grid:IMazeGrid",
        {},
        f"{L2RL}, section 3.2.3",
        "the I-maze as a grid with a local view",
    ),
    Row(
        "MetaHarlow-v0",
        "harlow:Harlow",
        {"inputs": ["action", "reward"]},
        f"{L2RL}, section 3.2.2",
        "Harlow's task from pixels, 10 trials, one of two objects pays",
    ),
    Row(
        "MetaHarlowSymbolic-v0",
        "harlow_symbolic:HarlowSymbolic",
        {},
        f"{L2RL}, section 3.2.2",
        "Harlow's task from codes, 10 trials, one of two objects pays",
    ),
)


def register_all() -> None:
    """Registers every row of the table with Gymnasium; once, however often it is called."""
    for row in TABLE:
        if row.id not in gym.registry:
            gym.register(
                row.id,
                entry_point="meta_envs.core:MetaEnv",
                vector_entry_point="meta_envs.core:MetaVectorEnv",
                kwargs={"family": f"meta_envs.tasks.{row.family}", **row.kwargs},
            )
