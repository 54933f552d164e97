"""An agent in JAX, compiled, its memory a tree of arrays: `python examples/jax_agent.py`.

Thompson sampling on two arms. A network in JAX is called alike, its hidden state in place of the
counts. From the command line, in this folder:

    python -m baselines evaluate --env MetaBandit-v0 --agent jax_agent:thompson thompson
"""

import argparse

import jax
import jax.numpy as jnp

from baselines import evaluate


@jax.jit
def act(state, observation, episode_start):
    """Counts what came of the last pull, then takes the arm that a sample says is best."""
    goes_on = ~episode_start[:, None]
    pulled, reward = observation[:, :2], observation[:, 2:3]
    wins = goes_on * state["wins"] + pulled * reward
    pulls = goes_on * state["pulls"] + pulled
    key, now = jax.random.split(state["key"])
    sample = jax.random.beta(now, 1 + wins, 1 + pulls - wins)
    return sample.argmax(axis=1), {"wins": wins, "pulls": pulls, "key": key}


def thompson(observation, state, episode_start, deterministic):
    """What `evaluate` calls."""
    if state is None:
        zeros = jnp.zeros((len(observation), 2))
        state = {"wins": zeros, "pulls": zeros, "key": jax.random.key(0)}
    return act(state, observation, episode_start)


def main() -> None:
    """Scores it beside the same algorithm in NumPy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", default="MetaBandit-v0")
    args = parser.parse_args()
    for agent in (thompson, "thompson"):
        print(evaluate(agent, args.env))


if __name__ == "__main__":
    main()
