"""Agents that are not trained: the floor, the ceiling and the classic algorithms between."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from gymnasium import spaces
from gymnasium.vector import VectorEnv

from baselines.classic.beb import BEB
from baselines.classic.epsilon_greedy import EpsilonGreedy
from baselines.classic.gittins import Gittins
from baselines.classic.greedy import Greedy
from baselines.classic.mdp_greedy import MDPGreedy
from baselines.classic.myopic import Myopic
from baselines.classic.parameters import parse_agent
from baselines.classic.psrl import PSRL
from baselines.classic.random import RandomAgent
from baselines.classic.rescorla_wagner import RescorlaWagner
from baselines.classic.thompson import (
    InformativeThompson,
    OptimisticThompson,
    RestlessThompson,
    Thompson,
)
from baselines.classic.two_step import TwoStepModelBased, TwoStepModelFree
from baselines.classic.ucb import KLUCB, UCB
from baselines.classic.ucrl2 import UCRL2
from baselines.classic.win_stay_lose_shift import WinStayLoseShift
from baselines.common.agent import Agent
from baselines.common.errors import InputError
from meta_envs.core import MetaVectorEnv, TaskFamily
from meta_envs.optimal import has_optimum, optimal_policy
from meta_envs.optimal.bandits.gittins import HorizonGittins
from meta_envs.tasks.bandits.bandit import Bandit, BernoulliArms
from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit
from meta_envs.tasks.bandits.dependent_bandit import DependentBandit
from meta_envs.tasks.bandits.informative_bandit import InformativeBandit
from meta_envs.tasks.bandits.restless_bandit import RestlessBandit
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP
from meta_envs.tasks.two_step.two_step import TwoStep

__all__ = ["AGENTS", "Agent", "agents_for", "make_agent"]


def _random(env: VectorEnv[Any, Any, Any]) -> Agent:
    assert isinstance(env.single_action_space, spaces.Discrete)
    return RandomAgent(env.single_action_space)


def _greedy(
    env: MetaVectorEnv, prior_mean: float | None = None, prior_weight: float | None = None
) -> Agent:
    prior = _given(prior_mean=prior_mean, prior_weight=prior_weight)
    if isinstance(env.family, TabularMDP):
        return MDPGreedy(env.family, env.meta_observation, **prior)
    _refuse("greedy", prior, "tabular MDPs")
    return Greedy(env.meta_observation)


def _epsilon_greedy(
    env: MetaVectorEnv,
    epsilon: float = 0.1,
    prior_mean: float | None = None,
    prior_weight: float | None = None,
) -> Agent:
    prior = _given(prior_mean=prior_mean, prior_weight=prior_weight)
    if isinstance(env.family, TabularMDP):
        return MDPGreedy(env.family, env.meta_observation, epsilon, **prior)
    _refuse("epsilon-greedy", prior, "tabular MDPs")
    return EpsilonGreedy(env.meta_observation, epsilon)


def _given(**arguments: float | None) -> dict[str, float]:
    return {name: value for name, value in arguments.items() if value is not None}


def _refuse(name: str, arguments: dict[str, float], where: str) -> None:
    """Refuses arguments that an agent takes on other environments only."""
    if arguments:
        raise InputError(f"{name} takes {' and '.join(arguments)} on {where} only")


def _ucb(env: MetaVectorEnv, c: float | None = None, prior: float = 0.0) -> Agent:
    restless = isinstance(env.family, RestlessBandit)
    return UCB(env.meta_observation, (1.0 if restless else 0.5) if c is None else c, prior)


def _ucb1(env: MetaVectorEnv, c: float = 2.0, prior: float = 0.0) -> Agent:
    return UCB(env.meta_observation, c, prior)


def _kl_ucb(env: MetaVectorEnv, prior: float = 0.0) -> Agent:
    return KLUCB(env.meta_observation, prior)


def _thompson(env: MetaVectorEnv, sigma: float | None = None) -> Agent:
    family, meta_observation = env.family, env.meta_observation
    if isinstance(family, RestlessBandit):
        mean = float(family.sigmas.mean())
        return RestlessThompson(meta_observation, mean if sigma is None else sigma)
    _refuse("thompson", _given(sigma=sigma), "restless bandits")
    if isinstance(family, TabularMDP):
        return PSRL(family, meta_observation)
    if isinstance(family, InformativeBandit):
        return InformativeThompson(meta_observation)
    return Thompson(meta_observation)


def _optimistic_thompson(env: MetaVectorEnv, samples: int = 3) -> Agent:
    return OptimisticThompson(env.meta_observation, samples)


def _gittins(env: MetaVectorEnv, discount: float | None = None) -> Agent:
    return Gittins(env.meta_observation, env.family.episode_length, discount)


def _near_optimal(env: MetaVectorEnv) -> Agent:
    return HorizonGittins(env.meta_observation, env.family.episode_length)


def _win_stay_lose_shift(env: MetaVectorEnv) -> Agent:
    return WinStayLoseShift(env.meta_observation)


def _rescorla_wagner(
    env: MetaVectorEnv, alpha: float = 0.5, beta: float = 5.0, lapse: float = 0.0
) -> Agent:
    return RescorlaWagner(env.meta_observation, alpha, beta, lapse)


def _optimal(env: MetaVectorEnv) -> Agent:
    return optimal_policy(env.family, env.meta_observation)


def _optimal_independent(env: MetaVectorEnv) -> Agent:
    family = BernoulliBandit(1, env.family.num_actions, env.family.episode_length)
    return optimal_policy(family, env.meta_observation)


def _optimal_dependent(env: MetaVectorEnv) -> Agent:
    if env.family.num_actions != 2:
        raise InputError(f"optimal-dependent is for two arms, got {env.family.num_actions}")
    return optimal_policy(DependentBandit(1), env.meta_observation)


def _psrl(env: MetaVectorEnv, prior_mean: float = 1.0) -> Agent:
    return PSRL(_mdp(env), env.meta_observation, prior_mean=prior_mean)


def _opsrl(env: MetaVectorEnv, samples: float = 10, prior_mean: float = 1.0) -> Agent:
    return PSRL(_mdp(env), env.meta_observation, samples, prior_mean)


def _ucrl2(env: MetaVectorEnv, scale: float = 0.3, delta: float = 0.05) -> Agent:
    return UCRL2(_mdp(env), env.meta_observation, scale, delta)


def _beb(
    env: MetaVectorEnv, beta: float = 1.0, ahead: float = 0.0, prior_mean: float = 1.0
) -> Agent:
    return BEB(_mdp(env), env.meta_observation, beta, ahead, prior_mean)


def _myopic(env: MetaVectorEnv, prior_mean: float = 1.0) -> Agent:
    return Myopic(_mdp(env), env.meta_observation, prior_mean)


def _mdp(env: MetaVectorEnv) -> TabularMDP:
    assert isinstance(env.family, TabularMDP)  # Else `MDPS` would have refused.
    return env.family


def _two_step_model_based(
    env: MetaVectorEnv, learning_rate: float = 1.0, inverse_temperature: float = 7.0
) -> Agent:
    assert isinstance(env.family, TwoStep)
    return TwoStepModelBased(env.meta_observation, env.family, learning_rate, inverse_temperature)


def _two_step_model_free(
    env: MetaVectorEnv, learning_rate: float = 0.9, inverse_temperature: float = 1.8
) -> Agent:
    assert isinstance(env.family, TwoStep)
    return TwoStepModelFree(env.meta_observation, env.family, learning_rate, inverse_temperature)


class Kind(NamedTuple):
    """What an agent plays, in words and as a class."""

    words: str
    family: Any
    """A class, or several."""


ANY_TASK = Kind("any task", TaskFamily)
BANDITS = Kind("bandits", Bandit)
BERNOULLI = Kind("arms that pay 0 or 1", BernoulliArms)
TWO_STEP = Kind("the two-step task", TwoStep)
MDPS = Kind("tabular MDPs", TabularMDP)
BANDITS_AND_MDPS = Kind("bandits and tabular MDPs", (Bandit, TabularMDP))


class Entry(NamedTuple):
    """A classic agent: what it is, how it is made for an environment, and which ones it plays.

    The function's other arguments can be given after the agent's name.
    """

    summary: str
    make: Callable[..., Agent]
    plays: Kind = BANDITS


AGENTS = {
    "random": Entry("every action equally likely", _random, ANY_TASK),
    "greedy": Entry("the action that is best if the means are right", _greedy, BANDITS_AND_MDPS),
    "epsilon-greedy": Entry(
        "greedy, with a random action now and then", _epsilon_greedy, BANDITS_AND_MDPS
    ),
    "win-stay-lose-shift": Entry("again what paid, else another arm", _win_stay_lose_shift),
    "rescorla-wagner": Entry("values at a fixed learning rate, softmax", _rescorla_wagner),
    "ucb1": Entry("mean + sqrt(2 log t / n)", _ucb1),
    "ucb": Entry("mean + sqrt(log t / 2n); restless bandits: sqrt(log t / n)", _ucb),
    "kl-ucb": Entry("upper confidence bounds by Kullback-Leibler divergence", _kl_ucb),
    "thompson": Entry("Thompson sampling; tabular MDPs: PSRL", _thompson, BANDITS_AND_MDPS),
    "optimistic-thompson": Entry(
        "the best of several draws an arm", _optimistic_thompson, BERNOULLI
    ),
    "gittins": Entry("the Gittins index, for discounted reward", _gittins, BERNOULLI),
    "near-optimal": Entry("the finite-horizon Gittins index, any arms", _near_optimal, BERNOULLI),
    "optimal": Entry("the best possible policy, or the best one known", _optimal, ANY_TASK),
    "optimal-independent": Entry(
        "the best policy for independent arms, on any arms", _optimal_independent, BERNOULLI
    ),
    "optimal-dependent": Entry(
        "the best policy for dependent arms, on any two arms", _optimal_dependent, BERNOULLI
    ),
    "two-step-model-based": Entry(
        "two-step task: values of S2 and S3, known transitions", _two_step_model_based, TWO_STEP
    ),
    "two-step-model-free": Entry(
        "two-step task: values of the two actions in S1", _two_step_model_free, TWO_STEP
    ),
    "psrl": Entry("an MDP drawn from the posterior each trial", _psrl, MDPS),
    "opsrl": Entry("the most that several drawn MDPs promise", _opsrl, MDPS),
    "ucrl2": Entry("the best MDP that is not ruled out", _ucrl2, MDPS),
    "beb": Entry("the expected MDP, with a bonus for the unknown", _beb, MDPS),
    "myopic": Entry("what seems to pay most at once, whatever it leads to", _myopic, MDPS),
}
"""Agents by name."""


def agents_for(family: TaskFamily) -> list[str]:
    """Names of the classic agents that play a family; its arguments may still rule one out."""
    names = [name for name, entry in AGENTS.items() if isinstance(family, entry.plays.family)]
    return [name for name in names if name != "optimal" or has_optimum(family)]


def make_agent(name: str, env: VectorEnv[Any, Any, Any]) -> Agent:
    """Makes a classic agent for an environment.

    Args:
        name: One of `AGENTS`, with arguments if need be: `"ucb,c=2"`.
        env: The environment it will act in.

    Raises:
        InputError: If there is no such agent, its arguments are wrong, or it cannot play this
            environment.
    """
    name, arguments = parse_agent(name)
    if name not in AGENTS:
        raise InputError(f"there is no agent {name!r}: choose from {', '.join(AGENTS)}")
    entry = AGENTS[name]
    known = list(inspect.signature(entry.make).parameters)[1:]
    for argument in arguments:
        if argument not in known:
            takes = ", ".join(known) or "no arguments"
            raise InputError(f"{name} has no argument {argument!r}: it takes {takes}")
    inner: Any = env.unwrapped
    if name != "random" and not isinstance(inner, MetaVectorEnv):
        raise InputError(f"{name} plays the environments of meta_envs only: use random here")
    if name != "random" and not isinstance(inner.family, entry.plays.family):
        others = ", ".join(agents_for(inner.family))
        raise InputError(f"{name} is for {entry.plays.words}: choose from {others}")
    try:
        return entry.make(inner, **arguments)
    except ValueError as error:
        raise InputError(str(error)) from error
