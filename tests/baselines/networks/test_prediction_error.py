"""Two LSTMs, of which the actor sees the critic's error: what it gets, and what it learns from."""

import numpy as np
import pytest
import torch

from baselines import load
from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.common.schedule import constant
from baselines.evaluation.evaluate import evaluate
from baselines.networks.backends import TorchBackend
from baselines.networks.cells import CELLS
from baselines.networks.config import InputSizes, NetworkConfig
from baselines.networks.prediction_error import PredictionErrorActorCritic

ENV = "MetaRiskyChoice-v0"
SIZE, REWARD, ACTIONS, STEPS, ENVS, DISCOUNT = 6, 3, 3, 7, 4, 0.8


def settings(**changes):
    """Of a small agent."""
    return A2CLSTMConfig(
        cell="actor-critic-lstm",
        **{"hidden_size": 8, "num_envs": 4, "discount": constant(DISCOUNT)} | changes,
    )


def make(initial_state="learned", hidden=5):
    """A network with nothing left at zero."""
    config = NetworkConfig(hidden_size=hidden, cell="actor-critic-lstm")
    cell = CELLS[config.cell].build(InputSizes(0, 0, SIZE), config)
    network = PredictionErrorActorCritic(cell, DISCOUNT, ACTIONS, initial_state)
    network.initialise(config, slice(REWARD, REWARD + 1), np.random.default_rng(0))
    torch.manual_seed(0)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return network.double()


def episodes():
    """Observations, the state before them, and where episodes start: at some first steps too."""
    rng = np.random.default_rng(1)
    observations = torch.from_numpy(rng.normal(size=(STEPS, ENVS, SIZE)))
    state = tuple(torch.from_numpy(rng.normal(size=(ENVS, 10))) for _ in range(2))
    starts = torch.from_numpy(rng.random((STEPS, ENVS)) < 0.3)
    starts[0] = torch.tensor([True, False, True, False])
    return observations, state, starts


def actor_inputs(network, *sequence):
    """What the actor's LSTM gets at each step, and the heads."""
    seen = []
    handle = network.cell.actor.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    heads, _ = network(*sequence)
    handle.remove()
    return torch.cat(seen).detach().numpy(), heads.detach().numpy()


def lstm(weights, x, hidden, cell):
    """A step of an LSTM by its equations, in NumPy."""
    w_ih, w_hh, b_ih, b_hh = (weight.detach().numpy() for weight in weights)
    gates = w_ih @ x + b_ih + w_hh @ hidden + b_hh
    i, f, g, o = np.split(gates, 4)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    cell = f * cell + i * np.tanh(g)
    return o * np.tanh(cell), cell


def by_hand(network, env, observations, state, starts):
    """Values and prediction errors of one environment, a step at a time."""
    weights = list(network.cell.critic.parameters())
    head = [part.detach()[-1].numpy() for part in (network.heads.weight, network.heads.bias)]
    hidden, cell = (part[env, :5].numpy() for part in state)
    values, errors, before = [], [], head[0] @ hidden + head[1]
    for t in range(STEPS):
        x = observations[t, env].numpy()
        if starts[t, env]:
            hidden, cell = network.initial.detach().numpy()[:, :5]
        hidden, cell = lstm(weights, x, hidden, cell)
        value = head[0] @ hidden + head[1]
        errors.append(0.0 if starts[t, env] else x[REWARD] + DISCOUNT * value - before)
        values.append(value)
        before = value
    return values, errors


def test_the_actor_gets_the_prediction_error_in_place_of_the_reward():
    """Broken if a value is another step's, the reward stays, or an episode has one at its start."""
    network, sequence = make(), episodes()
    inputs, heads = actor_inputs(network, *sequence)
    for env in range(ENVS):
        values, errors = by_hand(network, env, *sequence)
        np.testing.assert_allclose(heads[:, env, -1], values, atol=1e-12)
        np.testing.assert_allclose(inputs[:, env, REWARD], errors, atol=1e-12)
    others = np.arange(SIZE) != REWARD
    np.testing.assert_array_equal(inputs[..., others], sequence[0].numpy()[..., others])


def test_a_step_at_a_time_is_the_sequence_at_once():
    """Broken if the value of the step before is lost between two calls."""
    network, (observations, state, starts) = make(), episodes()
    whole, after = network(observations, state, starts)
    for t in range(STEPS):
        heads, state = network(observations[t : t + 1], state, starts[t : t + 1])
        torch.testing.assert_close(heads[0], whole[t])
    for part, wanted in zip(state, after, strict=True):
        torch.testing.assert_close(part, wanted)


def test_both_lstms_get_the_initial_weights_asked_for():
    """Broken if one of them kept torch's own, or the reward's gain went to another column."""
    networks = []
    for gain in (1.0, 8.0):
        networks.append(A2CLSTM(ENV, settings(forget_bias=2.0, reward_gain=gain)).network)
    for part in ("critic", "actor"):
        usual, large = (getattr(network.cell, part).weight_ih_l0 for network in networks)
        changed = (usual != large).any(dim=0).nonzero()[:, 0].tolist()
        assert changed == networks[0].reward_column.tolist() == [7]
        bias = getattr(networks[0].cell, part).bias_ih_l0.detach().reshape(4, 8)
        assert bias[1].min() > 1 and bias[[0, 2, 3]].abs().max() < 1


PARTS = {"critic": slice(ACTIONS, None), "actor": slice(0, ACTIONS)}
"""Which of the heads are whose."""


@pytest.mark.parametrize("part", PARTS)
def test_gradients_are_those_of_finite_differences(part):
    """Of both LSTMs, heads and initial state, in double precision.

    The values for the critic. The policy for the actor, with the critic as it is: moving that would
    move the error too, through which no gradient flows.
    """
    network, sequence = make(), episodes()
    rng = np.random.default_rng(2)
    weights = torch.from_numpy(rng.normal(size=(STEPS, ENVS, ACTIONS + 1)))[..., PARTS[part]]

    def total():
        return (network(*sequence)[0][..., PARTS[part]] * weights).sum()

    total().backward()
    columns = slice(0, 5) if part == "critic" else slice(5, 10)
    own = {
        "initial": network.initial[:, columns],
        "heads.weight": network.heads.weight[PARTS[part]],
        "heads.bias": network.heads.bias[PARTS[part]],
    }
    grads = {
        "initial": network.initial.grad[:, columns],
        "heads.weight": network.heads.weight.grad[PARTS[part]],
        "heads.bias": network.heads.bias.grad[PARTS[part]],
    }
    for name, parameter in getattr(network.cell, part).named_parameters():
        own[name], grads[name] = parameter, parameter.grad
    for name, tensor in own.items():
        for index in map(tuple, rng.integers(0, tensor.shape, (12, tensor.ndim)).tolist()):
            sums = []
            with torch.no_grad():
                for step in (1e-6, -2e-6):
                    tensor[index] += step
                    sums.append(float(total()))
                tensor[index] += 1e-6
            slope = (sums[0] - sums[1]) / 2e-6
            assert float(grads[name][index]) == pytest.approx(slope, abs=1e-6, rel=1e-5), name


@pytest.mark.parametrize("part", PARTS)
def test_neither_part_learns_from_what_the_other_says(part):
    """Broken if the policy's gradient went into the critic through the prediction error."""
    network = make()
    network(*episodes())[0][..., PARTS[part]].sum().backward()
    other = "actor" if part == "critic" else "critic"
    for parameter in getattr(network.cell, other).parameters():
        assert parameter.grad is None or not parameter.grad.any()
    assert all(parameter.grad.any() for parameter in getattr(network.cell, part).parameters())
    columns = slice(5, 10) if part == "critic" else slice(0, 5)
    assert not network.initial.grad[:, columns].any()


def test_the_backend_has_the_same_gradients():
    """A rollout step by step, then backward at once; broken if the two saw different errors."""
    network, (observations, _, starts) = make().float(), episodes()
    backend = TorchBackend(network, STEPS, ENVS)
    backend.begin()
    noise, actions = np.zeros((ENVS, ACTIONS), np.float32), np.zeros(ENVS, int)
    for t in range(STEPS):
        backend.step(
            t, observations[t].numpy().astype(np.float32), starts[t].numpy(), noise, actions
        )
    backend.backward(np.ones_like(backend.heads))
    mine = [parameter.grad.clone() for parameter in network.parameters()]
    network.zero_grad()
    heads, _ = network(observations.float(), backend.first_state, starts)
    heads.sum().backward()
    np.testing.assert_allclose(backend.heads, heads.detach().numpy(), atol=1e-5)
    for gradient, parameter in zip(mine, network.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


@pytest.mark.parametrize("initial_state", ["zero", "learned"])
def test_a_training_that_is_stopped_ends_like_one_that_is_not(initial_state, tmp_path):
    """Learns, saves, loads and goes on; a rollout ends in the middle of an episode."""
    config = settings(initial_state=initial_state, num_steps=25)
    agent = A2CLSTM(ENV, config, seed=1).learn(500)
    agent.save(tmp_path / "agent.safetensors")
    again = A2CLSTM.load(tmp_path / "agent.safetensors")
    assert agent.learn(1_500).weights_digest() == again.learn(1_500).weights_digest()
    assert bool(agent.network.initial.detach().any()) == (initial_state == "learned")
    agent.save(tmp_path / "agent.safetensors")
    evaluations = [
        evaluate(a, ENV, 20, seed=3) for a in (agent, str(tmp_path / "agent.safetensors"))
    ]
    np.testing.assert_array_equal(*(e.actions for e in evaluations))


@pytest.fixture
def agent(tmp_path):
    """A loaded agent that has learnt nothing."""
    A2CLSTM(ENV, settings()).save(tmp_path / "agent.safetensors")
    return load(tmp_path / "agent.safetensors")


def test_the_prediction_error_can_be_changed(agent):
    """Broken if the change went to another step, or to the critic, or could not be undone."""
    policy, rng = agent, np.random.default_rng(0)
    observations = rng.normal(size=(3, 2, policy.encoder.size)).astype(np.float32)
    starts = np.array([[True, True], [False, False], [False, True]])

    def play():
        seen, values, state = [], [], None
        actor = policy.network.cell.actor
        handle = actor.register_forward_pre_hook(lambda _, given: seen.append(given[0][0].numpy()))
        for observation, start in zip(observations, starts, strict=True):
            _, state = policy.predict(observation, state, start)
            values.append(policy._backend(2).heads[0, :, -1].copy())
        handle.remove()
        return np.array(seen)[..., int(policy.network.reward_column)], np.array(values)

    errors, values = play()
    policy.change_prediction_error(lambda seen: seen[:, 0] - 2)
    changed, same = play()
    wanted = np.where(starts, 0, observations[..., 0] - 2)
    np.testing.assert_allclose(changed - errors, wanted, atol=1e-6)
    np.testing.assert_array_equal(values, same)
    policy.change_prediction_error(lambda seen: 1)
    np.testing.assert_allclose(play()[0] - errors, ~starts, atol=1e-6)
    policy.change_prediction_error(None)
    np.testing.assert_array_equal(play()[0], errors)


def test_a_change_of_another_shape_is_refused(agent):
    agent.change_prediction_error(lambda seen: seen)
    with pytest.raises(InputError, match="one number, or one for each of 20 observations"):
        evaluate(agent, ENV, 20)


def test_what_has_no_prediction_error_cannot_have_it_changed(tmp_path):
    A2CLSTM(ENV, A2CLSTMConfig(num_envs=1)).save(tmp_path / "agent.safetensors")
    with pytest.raises(InputError, match="only where `cell` is actor-critic-lstm"):
        load(tmp_path / "agent.safetensors").change_prediction_error(None)


def test_settings_that_do_not_go_with_two_lstms_are_refused():
    """A moving discount, an unknown reward, a reward of several numbers, images."""
    with pytest.raises(InputError, match="`discount` must not move"):
        A2CLSTMConfig(cell="actor-critic-lstm")
    for env, kwargs in (
        (ENV, {"inputs": ["action"]}),
        ("MetaBanditInformative-v0", {"reward_input": "one-hot"}),
    ):
        with pytest.raises(InputError, match="must not be actor-critic-lstm where the obs"):
            A2CLSTM(env, settings(), env_kwargs=kwargs)
    with pytest.raises(InputError, match="actor-critic-lstm where observations hold images"):
        A2CLSTM("MetaHarlow-v0", settings(num_steps=5))
