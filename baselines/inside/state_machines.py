"""Whether a network and the Bayes-optimal agent are the same state machine.

Mikulik et al. 2020, "Meta-trained agents implement Bayes-optimal agents" (arXiv 2010.11223), with
the measures of Kuo et al. 2025 (arXiv 2510.22039). Each one's state is mapped into the other's by
a small network, on episodes that were played by the optimum and shown to both. If each simulates
the other, little of the states is missed (state dissimilarity D_s), and who acts on the mapped
state earns what the other earns (output dissimilarity D_o). That a map into the belief exists says
little by itself: an untrained network that remembers enough has one, too. The controls are an
untrained network and one without memory (`baselines.inside.controls`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.a2c_lstm.policy import A2CLSTMPolicy
from baselines.common.errors import InputError
from baselines.inside.explained import Score, explained, mean_score, ratio
from baselines.inside.mapping import fit_mapping
from baselines.inside.probes import belief_of, fitted_episodes
from baselines.inside.recording import Recording
from meta_envs.optimal.bandits.bernoulli_bandit import solve

Array = NDArray[np.float64]


class Dissimilarity(NamedTuple):
    """D_s: what a mapping misses of a state on held-out episodes; 0 if it misses nothing.

    Attributes:
        raw: Mean |x - mapped|^2 / mean |x|^2, as published. It is small wherever the state's mean
            is large.
        centred: 1 - R^2 of all steps: what is missed of the variance around one mean.
        within_steps: 1 - R^2 around the mean of each step: what is missed of that which a clock
            does not tell.
        by_step: The same of each step, shape (steps,); nan where the state does not vary.
    """

    raw: Score
    centred: Score
    within_steps: Score
    by_step: Score


class Comparison(NamedTuple):
    """Two state machines, each simulated by the other.

    Attributes:
        to_belief: Of the belief, as mapped from the network's activity.
        to_activity: Of the network's activity, as mapped from the belief.
        mapped_belief: Shape (episodes held out, steps, n).
        mapped_activity: Shape (episodes held out, steps, units).
        held_out: The episodes that all is scored on.
    """

    to_belief: Dissimilarity
    to_activity: Dissimilarity
    mapped_belief: Array
    mapped_activity: Array
    held_out: slice


def compare_states(recording: Recording, name: str, seed: int = 0) -> Comparison:
    """Maps a network's activity into the Bayes state and back.

    Kuo et al. have 700 episodes, of the optimum (`record_activity(..., 700, teacher="optimal")`):
    500 to fit and 200 to score. Of the Bayes state of a finite episode the time left is a part,
    and so is what the environment shows, such as a place: the activity is mapped from these and
    the belief together.

    Args:
        recording: Of a network, at least 20 episodes.
        name: Of the belief that the optimum acts by, the first one of the recording's.
        seed: Of the mapping networks.

    Raises:
        InputError: If there is no such belief, or there are too few episodes.
    """
    belief, played = belief_of(recording, name), recording.played
    activity = recording.activity.astype(np.float64)
    fit = fitted_episodes(len(belief))
    held_out = slice(fit.stop, len(belief))
    clock = np.broadcast_to(np.linspace(0, 1, played.shape[1])[:, None], (*played.shape, 1))
    state = np.concatenate([belief, clock, recording.own], axis=2)
    mapped_belief, mapped_activity = (
        fit_mapping(source[fit], target[fit], played[fit], seed)(source[held_out])
        for source, target in ((activity, belief), (state, activity))
    )
    to_belief, to_activity = (
        _dissimilarity(mapped, target[held_out], played[held_out], target[fit], played[fit])
        for mapped, target in ((mapped_belief, belief), (mapped_activity, activity))
    )
    return Comparison(to_belief, to_activity, mapped_belief, mapped_activity, held_out)


def _dissimilarity(
    mapped: Array,
    target: Array,
    played: NDArray[np.bool_],
    fitted_target: Array,
    fitted_played: NDArray[np.bool_],
) -> Dissimilarity:
    errors, squares = (
        np.where(played, (values**2).sum(axis=2), 0.0).sum(axis=1)
        for values in (target - mapped, target)
    )
    score = explained(mapped, target, played, fitted_target, fitted_played)
    return Dissimilarity(
        ratio(errors, squares), score.total.rest, score.within_steps.rest, score.by_step.rest
    )


def network_outputs(policy: A2CLSTMPolicy, activity: NDArray[np.floating]) -> Array:
    """The probabilities of actions that a network reads off activity, be it its own or mapped.

    Args:
        policy: With discrete actions.
        activity: Shape (..., units).

    Returns:
        Shape (..., num_actions).
    """
    with torch.no_grad():
        heads = policy.network.heads(torch.as_tensor(activity, dtype=torch.float32))
    return probabilities(heads[..., :-1].numpy())


def probabilities(logits: NDArray[np.floating]) -> Array:
    """The softmax over the last axis."""
    above = np.asarray(logits, np.float64)
    above = np.exp(above - above.max(axis=-1, keepdims=True))
    chances: Array = above / above.sum(axis=-1, keepdims=True)
    return chances


def bandit_outputs(counts: Array, num_trials: int) -> Array:
    """The probabilities of the optimum of two independent arms, acting on counts, maybe mapped.

    They are rounded, as by Kuo et al., and none is below 0. Where they are more than the pulls
    that can have been, the largest is taken for smaller.

    Args:
        counts: Successes and failures of the first arm, then of the second, shape (..., 4).
        num_trials: Of the episode.

    Returns:
        Shape (..., 2); one half each where both arms are as good.
    """
    whole = np.maximum(np.rint(counts), 0).astype(np.int64).reshape(-1, 4)
    rows, largest = np.arange(len(whole)), whole.argmax(axis=1)
    excess = np.maximum(whole.sum(axis=1) - (num_trials - 1), 0)
    whole[rows, largest] -= np.minimum(excess, whole[rows, largest])
    while (over := whole.sum(axis=1) >= num_trials).any():  # Counts far out of their range.
        whole[over] //= 2
    arms = whole.reshape(*counts.shape[:-1], 2, 2)
    advantage = solve(num_trials).advantage(arms.sum(axis=-1), arms[..., 0])
    first = (1 + np.sign(advantage)) / 2
    return np.stack([first, 1 - first], axis=-1)


def output_dissimilarity(
    own: Array, mapped: Array, action_values: Array, played: NDArray[np.bool_]
) -> Score:
    """D_o: mean over episodes of |sum of the difference in what is expected of the actions|.

    Args:
        own: Probabilities of actions of who acts on its own state, (episodes, steps, actions).
        mapped: Of who acts on the state mapped from the other's, same shape.
        action_values: What each action is worth, same shape: the reward expected of it for what is
            known (as published), or minus its optimality gap, which counts what it is worth later.
        played: Where an episode was going on, shape (episodes, steps).

    Returns:
        In units of the value.

    Raises:
        InputError: If the shapes differ.
    """
    if not own.shape == mapped.shape == action_values.shape:
        raise InputError(
            "probabilities and values of actions must have one shape, got "
            f"{own.shape}, {mapped.shape} and {action_values.shape}"
        )
    differences = np.where(played, ((own - mapped) * action_values).sum(axis=2), 0.0)
    return mean_score(np.abs(differences.sum(axis=1)))
