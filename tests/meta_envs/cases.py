"""The environments under test, and what the tests do with them.

`CASES` has every id of the table, so that a new row is tested as soon as it is there, and
variants of them by keyword. What no family can change, as the checks of seeds and actions or the
parts of the meta-observation, is tested on `REPRESENTATIVES`: a family without an observation of
its own, one with one, and one with images.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode

import meta_envs
from meta_envs.core import DEFAULT_INPUTS, INPUTS, MetaEnv, MetaVectorEnv
from meta_envs.core.family import load_family
from meta_envs.core.observation import PARTS
from meta_envs.optimal import optimal_policy
from meta_envs.registration import TABLE
from meta_envs.tasks.bandits.bandit import Bandit
from meta_envs.tasks.bandits.volatility import Volatility
from meta_envs.tasks.grids.grid import Grid
from meta_envs.tasks.harlow.harlow_task import HarlowTask

IDS = [row.id for row in TABLE]
SAME_STEP = {"autoreset_mode": AutoresetMode.SAME_STEP}

assert meta_envs.__version__  # Imported for what importing it registers.


@dataclass(frozen=True)
class Case:
    """An id with keyword arguments."""

    id: str
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id + "".join(f"-{key}={value}" for key, value in self.kwargs.items())

    def scalar(self, **kwargs: Any) -> MetaEnv:
        """The bare scalar environment."""
        return gym.make(self.id, **(self.kwargs | kwargs)).unwrapped  # type: ignore[return-value]

    def native(self, num_envs: int, **kwargs: Any) -> MetaVectorEnv:
        """The environment behind `vector_entry_point`."""
        return gym.make_vec(self.id, num_envs=num_envs, **(self.kwargs | kwargs))  # type: ignore[return-value]

    def sync(
        self, num_envs: int, autoreset_mode: Any = AutoresetMode.SAME_STEP, **kwargs: Any
    ) -> gym.vector.VectorEnv:
        """Gymnasium's own vector environment over scalar ones."""
        mode = {"autoreset_mode": autoreset_mode}
        kwargs = self.kwargs | kwargs
        return gym.make_vec(
            self.id, num_envs, vectorization_mode="sync", vector_kwargs=mode, **kwargs
        )

    def takes(self, argument: str) -> bool:
        """Whether the family behind the id has this argument."""
        family = load_family(gym.spec(self.id).kwargs["family"])
        return argument in inspect.signature(family).parameters

    def short(self, num_trials: int) -> Case:
        """The same with `num_trials`, or a few steps for each where it is steps that are given."""
        if self.takes("num_steps"):
            return Case(self.id, self.kwargs | {"num_steps": 4 * num_trials})
        if not self.takes("num_trials"):
            return self
        kwargs = self.kwargs | {"num_trials": num_trials}
        if "min_trials" in kwargs:
            kwargs["min_trials"] = num_trials
        if self.takes("max_frames"):
            kwargs["max_frames"] = min(24 * num_trials, kwargs.get("max_frames", 3600))
        return Case(self.id, kwargs)


FEWER_STEPS = {
    "MetaIMaze-v0": {"num_steps": 30},
    "MetaHarlow-v0": {"max_frames": 120},
    "MetaHarlowSymbolic-v0": {"max_frames": 120},
    "MetaHarlowSymbolic6-v0": {"max_frames": 120},
}
"""What keeps variants of long episodes short."""
LASTING = {"MetaMatching-v0": {"min_trials": 100}}
"""What gives all episodes the same length, where that is drawn: many tests count on it. Drawn
lengths have tests of their own."""
REPRESENTATIVES = ("MetaBandit-v0", "MetaTwoStep-v0", "MetaHarlow-v0")
VARIANTS = [
    *(
        Case(id, {"inputs": inputs} | FEWER_STEPS.get(id, {}))
        for inputs in (["timestep"], ["done", "timestep"])
        for id in REPRESENTATIVES
    ),
    Case("MetaBandit-v0", {"inputs": ["reward", "action"]}),
    *(Case(id, {"num_trials": 1} | FEWER_STEPS.get(id, {})) for id in REPRESENTATIVES),
    *(Case(id, {"num_trials": 7}) for id in ("MetaBanditRestless-v0", "MetaTwoStepReversal-v0")),
    *(Case(id, {"num_trials": 1}) for id in ("MetaTabularMDP-v0", "MetaDarkKeyToDoor-v0")),
    Case("MetaBandit-v0", {"num_arms": 5}),
    Case("MetaBanditDependentUniform-v0", {"p1_values": [0.0, 0.5, 1.0]}),
    Case("MetaBanditInformative-v0", {"reward_input": "scalar"}),
    Case("MetaBanditRestless-v0", {"volatility": "low"}),
    Case("MetaBanditRestless-v0", {"volatility": "high", "high_sigma": 3.0}),
    Case("MetaBanditRestless-v0", {"low_sigma": 0}),
    Case("MetaVolatility-v0", {"schedule": "low-first", "num_trials": 101}),
    Case("MetaVolatility-v0", {"schedule": "high-first", "num_trials": 1}),
    Case("MetaTwoStep-v0", {"common_probability": 1, "reward_probability": 1.0}),
    Case("MetaTwoStep-v0", {"fixation": True, "reversal_probability": 1}),
    Case("MetaTwoStepReversal-v0", {"fixation": False}),
    Case("MetaInferredValue-v0", {"num_blocks": 2, "block_length": 1}),
    Case("MetaMatching-v0", {"split": "test", "num_trials": 1, "min_trials": 1}),
    Case("MetaMatching-v0", {"split": "all", "num_trials": 5, "min_trials": 5}),
    Case("MetaRiskyChoice-v0", {"num_forced_pairs": 0, "num_free_trials": 3}),
    Case("MetaRiskyChoice-v0", {"safe_payoff": 2, "risky_probabilities": [0.0, 0.3, 1.0]}),
    Case("MetaGridworld-v0", {"size": 3, "trial_length": 4}),
    Case("MetaDarkRoom-v0", {"size": 2, "pays": "once", "trial_length": 3}),
    Case("MetaDarkKeyToDoor-v0", {"size": 3, "trial_length": 5}),
    Case("MetaTabularMDP-v0", {"num_states": 3, "num_actions": 2, "horizon": 4}),
    Case("MetaTabularMDP-v0", {"num_states": 1, "horizon": 1}),
    Case("MetaIMazeGrid-v0", {"apples": True, "view_size": 3}),
    Case("MetaIMazeGrid-v0", {"map": "#####\n#GSG#\n#####", "num_steps": 1}),
    Case("MetaIMaze-v0", {"map": "#####\n#SAG#\n#####", "num_steps": 25, "action_repeat": 2}),
    Case("MetaIMaze-v0", {"apples": False, "num_steps": 1}),
    Case("MetaHarlow-v0", {"pairs": "one-new", "action_repeat": 6, "max_frames": 150}),
    Case("MetaHarlow-v0", {"split": "test", "action_repeat": 1, "max_frames": 1}),
    Case("MetaHarlowSymbolic-v0", {"pairs": "one-new", "code_size": 1, "max_frames": 103}),
]
BY_ID = [Case(id, LASTING.get(id, {})) for id in IDS]
CASES = BY_ID + VARIANTS


def is_bandit(case: Case) -> bool:
    """Whether it is a bandit whose observation is the last step and nothing else."""
    family = load_family(gym.spec(case.id).kwargs["family"])
    return issubclass(family, Bandit) and not issubclass(family, Volatility)


def is_grid(case: Case) -> bool:
    """Whether the environment is a room to walk in."""
    return issubclass(load_family(gym.spec(case.id).kwargs["family"]), Grid)


def has_regret(case: Case) -> bool:
    """Whether regret is known exactly."""
    return load_family(gym.spec(case.id).kwargs["family"]).has_regret


def ends_early(case: Case) -> bool:
    """Whether an episode is over with its last trial, however many steps are left."""
    return issubclass(load_family(gym.spec(case.id).kwargs["family"]), HarlowTask)


def has_numba() -> bool:
    """Whether the first-person maze can be played here."""
    return importlib.util.find_spec("numba") is not None


def playable_ids() -> list[str]:
    """The ids that can be made here."""
    return [id for id in IDS if has_numba() or id != "MetaIMaze-v0"]


first_person = pytest.mark.skipif(not has_numba(), reason="MetaIMaze-v0 needs numba")


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Runs a test for each of some cases; those that need what is not installed are skipped."""
    marked = [pytest.param(c, marks=first_person if c.id == "MetaIMaze-v0" else ()) for c in cases]
    return pytest.mark.parametrize("case", marked, ids=str)


every_id = each(BY_ID)
every_representative = each(Case(id) for id in REPRESENTATIVES)
every_case = each(CASES)
every_case_with_regret = each(filter(has_regret, CASES))
every_bandit = each(filter(is_bandit, CASES))
every_grid = each(filter(is_grid, CASES))


def same(first: Any, second: Any) -> bool:
    """Whether two results are equal bit for bit, in structure, types and dtypes too."""
    return data_equivalence(first, second, exact=True)


def play(env: gym.Env, actions: Any) -> list[Any]:
    """The results of `step` for each action in turn, up to the end of the episode."""
    results: list[Any] = []
    for action in actions:
        results.append(env.step(action))
        if results[-1][2] is True:  # A vector environment goes on.
            break
    return results


def some_actions(case: Case, seed: int, shape: Any) -> np.ndarray:
    """Random actions, not all the same."""
    return np.random.default_rng(seed).integers(case.scalar().action_space.n, size=shape)


def lasting_actions(case: Case, seed: int, shape: Any) -> np.ndarray:
    """Random actions, or, where they could end an episode early, ones that do not: no-ops."""
    return np.zeros(shape, int) if ends_early(case) else some_actions(case, seed, shape)


def start(case: Case, seed: int = 0, **kwargs: Any) -> MetaEnv:
    """A scalar environment with an episode under way."""
    env = case.scalar(**kwargs)
    env.reset(seed=seed)
    return env


def memory(env: MetaEnv | MetaVectorEnv, observation: Any) -> np.ndarray:
    """What an observation or a batch of them says of the episode so far."""
    if isinstance(observation, dict):
        parts = [observation[name] for name in PARTS.values() if name in observation]
        return np.concatenate(parts, axis=-1)
    parts = [part for name, part in env.meta_observation.layout.items() if name != "observation"]
    return np.concatenate([observation[..., part] for part in parts], axis=-1)


def pick(observations: Any, rows: Any) -> Any:
    """One observation, or some, out of a batch."""
    if isinstance(observations, dict):
        return {name: part[rows] for name, part in observations.items()}
    return observations[rows]


def part_names(case: Case) -> list[str]:
    """The parts of the meta-observation that the case shows, in the order of the array."""
    kwargs = gym.spec(case.id).kwargs | case.kwargs
    return [name for name in INPUTS if name in kwargs.get("inputs", DEFAULT_INPUTS)]


def optimal_returns(id: str, episodes: int, seed: int = 11, **kwargs: Any) -> np.ndarray:
    """Returns of the optimum, or the reference policy, shape (episodes,)."""
    envs = Case(id, kwargs).native(episodes)
    policy = optimal_policy(envs.family, envs.meta_observation)
    policy.set_random_seed(seed)
    observation, _ = envs.reset(seed=seed)
    running, state, total = np.ones(episodes, bool), None, np.zeros(episodes)
    starts = running
    while running.any():
        actions, state = policy.predict(observation, state, starts)
        observation, rewards, starts, _, _ = envs.step(actions)
        total += rewards * running
        running = running & ~starts
    return total


def standard_error(values: np.ndarray) -> float:
    """Of a mean."""
    return float(values.std(ddof=1)) / len(values) ** 0.5
