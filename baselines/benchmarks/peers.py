"""What else a user could take, doing the same work: timed if it is installed.

The A2C in JAX is a whole training in one compiled program, as fast as JAX users write it; the
environment is a part of it. It learns what ours learns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from baselines.networks.actor_critic import ActorCritic
from baselines.networks.backends import TorchBackend

TRIALS, ARMS, HIDDEN = 100, 2, 48


def _compiled(network: ActorCritic, num_steps: int, num_envs: int) -> TorchBackend:
    network.compile()
    return TorchBackend(network, num_steps, num_envs)


BACKENDS: dict[str, Callable[[ActorCritic, int, int], TorchBackend]] = {
    "torch": TorchBackend,
    "torch.compile": _compiled,
}
"""Other ways to run the network than the one we use."""


def recurrent_ppo(seconds: float, stock: bool, num_envs: int = 64) -> dict[str, float]:
    """Training of RecurrentPPO on MetaBandit-v0, ours or sb3-contrib's as it comes.

    Both take 4 epochs of 2 minibatches, and 48 units that actor and critic share.
    """
    import gymnasium as gym
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.vec_env import DummyVecEnv

    from baselines.recurrent_ppo import RecurrentPPOConfig, make_model

    config = RecurrentPPOConfig(
        num_envs=num_envs, num_epochs=4, num_minibatches=2, critic_lstm="shared"
    )
    if stock:
        model: Any = RecurrentPPO(
            "MlpLstmPolicy",
            DummyVecEnv([lambda: gym.make("MetaBandit-v0", disable_env_checker=True)] * num_envs),
            n_steps=TRIALS,
            batch_size=TRIALS * num_envs // config.num_minibatches,
            n_epochs=config.num_epochs,
            policy_kwargs={
                "net_arch": [],
                "lstm_hidden_size": config.hidden_size,
                "shared_lstm": True,
                "enable_critic_lstm": False,
            },
            device="cpu",
        )
    else:
        model = make_model(gym.make_vec("MetaBandit-v0", num_envs=num_envs), config)
    update = TRIALS * num_envs
    # Several at a time, as each call of `learn` has costs of its own.
    return _rate_of(model, update, (2 if stock else 10) * update, seconds)


def stock_ppo(seconds: float, native: bool, num_envs: int = 64) -> dict[str, float]:
    """Training of Stable-Baselines3's PPO on MetaBandit-v0, 4 epochs of 2 minibatches.

    Args:
        seconds: To measure for.
        native: Whether in `GymnasiumVecEnv` over one vector environment, or as `make_vec_env`
            does it, in `num_envs` scalar ones.
        num_envs: Environments side by side.
    """
    import gymnasium as gym
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    from baselines.common.vec_env import GymnasiumVecEnv

    env: Any = (
        GymnasiumVecEnv(gym.make_vec("MetaBandit-v0", num_envs=num_envs))
        if native
        else make_vec_env("MetaBandit-v0", num_envs)
    )
    update = TRIALS * num_envs
    model = PPO("MlpPolicy", env, n_steps=TRIALS, batch_size=update // 2, n_epochs=4, device="cpu")
    return _rate_of(model, update, update, seconds)


def _rate_of(model: Any, warm_up: int, at_once: int, seconds: float) -> dict[str, float]:
    """Steps a second of a Stable-Baselines3 model that learns so many steps a call."""
    from baselines.common.threads import one_thread

    with one_thread():
        model.learn(warm_up)
        began, first = time.perf_counter(), model.num_timesteps
        while time.perf_counter() - began < seconds:
            model.learn(at_once, reset_num_timesteps=False)
    return {"steps_per_second": (model.num_timesteps - first) / (time.perf_counter() - began)}


def gymnax_bandit(num_envs: int, fused: bool, seconds: float) -> dict[str, float]:
    """Gymnax's Bernoulli bandit: one compiled step a call, or 100 steps in one `lax.scan`."""
    import gymnax
    import jax
    import jax.numpy as jnp

    env, params = gymnax.make("BernoulliBandit-misc")
    key = jax.random.key(0)
    keys = jax.random.split(key, num_envs)
    _, state = jax.jit(jax.vmap(env.reset, in_axes=(0, None)))(keys, params)
    batch_step = jax.vmap(env.step, in_axes=(0, 0, 0, None))
    actions = jnp.zeros(num_envs, jnp.int32)

    def one(carry: Any, _: Any) -> Any:
        key, state, total = carry
        key, draw = jax.random.split(key)
        observation, state, reward, *_ = batch_step(
            jax.random.split(draw, num_envs), state, actions, params
        )
        # All outputs are used, or the compiler would leave them out.
        return (key, state, total + reward.sum() + observation.sum()), None

    steps = TRIALS if fused else 1
    run = jax.jit(lambda carry: jax.lax.scan(one, carry, None, steps)[0])
    carry = jax.block_until_ready(run((key, state, 0.0)))
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(1 if fused else 100):
            carry = run(carry)
            count += steps * num_envs
        jax.block_until_ready(carry)
    return {"steps_per_second": count / (time.perf_counter() - began)}


def jax_a2c_lstm(num_envs: int, seconds: float) -> dict[str, float]:
    """A2C on an LSTM in JAX: rollout, gradient and Adam compiled into one program."""
    import jax
    import jax.numpy as jnp

    keys = jax.random.split(jax.random.key(0), 3)
    inputs = ARMS + 2

    def uniform(key: Any, *shape: int) -> Any:
        return jax.random.uniform(key, shape, minval=-1, maxval=1) / HIDDEN**0.5

    parameters = {
        "input": uniform(keys[0], inputs, 4 * HIDDEN),
        "hidden": uniform(keys[1], HIDDEN, 4 * HIDDEN),
        "bias": jnp.zeros(4 * HIDDEN),
        "heads": 0.01 * uniform(keys[2], HIDDEN, ARMS + 1),
    }

    def cell(p: Any, state: Any, x: Any) -> Any:
        hidden, memory = state
        gates = x @ p["input"] + hidden @ p["hidden"] + p["bias"]
        sigmoids = jax.nn.sigmoid(gates[:, : 3 * HIDDEN])
        i, f, o = jnp.split(sigmoids, 3, axis=1)
        memory = f * memory + i * jnp.tanh(gates[:, 3 * HIDDEN :])
        return o * jnp.tanh(memory), memory

    def rollout(p: Any, key: Any) -> Any:
        task, choice, outcome = jax.random.split(key, 3)
        chances = jax.random.uniform(task, (num_envs, ARMS))
        gumbel = jax.random.gumbel(choice, (TRIALS, num_envs, ARMS))
        noise = jax.random.uniform(outcome, (TRIALS, num_envs))

        def step(carry: Any, drawn: Any) -> Any:
            state, x = carry
            gumbel, noise, time = drawn
            state = cell(p, state, x)
            heads = state[0] @ p["heads"]
            action = (heads[:, :-1] + gumbel).argmax(axis=1)
            chosen = jax.nn.one_hot(action, ARMS)
            reward = (noise < (chances * chosen).sum(axis=1)).astype(jnp.float32)
            times = jnp.full((num_envs, 1), time)
            after = jnp.concatenate([chosen, reward[:, None], times], axis=1)
            return (state, after), (x, action, reward, heads[:, -1])

        zero = jnp.zeros((num_envs, HIDDEN))
        times = (jnp.arange(TRIALS) + 1) / TRIALS
        first = ((zero, zero), jnp.zeros((num_envs, inputs)))
        return jax.lax.scan(step, first, (gumbel, noise, times))[1]

    def loss(p: Any, x: Any, actions: Any, target: Any, advantage: Any) -> Any:
        zero = jnp.zeros((num_envs, HIDDEN))

        def step(state: Any, x: Any) -> Any:
            state = cell(p, state, x)
            return state, state[0]

        heads = jax.lax.scan(step, (zero, zero), x)[1] @ p["heads"]
        log_policy = jax.nn.log_softmax(heads[..., :-1])
        chosen = jnp.take_along_axis(log_policy, actions[..., None], axis=2)[..., 0]
        entropy = -(jnp.exp(log_policy) * log_policy).sum(axis=-1)
        values = ((target - heads[..., -1]) ** 2).mean()
        return -(advantage * chosen).mean() + 0.025 * values - 0.05 * entropy.mean()

    def update(p: Any, mean: Any, square: Any, key: Any) -> Any:
        key, draw = jax.random.split(key)
        x, actions, rewards, values = rollout(p, draw)
        following = jnp.concatenate([values[1:], jnp.zeros((1, num_envs))])
        errors = rewards + 0.9 * following - values

        def add(later: Any, error: Any) -> Any:
            advantage = error + 0.9 * 0.95 * later
            return advantage, advantage

        advantage = jax.lax.scan(add, jnp.zeros(num_envs), errors, reverse=True)[1]
        gradient = jax.grad(loss)(p, x, actions, advantage + values, advantage)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
        p = jax.tree.map(lambda p, m, s: p - 3e-3 * m / (jnp.sqrt(s) + 1e-8), p, mean, square)
        return p, mean, square, key

    update = jax.jit(update)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    carry = (parameters, zeros, zeros, jax.random.key(1))
    carry = jax.block_until_ready(update(*carry))
    began, updates = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        carry = jax.block_until_ready(update(*carry))
        updates += 1
    rate = updates * TRIALS * num_envs / (time.perf_counter() - began)
    return {"steps_per_second": rate}
