"""Does meta-RL without a predictive module fail where information must be sought?

Kuo et al. 2025 (arXiv 2510.22039) give an agent six pulls of the bandit with an informative arm and
the reward as a number, and report that RL^2, with a vanilla RNN of 64 units trained by PPO, does
not learn to ask the informative arm, where an agent that also learns to predict does. Here are our
agents on the same task, with the same number of units in three kinds of cells, and ten seeds each;
and the vanilla RNN once more, shown the reward one-hot. The algorithm is A2C, in place of PPO.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.registry import make_preset
from baselines.reporting.markdown import Cell, write_markdown
from baselines.reporting.page import Section
from baselines.training.once import trained_once
from meta_envs.tasks.bandits.informative_bandit import NUM_TARGETS

ENV_ID = "MetaBanditInformative-v0"
PULLS = 6
ROWS = (("rnn", "scalar"), ("lstm", "scalar"), ("gru", "scalar"), ("rnn", "one-hot"))
"""Cells, and how the reward is shown. The last one is the control: all but the reading of a number
is as in the first."""
UNITS = 64
SEEDS = 10
MOSTLY = 0.9
"""Share of episodes from which on an agent counts as one that asks."""
COLUMNS = ("return", "normalised score", "asks at first, %", "seeds that ask")
QUESTION = "Does meta-RL without a predictive module fail where information must be sought?"
DIFFERS = (
    "The paper trains a vanilla RNN by PPO, and reports that it does not learn to ask. The "
    "algorithm here is A2C.",
)


class Score(NamedTuple):
    """What one agent has come to.

    Attributes:
        mean_return: Of an episode; the optimum has 25.55.
        normalized: Its normalised score.
        asks: Share of episodes in which it pulls the informative arm first.
    """

    mean_return: float
    normalized: float
    asks: float


def run(out: Path, episodes: int = 2_000, seed: int = 0) -> Section:
    """Trains the agents that are not there yet, and writes a table of what they have learnt.

    Args:
        out: Folder to write into; the agents go to `agents` in it.
        episodes: That each agent is scored on.
        seed: Of these episodes.
    """
    rows, tables = [], []
    for cell, reward in track(ROWS, " ".join):
        found = [
            score(cell, reward, number, out / "agents", episodes, seed) for number in range(SEEDS)
        ]
        returns, normalized, asks = np.array(found).T
        asking = f"{(asks >= MOSTLY).sum()} of {SEEDS}"
        means = [Cell.from_values(values) for values in (returns, normalized, 100 * asks)]
        rows.append((f"{cell}, {reward} reward", [*means, asking]))
        cells = [[f"{one[0]:.3f}", f"{one[1]:.3f}", f"{100 * one[2]:.1f}"] for one in found]
        seeds = [(f"seed {number}", row) for number, row in enumerate(cells)]
        name = f"{cell}, {reward} reward"
        file = out / f"seeds_{cell}_{reward}.md"
        tables.append(write_markdown(file, name, COLUMNS[:3], seeds))
    optimum = evaluate("optimal", ENV_ID, episodes, seed, env_kwargs("scalar"))
    rows.append(("optimum", [Cell.from_values(optimum.returns), "1", "100.00", "-"]))
    table = write_markdown(out / "informative.md", "mean over seeds", COLUMNS, rows)
    told = [f"{name}: {cells[-1]} seeds ask." for name, cells in table.rows[:-1]]
    title = "Information that must be sought, Kuo et al. 2025"
    return Section(title, told, [table, *tables], (), QUESTION, DIFFERS)


def env_kwargs(reward: str) -> dict[str, Any]:
    """Arguments for the environment."""
    return {"num_trials": PULLS, "reward_input": reward}


def score(cell: str, reward: str, number: int, folder: Path, episodes: int, seed: int) -> Score:
    """Scores the agent of one seed, trained now if need be."""
    preset = make_preset("a2c-lstm", "best", ENV_ID, PULLS)
    config = replace(preset.config, cell=cell, hidden_size=UNITS)
    kwargs = env_kwargs(reward)
    path = folder / f"{cell}_{reward}" / f"seed{number}.safetensors"
    trained_once(path, ENV_ID, kwargs, config, preset.total_timesteps, number)
    evaluation = evaluate(path, ENV_ID, episodes, seed, kwargs)
    assert evaluation.normalized_score is not None
    asks = float((evaluation.actions[:, 0] == NUM_TARGETS).mean())
    return Score(evaluation.mean_return, evaluation.normalized_score, asks)
