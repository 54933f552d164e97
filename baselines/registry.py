"""The table of agents: by name, how to make, train and load each.

To add a classic agent, write a file in `baselines/classic` and a row here; to add one that trains,
a package whose class is a `baselines.common.agent.TrainableAgent` and a row here. Nothing else
knows agents by name.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gymnasium.error import DependencyNotInstalled
from gymnasium.vector import VectorEnv

from baselines.classic import (
    beb,
    cued_rescorla_wagner,
    epsilon_greedy,
    gittins,
    greedy,
    local_matching,
    myopic,
    optimum,
    pearce_hall,
    psrl,
    random,
    rescorla_wagner,
    thompson,
    two_step,
    ucb,
    ucrl2,
    win_stay_lose_shift,
)
from baselines.classic.parameters import parse_agent
from baselines.common.agent import Agent, Preset, TrainableAgent
from baselines.common.environments import bare_id, episode_length, make_vector_env
from baselines.common.errors import InputError, one_line
from meta_envs.core import MetaVectorEnv, TaskFamily
from meta_envs.optimal import has_optimum
from meta_envs.tasks.bandits.bandit import Bandit
from meta_envs.tasks.bandits.bernoulli_arms import BernoulliArms
from meta_envs.tasks.bandits.volatility import Volatility
from meta_envs.tasks.cued.matching import Matching
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP
from meta_envs.tasks.two_step.two_step import TwoStep


class Trainable(NamedTuple):
    """An agent that can be trained.

    Attributes:
        summary: What it is.
        agent: Its class, a `TrainableAgent`, as "package.module:ClassName"; imported when it is
            needed, as torch takes seconds.
        suffix: What its checkpoints end in.
    """

    summary: str
    agent: str
    suffix: str

    def load(self) -> type[TrainableAgent]:
        """Imports the class.

        Raises:
            MissingExtraError: If a package that it needs is missing.
        """
        module, _, name = self.agent.partition(":")
        found: type[TrainableAgent] = getattr(importlib.import_module(module), name)
        return found


class Kind(NamedTuple):
    """What an agent plays, in words and as a class."""

    words: str
    family: Any
    """A class, or several."""


class Classic(NamedTuple):
    """A classic agent.

    Attributes:
        summary: What it is.
        make: Makes it for an environment; the function's other arguments can be given after the
            agent's name.
        plays: What it plays.
    """

    summary: str
    make: Callable[..., Agent]
    plays: Kind


ANY_TASK = Kind("any task", TaskFamily)
BANDITS = Kind("bandits", Bandit)
BERNOULLI = Kind("arms that pay 0 or 1", BernoulliArms)
CUED = Kind("arms of cued magnitude", Volatility)
TWO_STEP = Kind("the two-step task", TwoStep)
MATCHING = Kind("the matching task", Matching)
MDPS = Kind("tabular MDPs", TabularMDP)
BANDITS_AND_MDPS = Kind("bandits and tabular MDPs", (Bandit, TabularMDP))

AGENTS: dict[str, Trainable | Classic] = {
    "a2c-lstm": Trainable(
        "the paper's agent: advantage actor-critic on an LSTM",
        "baselines.a2c_lstm:A2CLSTM",
        ".safetensors",
    ),
    "recurrent-ppo": Trainable(
        "sb3-contrib's RecurrentPPO", "baselines.recurrent_ppo:RecurrentPPO", ".zip"
    ),
    "random": Classic("every action equally likely", random.make_random, ANY_TASK),
    "optimal": Classic(
        "the best possible policy, or the best one known", optimum.make_optimal, ANY_TASK
    ),
    "greedy": Classic(
        "the action that is best if the means are right", greedy.make_greedy, BANDITS_AND_MDPS
    ),
    "epsilon-greedy": Classic(
        "greedy, with a random action now and then",
        epsilon_greedy.make_epsilon_greedy,
        BANDITS_AND_MDPS,
    ),
    "thompson": Classic(
        "Thompson sampling; tabular MDPs: PSRL", thompson.make_thompson, BANDITS_AND_MDPS
    ),
    "win-stay-lose-shift": Classic(
        "again what paid, else another arm",
        win_stay_lose_shift.make_win_stay_lose_shift,
        BANDITS,
    ),
    "rescorla-wagner": Classic(
        "values at a fixed learning rate, softmax", rescorla_wagner.make_rescorla_wagner, BANDITS
    ),
    "cued-rescorla-wagner": Classic(
        "chances at a fixed learning rate, times the magnitudes on offer",
        cued_rescorla_wagner.make_cued_rescorla_wagner,
        CUED,
    ),
    "pearce-hall": Classic(
        "the same, with a rate that follows how surprising outcomes have been",
        pearce_hall.make_pearce_hall,
        CUED,
    ),
    "ucb1": Classic("mean + sqrt(2 log t / n)", ucb.make_ucb1, BANDITS),
    "ucb": Classic(
        "mean + sqrt(log t / 2n); restless bandits: sqrt(log t / n)", ucb.make_ucb, BANDITS
    ),
    "kl-ucb": Classic(
        "upper confidence bounds by Kullback-Leibler divergence", ucb.make_kl_ucb, BANDITS
    ),
    "optimistic-thompson": Classic(
        "the best of several draws an arm", thompson.make_optimistic_thompson, BERNOULLI
    ),
    "gittins": Classic("the Gittins index, for discounted reward", gittins.make_gittins, BERNOULLI),
    "near-optimal": Classic(
        "the finite-horizon Gittins index, any arms", gittins.make_near_optimal, BERNOULLI
    ),
    "optimal-independent": Classic(
        "the best policy for independent arms, on any arms",
        optimum.make_optimal_independent,
        BERNOULLI,
    ),
    "optimal-dependent": Classic(
        "the best policy for dependent arms, on any two arms",
        optimum.make_optimal_dependent,
        BERNOULLI,
    ),
    "two-step-model-based": Classic(
        "two-step task: values of S2 and S3, known transitions",
        two_step.make_two_step_model_based,
        TWO_STEP,
    ),
    "two-step-model-free": Classic(
        "two-step task: values of the two actions in S1",
        two_step.make_two_step_model_free,
        TWO_STEP,
    ),
    "local-matching": Classic(
        "matching task: each arm as often as its share of the local income",
        local_matching.make_local_matching,
        MATCHING,
    ),
    "psrl": Classic("an MDP drawn from the posterior each trial", psrl.make_psrl, MDPS),
    "opsrl": Classic("plans for the best of several drawn MDPs", psrl.make_opsrl, MDPS),
    "ucrl2": Classic("the best MDP that is not ruled out", ucrl2.make_ucrl2, MDPS),
    "beb": Classic("the expected MDP, with a bonus for the unknown", beb.make_beb, MDPS),
    "myopic": Classic(
        "what seems to pay most at once, whatever it leads to", myopic.make_myopic, MDPS
    ),
}
"""Agents by name."""
TRAINABLE = {name: row for name, row in AGENTS.items() if isinstance(row, Trainable)}
CLASSIC = {name: row for name, row in AGENTS.items() if isinstance(row, Classic)}


def trainable(name: str) -> type[TrainableAgent]:
    """The class of an agent that can be trained.

    Raises:
        InputError: If there is no such agent, or a package that it needs is missing.
    """
    if name not in TRAINABLE:
        raise InputError(f"there is no agent {name!r} to train: choose {' or '.join(TRAINABLE)}")
    return TRAINABLE[name].load()


def make_preset(agent: str, name: str, env_id: str, episode_length: int | None) -> Preset:
    """The settings of a trainable agent under a preset's name.

    Args:
        agent: The agent's name.
        name: "best", or another one that the agent has.
        env_id: The environment, which may have settings of its own.
        episode_length: Of the environment; None if not known.

    Raises:
        InputError: If there is no such agent or preset.
    """
    return trainable(agent).make_preset(name, bare_id(env_id), episode_length)


def preset_for(agent: str, name: str, env_id: str, env_kwargs: Mapping[str, Any]) -> Preset:
    """As `make_preset`, for an environment that is made to ask how long its episodes are.

    Raises:
        InputError: If there is no such agent, preset or environment.
    """
    env = make_vector_env(env_id, 1, env_kwargs)
    length = episode_length(env)
    env.close()
    return make_preset(agent, name, env_id, length)


def agents_for(family: TaskFamily) -> list[str]:
    """Names of the classic agents that play a family; its arguments may still rule one out."""
    names = [name for name, row in CLASSIC.items() if isinstance(family, row.plays.family)]
    return [name for name in names if name != "optimal" or has_optimum(family)]


def make_agent(name: str, env: VectorEnv[Any, Any, Any]) -> Agent:
    """Makes a classic agent for an environment.

    Args:
        name: One of `CLASSIC`, with arguments if need be: `"ucb,c=2"`.
        env: The environment it will act in.

    Raises:
        InputError: If there is no such agent, its arguments are wrong, or it cannot play this
            environment.
    """
    name, arguments = parse_agent(name)
    if name not in CLASSIC:
        raise InputError(f"there is no agent {name!r}: choose from {', '.join(CLASSIC)}")
    row = CLASSIC[name]
    known = list(inspect.signature(row.make).parameters)[1:]
    for argument in arguments:
        if argument not in known:
            takes = ", ".join(known) or "no arguments"
            raise InputError(f"{name} has no argument {argument!r}: it takes {takes}")
    inner: Any = env.unwrapped
    if name != "random" and not isinstance(inner, MetaVectorEnv):
        raise InputError(f"{name} plays the environments of meta_envs only: use random here")
    if name != "random" and not isinstance(inner.family, row.plays.family):
        others = ", ".join(agents_for(inner.family))
        raise InputError(f"{name} is for {row.plays.words}: choose from {others}")
    try:
        return row.make(inner, **arguments)
    except (ValueError, DependencyNotInstalled) as error:
        raise InputError(one_line(error)) from error
