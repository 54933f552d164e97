"""Fixed points of networks whose fixed points are known."""

import copy

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig, constant
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.episodes import start_episodes
from baselines.evaluation.evaluate import evaluate
from baselines.inside.fixed_points import eigenvalues_at, fixed_points, visit
from tests.baselines.inside.networks import policy_of, set_weights

NOTHING = np.zeros(4)
"""An observation in which nothing has happened."""
EVERYWHERE = np.linspace(-0.9, 0.9, 30)[:, None]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_plain_unit_that_excites_itself_has_two_attractors():
    """Of tanh(2 x): 0, which is unstable, and the two roots, with slopes 2 (1 - x^2)."""
    policy = policy_of("rnn", 1)
    set_weights(policy, weight_hh=2.0)
    found = fixed_points(policy, NOTHING, EVERYWHERE)
    root = brentq(lambda x: np.tanh(2 * x) - x, 0.5, 1)
    assert found.fixed.all()
    assert np.sort(found.states[:, 0]) == pytest.approx([-root, 0, root], abs=1e-9)
    slopes = found.eigenvalues[np.argsort(found.states[:, 0]), 0]
    assert slopes == pytest.approx([2 * (1 - root**2), 2, 2 * (1 - root**2)], abs=1e-9)
    assert found.stable[np.argsort(found.states[:, 0])].tolist() == [True, False, True]
    times = np.sort(found.time_constants[:, 0])
    assert times[:2] == pytest.approx(-1 / np.log(2 * (1 - root**2)))
    assert times[2] == np.inf
    assert found.starts.sum() == 30


def test_a_gated_unit_that_excites_itself_has_two_attractors():
    """A GRU with its update gate at z: (1 - z) tanh(3 x) + z x."""
    policy = policy_of("gru", 1)
    z = sigmoid(1.0)
    # The reset gate wide open, the update gate at z; the candidate reads three times the unit.
    set_weights(policy, weight_hh=[[0.0], [0.0], [3.0]], bias_hh=[40.0, 1.0, 0.0])
    found = fixed_points(policy, NOTHING, EVERYWHERE)
    root = brentq(lambda x: np.tanh(3 * x) - x, 0.5, 1)
    order = np.argsort(found.states[:, 0])
    assert found.states[order, 0] == pytest.approx([-root, 0, root], abs=1e-9)
    slope = z + (1 - z) * 3 * (1 - root**2)
    assert found.eigenvalues[order, 0] == pytest.approx([slope, z + (1 - z) * 3, slope], abs=1e-9)


def test_an_lstm_that_excites_itself_has_two_attractors():
    """All gates at f: c = f tanh(6 h) / (1 - f), h = f tanh(c); the logits are read of h."""
    policy = policy_of("lstm", 1)
    f = sigmoid(1.0)
    weights = [[0.0], [0.0], [6.0], [0.0]]
    set_weights(policy, weight_hh=weights, bias_hh=[1.0, 1.0, 0.0, 1.0])
    with torch.no_grad():
        policy.network.heads.weight.copy_(torch.tensor([[1.0], [-2.0], [3.0]]))
        policy.network.heads.bias.copy_(torch.tensor([0.5, 0.0, 0.0]))
    starts = np.hstack([EVERYWHERE, 2 * EVERYWHERE])
    found = fixed_points(policy, NOTHING, starts)
    root = brentq(lambda h: f * np.tanh(f / (1 - f) * np.tanh(6 * h)) - h, 0.1, 1)
    order = np.argsort(found.states[:, 0])
    assert found.states[order, 0] == pytest.approx([-root, 0, root], abs=1e-9)
    cells = f / (1 - f) * np.tanh(6 * np.array([-root, 0, root]))
    assert found.states[order, 1] == pytest.approx(cells, abs=1e-9)
    assert found.logits[order, 0] == pytest.approx(np.array([-root, 0, root]) + 0.5, abs=1e-6)
    assert found.values[order] == pytest.approx(3 * np.array([-root, 0, root]), abs=1e-6)
    assert found.stable[order].tolist() == [True, False, True]


def test_a_cell_that_forgets_slowly_has_its_time_constant():
    """Forget gates at f and no input: a difference in a cell is f of itself a step later."""
    policy = policy_of("lstm", 3)
    rates = np.array([0.99, 0.9, 0.5])
    bias = np.concatenate([np.full(3, -40.0), np.log(rates / (1 - rates)), np.zeros(6)])
    set_weights(policy, bias_hh=bias)
    rng = np.random.default_rng(0)
    found = fixed_points(policy, NOTHING, rng.uniform(-1, 1, (20, 6)))
    assert found.states == pytest.approx(0, abs=1e-6)
    assert np.abs(found.eigenvalues[0, :3]) == pytest.approx(rates, abs=1e-6)
    assert found.time_constants[0, :3] == pytest.approx(-1 / np.log(rates), rel=1e-4)
    # And over three steps at once, time is in threes.
    thrice = fixed_points(policy, np.zeros((3, 4)), rng.uniform(-1, 1, (20, 6)))
    assert np.abs(thrice.eigenvalues[0, :3]) == pytest.approx(rates**3, abs=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_points_stay_and_jacobians_are_numerical_ones(cell):
    """Random networks, two steps of random input; broken if F were not what the network does."""
    policy = policy_of(cell, 5)
    rng = np.random.default_rng(1)
    size = 5 * len(policy.network.cell.state_names)
    inputs = rng.normal(size=(2, 4))
    found = fixed_points(policy, inputs, rng.uniform(-1, 1, (40, size)))
    module = copy.deepcopy(policy.network.cell).double()

    def move(x):
        parts = tuple(torch.tensor(part)[None, None] for part in np.split(x, size // 5))
        with torch.no_grad():
            _, after = module(torch.tensor(inputs)[:, None], parts)
        return np.concatenate([part[0, 0].numpy() for part in after])

    assert found.fixed.any()
    x = found.states[found.fixed][0]
    assert move(x) == pytest.approx(x, abs=1e-6)
    small = 1e-6 * np.eye(size)
    numerical = np.stack([(move(x + d) - move(x - d)) / 2e-6 for d in small], axis=1)
    assert found.jacobians[found.fixed][0] == pytest.approx(numerical, abs=1e-7)
    moduli = np.sort(np.abs(np.linalg.eigvals(numerical)))[::-1]
    assert np.abs(found.eigenvalues[found.fixed][0]) == pytest.approx(moduli, abs=1e-4)
    assert eigenvalues_at(policy, inputs, x[None])[0] == pytest.approx(
        found.eigenvalues[found.fixed][0], abs=1e-9
    )


def test_where_nothing_stays_there_is_no_point():
    """A cell that counts up for ever; broken if a state that moves were called a point."""
    policy = policy_of("lstm", 1)
    # The cell counts up and never forgets: c' = c + tanh(1).
    set_weights(policy, bias_hh=[40.0, 40.0, 1.0, 0.0])
    found = fixed_points(policy, NOTHING, np.zeros((3, 2)))
    assert len(found.speeds) == 0
    assert found.states.shape == (0, 2)
    assert found.stable.shape == (0,)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_states_visited_are_those_that_predict_keeps(cell):
    policy = policy_of(cell, 6, "MetaTwoStepReversal-v0", num_trials=4)
    evaluation = evaluate("random", "MetaTwoStepReversal-v0", 5, env_kwargs={"num_trials": 4})
    visits = visit(policy, evaluation)
    env = make_vector_env("MetaTwoStepReversal-v0", 5, {"num_trials": 4})
    observation, state = start_episodes(env, evaluation.episodes), None
    for t in range(12):
        assert (visits.inputs[:, t] == observation).all()
        _, state = policy.predict(observation, state)
        assert visits.states[:, t] == pytest.approx(np.hstack(state), abs=1e-5)
        observation = env.step(evaluation.actions[:, t].astype(np.int64))[0]


def test_what_has_no_fixed_points_is_refused():
    policy = policy_of("gru", 3)
    with pytest.raises(InputError, match=r"`inputs` must be of shape \(4,\) or \(steps, 4\)"):
        fixed_points(policy, np.zeros(5), np.zeros((1, 3)))
    with pytest.raises(InputError, match=r"`starts` must be of shape \(starts, 3\), got \(1, 6\)"):
        fixed_points(policy, NOTHING, np.zeros((1, 6)))
    with pytest.raises(InputError, match="not a A2CLSTM"):
        fixed_points(A2CLSTM("MetaBandit-v0"), NOTHING, np.zeros((1, 3)))
    forgets = A2CLSTM("MetaBandit-v0", A2CLSTMConfig(memory=False)).policy
    with pytest.raises(InputError, match="trained without memory"):
        fixed_points(forgets, NOTHING, np.zeros((1, 96)))
    config = A2CLSTMConfig(cell="actor-critic-lstm", discount=constant(0.9))
    double = A2CLSTM("MetaBandit-v0", config).policy
    with pytest.raises(InputError, match="not a ActorCriticLSTM"):
        fixed_points(double, NOTHING, np.zeros((1, 96)))
    pixels = A2CLSTM("MetaHarlow-v0", A2CLSTMConfig(encoder_size=8, hidden_size=4)).policy
    with pytest.raises(InputError, match="numbers, not images"):
        fixed_points(pixels, NOTHING, np.zeros((1, 8)))
