"""A lesion is what an independent network does that silences the unit at every step."""

import numpy as np
import pytest
import torch

from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import evaluate
from baselines.inside.lesions import (
    Lesion,
    direction_lesions,
    lesion_effects,
    lesioned,
    unit_lesions,
)
from baselines.inside.record import record
from tests.baselines.inside.networks import policy_of

UNITS, STEPS = 6, 8


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def weights_of(policy):
    cell = policy.network.cell
    return [
        cell.get_parameter(f"{name}_l0").detach().numpy().astype(np.float64)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]


def by_hand(policy, inputs, read, clamp=lambda h: h):
    """Logits of each step of a network in NumPy, in which all read `read(h)` in place of h.

    `clamp` changes the state itself.
    """
    w, u, b, d = weights_of(policy)
    heads, bias = (p.detach().numpy().astype(np.float64) for p in policy.network.heads.parameters())
    start = policy.network.initial.detach().numpy().astype(np.float64)
    h, c = (np.tile(part, (len(inputs), 1)) for part in (start[0], start[-1]))
    logits = []
    for x in inputs.swapaxes(0, 1):
        seen, fed = x @ w.T + b, read(h) @ u.T + d
        kind = type(policy.network.cell).__name__
        if kind == "RNN":
            h = np.tanh(seen + fed)
        elif kind == "LSTM":
            i, f, g, o = np.split(seen + fed, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            (r, z, n), (ur, uz, un) = np.split(seen, 3, axis=1), np.split(fed, 3, axis=1)
            update = sigmoid(z + uz)
            h = (1 - update) * np.tanh(n + sigmoid(r + ur) * un) + update * h
        h = clamp(h)
        logits.append((read(h) @ heads.T + bias)[:, :-1])
    return np.stack(logits, axis=1)


def shown(policy):
    """An evaluation of random pulls, its observations, and what the policy's logits are in it."""
    evaluation = evaluate("random", "MetaBandit-v0", 7, seed=1, env_kwargs={"num_trials": STEPS})
    recording = record(policy, evaluation)
    observations = np.zeros((7, STEPS, 4))
    past = np.arange(1, STEPS)
    observations[:, past, :2] = np.eye(2)[evaluation.actions[:, :-1]]
    observations[:, past, 2] = evaluation.rewards[:, :-1]
    observations[:, :, 3] = np.arange(STEPS) / STEPS
    return evaluation, observations, recording


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("mean", [False, True])
def test_a_lesioned_unit_is_read_as_silent_or_as_its_mean(cell, mean):
    """Broken if some reader still saw the unit, or another unit was changed."""
    policy = policy_of(cell, UNITS, num_trials=STEPS)
    evaluation, observations, recording = shown(policy)
    assert by_hand(policy, observations, lambda h: h) == pytest.approx(recording.logits, abs=1e-4)
    lesions = unit_lesions(recording.activity if mean else None, UNITS)
    assert list(lesions)[2] == "unit 2"
    held = recording.activity[:, :, 2].mean() if mean else 0.0

    def read(h):
        return np.where(np.arange(UNITS) == 2, held, h)

    logits = record(lesioned(policy, lesions["unit 2"]), evaluation).logits
    assert by_hand(policy, observations, read) == pytest.approx(logits, abs=1e-4)
    assert np.abs(logits - recording.logits).max() > 0.05
    # Also a GRU's, which keeps a share of itself: nobody can tell it from one held there.
    assert by_hand(policy, observations, read, clamp=read) == pytest.approx(logits, abs=1e-4)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_lesioned_direction_is_read_as_its_mean(cell):
    """All read h - v v^T (h - mean); a GRU's own memory of it goes on."""
    policy = policy_of(cell, UNITS, num_trials=STEPS)
    evaluation, observations, recording = shown(policy)
    v = np.linalg.qr(np.random.default_rng(0).normal(size=(UNITS, UNITS)))[0][:2]
    mean = recording.activity.reshape(-1, UNITS).mean(axis=0)

    def read(h):
        return h - (h - mean) @ v.T @ v

    both = Lesion(v, mean)
    logits = record(lesioned(policy, both), evaluation).logits
    assert by_hand(policy, observations, read) == pytest.approx(logits, abs=1e-4)
    held = by_hand(policy, observations, read, clamp=read)
    apart = np.abs(held - logits).max()
    assert apart > 1e-3 if cell == "gru" else apart < 1e-4
    one = direction_lesions(recording.activity, v)
    assert list(one) == ["component 1", "component 2"]
    twice = lesioned(lesioned(policy, one["component 1"]), one["component 2"])
    assert record(twice, evaluation).logits == pytest.approx(logits, abs=1e-4)


def test_a_lesion_leaves_the_policy_itself_as_it_was():
    policy = policy_of("lstm", UNITS, num_trials=STEPS)
    before = {name: weight.clone() for name, weight in policy.network.state_dict().items()}
    lesioned(policy, unit_lesions(None, UNITS)["unit 0"])
    assert all((before[name] == w).all() for name, w in policy.network.state_dict().items())


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_unit_that_nobody_reads_costs_nothing_and_one_that_decides_costs_all(cell):
    """Exactly nothing, as all else is the same; broken if the episodes were not paired."""
    policy = policy_of(cell, UNITS, scale=0.05)
    with torch.no_grad():
        policy.network.cell.get_parameter("weight_hh_l0")[:, 3] = 0
        policy.network.heads.weight[:, 3] = 0
        # Unit 1 is on, by its candidate, and for arm 0, which is the better one.
        policy.network.cell.get_parameter("bias_ih_l0")[2 * UNITS + 1] = 9
        policy.network.heads.weight[:2, 1] = torch.tensor([20.0, -20.0])
    episodes = [Episode(seed, '{"probabilities": [0.9, 0.1]}') for seed in range(50)]
    lesions = unit_lesions(None, UNITS)
    effects = lesion_effects(policy, "MetaBandit-v0", lesions, episodes, seed=2)
    assert effects.names[3] == "unit 3"
    assert effects.costs[3] == effects.errors[3] == effects.gaps[3] == 0
    assert effects.whole.agent == "A2CLSTMPolicy"
    alone = evaluate(lesioned(policy, lesions["unit 1"]), "MetaBandit-v0", episodes, seed=2)
    assert effects.costs[1] == pytest.approx(alone.mean_regret - effects.whole.mean_regret)
    gap = alone.mean_optimality_gap - effects.whole.mean_optimality_gap
    assert effects.gaps[1] == pytest.approx(gap)
    # From nearly always the better arm to one as often as the other: 100 pulls times 0.8 / 2.
    assert effects.costs[1] == pytest.approx(40, abs=5)
    assert 0 < effects.errors[1] < 1


def test_where_no_regret_is_known_the_cost_is_of_the_return():
    policy = policy_of("gru", 3, "CartPole-v1")
    effects = lesion_effects(policy, "CartPole-v1", unit_lesions(None, 3), 4)
    without = evaluate(lesioned(policy, unit_lesions(None, 3)["unit 0"]), "CartPole-v1", 4)
    assert effects.costs[0] == pytest.approx(effects.whole.mean_return - without.mean_return)
    assert np.isnan(effects.gaps).all()


def test_what_is_no_lesion_is_refused():
    policy = policy_of("gru", 3)
    with pytest.raises(InputError, match=r"directions of shape \(n, 3\) and a replacement of"):
        lesioned(policy, Lesion(np.eye(4)[:1], np.zeros(4)))
    with pytest.raises(InputError, match="of length 1 and at right angles"):
        lesioned(policy, Lesion(np.ones((1, 3)), np.zeros(3)))
    with pytest.raises(InputError, match="at least one lesion"):
        lesion_effects(policy, "MetaBandit-v0", {})
