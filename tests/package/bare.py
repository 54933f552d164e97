"""Run by a Python that has the wheel and what it depends on, and nothing else."""

import json
import sys

import gymnasium as gym

import meta_envs
from meta_envs.core import MetaEnv
from meta_envs.optimal import has_optimum, optimal_return
from meta_envs.registration import TABLE

EXACT = {"MetaBandit-v0": 64.918, "MetaBanditInformative-v0": 20.55, "MetaTwoStep-v0": 6.688}


def main():
    """Prints what works, and what the rest says of what it lacks."""
    works, lacks, optima = [], {}, {}
    for row in TABLE:
        try:
            env, envs = gym.make(row.id), gym.make_vec(row.id, num_envs=3)
        except gym.error.DependencyNotInstalled as error:
            lacks[row.id] = str(error)
            continue
        assert isinstance(env.unwrapped, MetaEnv)
        for one in (env, envs):
            one.action_space.seed(0)
            one.reset(seed=0)
            one.step(one.action_space.sample())
        works.append(row.id)
        if row.id in EXACT and has_optimum(env.unwrapped.family):
            optima[row.id] = round(optimal_return(env.unwrapped.family), 3)
    try:
        optimal_return(gym.make("MetaDarkRoom-v0").unwrapped.family)
    except gym.error.DependencyNotInstalled as error:
        lacks["optimum"] = str(error)
    assert meta_envs.__version__
    loaded = sorted({"torch", "scipy", "numba", "baselines"} & set(sys.modules))
    print(json.dumps({"works": works, "lacks": lacks, "optima": optima, "loaded": loaded}))


if __name__ == "__main__":
    main()
