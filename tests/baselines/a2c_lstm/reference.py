"""Short trainings whose weights are the same, bit for bit, on every x86-64 machine.

`python -m tests.baselines.a2c_lstm.reference` prints their digests, to be compared between machines
and kept in `DIGESTS` when the arithmetic is changed on purpose.
"""

import json

import numpy as np

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.files import digest_of

TRAININGS = {
    "lstm": ("MetaBandit-v0", A2CLSTMConfig()),
    "gru": (
        "MetaTwoStepReversal-v0",
        A2CLSTMConfig(
            cell="gru",
            num_envs=10,
            num_steps=70,
            hidden_size=20,
            initial_state="learned",
            optimizer="rmsprop",
            normalize_advantage=True,
            forget_bias=1.0,
            chrono_steps=20,
            max_grad_norm=0.01,
        ),
    ),
    "wide lstm": ("MetaBandit-v0", A2CLSTMConfig(num_envs=7, hidden_size=150)),
}
"""By name: environment and settings. Between them they go through all of the arithmetic."""
UPDATES = 20
EPISODES = 8
"""Side by side, played by the trained agent."""
DIGESTS = {
    "lstm": "9dfb19d612f18a0b00d08f9e73dce16ede0653f88949b26d5cf6345e93d74c44",
    "gru": "67be181eecf4ae65860f1e8b3f7098cc994b732f4874eeadf2825403f5ee0b33",
    "wide lstm": "5f1c56c9db3dcc48feb6aa8ff9d2a240c0270eaff88ec72a8ce8078c80401b0f",
}
"""Of the weights after `UPDATES`, and of what the agents then do."""


def digest(name: str) -> str:
    """Trains, acts, and gives the SHA-256 of both."""
    env_id, config = TRAININGS[name]
    agent = A2CLSTM(env_id, config, seed=0)
    agent.learn(UPDATES * agent.num_steps * config.num_envs)
    arrays = {key: tensor.numpy() for key, tensor in agent.network.state_dict().items()}
    rng, state = np.random.default_rng(0), None
    observations = rng.random((30, EPISODES, agent.policy.encoder.size)).astype(np.float32)
    for t, observation in enumerate(observations):
        arrays[f"actions{t}"], state = agent.predict(observation, state)
    return digest_of(arrays)


if __name__ == "__main__":
    print(json.dumps({name: digest(name) for name in TRAININGS}, indent=4))
