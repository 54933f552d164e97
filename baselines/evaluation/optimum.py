"""The optimum as a witness: what it knows and what it would lose by what an agent has done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.replay import Step, by_batch, by_episode, replayed_steps
from baselines.evaluation.result import Evaluation
from meta_envs.core import MetaVectorEnv
from meta_envs.core.observation import DEFAULT_INPUTS, select
from meta_envs.optimal import has_optimality_gaps, optimal_policy
from meta_envs.policies import Belief, Memory, Policy


class Watched(NamedTuple):
    """One step of a batch of episodes, and what the optimum knew before it.

    Attributes:
        step: The step.
        policy: The optimum.
        memory: Its memory before the actions, of all episodes of the batch. Past an episode's end
            it stays what it was.
    """

    step: Step
    policy: Policy
    memory: Memory


def watched_steps(evaluation: Evaluation) -> Iterator[Watched]:
    """Plays all episodes again, as `replayed_steps` does, with the optimum watching.

    It sees every input that it needs, also where one is withheld from the agent.

    Raises:
        ValueError: If no optimum is known, or what was observed or done is not what the task's own
            environment shows and takes.
        InputError: If the rewards are not those recorded.
    """
    env = make_vector_env(evaluation.env_id, 1, evaluation.env_kwargs)
    if not isinstance(env, MetaVectorEnv):
        raise ValueError(f"{evaluation.env_id} is no environment of meta_envs, or is a wrapped one")
    kwargs = {**evaluation.env_kwargs, "inputs": DEFAULT_INPUTS}
    shown: Any = make_vector_env(evaluation.env_id, 1, kwargs)
    policy, played = optimal_policy(shown.family, shown.meta_observation), evaluation.played
    for step in replayed_steps(evaluation, kwargs):
        if step.starts:
            memory, number = None, 0
        memory = _watch(policy, step, memory, played[step.episodes, number])
        number += 1
        yield Watched(step, policy, memory)


def _watch(policy: Policy, step: Step, memory: Memory | None, playing: NDArray[np.bool_]) -> Memory:
    """The memory after a step's observation, of episodes that are over as it was."""
    if memory is None or playing.all():
        return policy.remember(step.observation, None if memory is None else (memory,))
    after = memory.copy()
    observation = select(step.observation, playing)
    after[playing] = policy.remember(observation, (memory[playing],))
    return after


def optimality_gap(evaluation: Evaluation) -> NDArray[np.float64] | None:
    """The optimality gap of each step, shape (episodes, steps), zero past an episode's end.

    Returns:
        None where it is not known: no optimum, one that is not proved best, or whose values are not
        known; an environment that is not ours, or has wrappers around it.
    """
    env: Any = make_vector_env(evaluation.env_id, 1, evaluation.env_kwargs).unwrapped
    # Some optima take long to compute, and are not to be waited for in vain.
    if not isinstance(env, MetaVectorEnv) or not has_optimality_gaps(env.family):
        return None
    lost = (
        (step, policy.optimality_gaps(memory, step.actions))
        for step, policy, memory in watched_steps(evaluation)
    )
    try:
        return by_episode(evaluation, by_batch(lost))
    except InputError:
        raise
    except ValueError:
        return None


def beliefs(evaluation: Evaluation) -> Belief:
    """What the optimum would have believed before each action, had it watched the episodes.

    Args:
        evaluation: Of any agent.

    Returns:
        By name, each of shape (episodes, steps, n), zero past an episode's end; empty where no
        optimum is known, or it has no belief with a name.
    """
    watched = watched_steps(evaluation)
    try:
        kept = by_batch((step, policy.belief(memory)) for step, policy, memory in watched)
    except InputError:
        raise
    except ValueError:
        return {}
    return {
        name: by_episode(evaluation, [[believed[name] for believed in batch] for batch in kept])
        for name in kept[0][0]
    }
