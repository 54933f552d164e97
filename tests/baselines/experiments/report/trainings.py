"""A small file of scores, as sweeps leave it: two agents, a failure, a task without an optimum."""

import json

ENVS = ("MetaBandit-v0", "MetaBanditRestless-v0", "MetaTwoStep-v0")
AGENTS = {"a2c-lstm": 0.98, "recurrent-ppo": 0.93}
SEEDS = 4


def row(env, agent, seed, score, failed=None):
    return {
        "env": env,
        "agent": agent,
        "seed": seed,
        "normalized_score": score,
        "mean_return": None if failed else 60.0 + seed,
        "mean_regret": None if failed else 2.0,
        "total_timesteps": 4_000_000,
        "commit": "what the table does not need",
        "seconds": 31.5,
        "failed": failed,
    }


def rows():
    found = [
        row(env, agent, seed, best - 0.01 * number - 0.002 * seed)
        for agent, best in AGENTS.items()
        for number, env in enumerate(ENVS)
        for seed in range(SEEDS)
    ]
    # One of a seed that broke off, and one environment that one agent alone has.
    found[-1] = row(ENVS[-1], "recurrent-ppo", SEEDS - 1, None, "its loss was not finite")
    return [*found, *(row("MetaHarlow-v0", "a2c-lstm", seed, None) for seed in range(2))]


def write(path):
    path.write_text(json.dumps({"machine": {"processor": "x"}, "rows": rows()}))
    return path
