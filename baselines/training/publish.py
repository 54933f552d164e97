"""From a sweep's runs to the agents that come with the project, each with its cards.

    OUT/ENV/AGENT/   model.safetensors or model.zip, card.json, README.md
    OUT/scores.json  what every seed came to

Each folder is laid out as the Hugging Face Hub wants a model: its README.md is the model card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from baselines.common.errors import InputError
from baselines.common.extras import import_extra
from baselines.common.files import json_text, output_folder, read_json, write_json, write_results
from baselines.common.machine import machine
from baselines.common.run_folder import RunFolder, checkpoint_in
from baselines.evaluation.pretrained import CARD
from baselines.registry import preset_for, trainable
from baselines.training.settings import TrainSettings
from baselines.training.sweep.sweep import RESULTS, by_kind

SCORES = "scores.json"
ROW = (
    *("env", "env_kwargs", "agent", "preset", "seed", "total_timesteps", "seconds", "failed"),
    *("episodes", "normalized_score", "mean_return", "mean_regret", "mean_optimality_gap"),
    *("weights", "commit", "processor"),
)
"""What `scores.json` takes of a result."""
SCORE = ("episodes", "normalized_score", "mean_return", "ci95_return", "mean_regret")
"""What a card says of its agent's score."""
LICENSE = "MIT"


def publish(sweep: Path, out: Path) -> list[Path]:
    """Takes the median seed of each agent in each environment of a sweep.

    Args:
        sweep: Its folder.
        out: Where the agents go; others that are there stay.

    Returns:
        The agents' folders.

    Raises:
        InputError: If there is no such sweep, or nothing in it is done.
    """
    rows = [row for row in read_json(sweep / RESULTS)["rows"] if row["setting"] is None]
    if not rows:
        raise InputError(f"{sweep} has no finished seeds of a preset")
    folders = []
    with output_folder(out):
        for (env, agent), some in by_kind(rows).items():
            folder = out / env / agent
            folder.mkdir(parents=True, exist_ok=True)
            _write_agent(sweep / env / agent / f"seed{median(some)['seed']}", some, folder)
            folders.append(folder)
        _write_scores(out / SCORES, rows)
    return folders


def median(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The result in the middle, of two the worse; a seed that failed is the worst.

    Raises:
        InputError: If all have failed.
    """
    name = "mean_return" if rows[0].get("normalized_score") is None else "normalized_score"
    # What failed first: a seed that failed is worse than any other.
    order = sorted(rows, key=lambda row: (row["failed"] is None, row.get(name) or 0.0))
    middle = order[(len(order) - 1) // 2]
    if middle["failed"] is not None:
        raise InputError(f"most seeds of {middle['agent']} on {middle['env']} failed")
    return middle


def _write_agent(run: Path, rows: Sequence[dict[str, Any]], folder: Path) -> None:
    """Writes a run's agent and its cards."""
    _, settings = RunFolder.open(run)
    (row,) = (row for row in rows if row["seed"] == settings["seed"])
    kind = trainable(row["agent"])
    kind.write_release(checkpoint_in(run), folder / f"model{kind.suffix}")
    card = {
        "env": row["env"],
        "env_kwargs": row["env_kwargs"],
        "agent": row["agent"],
        "command": _command(row),
        "total_timesteps": row["total_timesteps"],
        "seed": row["seed"],
        "median_of_seeds": sorted(other["seed"] for other in rows),
        "failed_seeds": sorted(other["seed"] for other in rows if other["failed"] is not None),
        "score": {name: row[name] for name in SCORE},
        "seconds": row["seconds"],
        "config": settings["config"],
        "commit": row["commit"],
        "processor": row["processor"],
        "versions": settings["versions"],
        "weights": row["weights"],
        "license": LICENSE,
    }
    write_json(folder / CARD, card, indent=2)
    (folder / "README.md").write_text(model_card(card))


def _command(row: dict[str, Any]) -> str:
    """The command that trains and scores a run again, bit for bit on the same machine."""
    parts = [f"python -m baselines train --env {row['env']} --agent {row['agent']}"]
    if row["env_kwargs"]:
        parts.append(f"--env-kwargs '{json_text(row['env_kwargs'])}'")
    if row["preset"] != "best":
        parts.append(f"--preset {row['preset']}")
    preset = preset_for(row["agent"], row["preset"], row["env"], row["env_kwargs"])
    if row["total_timesteps"] != preset.total_timesteps:
        parts.append(f"--total-timesteps {row['total_timesteps']}")
    if row["episodes"] != TrainSettings.evaluation_episodes:
        parts.append(f"--evaluation-episodes {row['episodes']}")
    return " ".join([*parts, f"--seed {row['seed']}"])


def model_card(card: dict[str, Any]) -> str:
    """A card as the Hugging Face Hub wants it: what machines read, then what people do.

    Args:
        card: What stands in `card.json`.
    """
    score, env, agent = card["score"], card["env"], card["agent"]
    half = (score["ci95_return"][1] - score["ci95_return"][0]) / 2
    mean_return = f"{score['mean_return']:.3f} +/- {half:.3f}"
    normalized = score["normalized_score"]
    seeds = len(card["median_of_seeds"])
    said = "" if normalized is None else f", normalised score {normalized:.3f}"
    load = f'load_pretrained("{env}", "{agent}")'
    return f"""---
license: {LICENSE.lower()}
library_name: meta-envs
tags:
- reinforcement-learning
- meta-reinforcement-learning
- {env}
- {agent}
model-index:
- name: {agent}
  results:
  - task:
      type: reinforcement-learning
      name: reinforcement-learning
    dataset:
      name: {env}
      type: {env}
    metrics:
    - type: mean_reward
      name: mean_reward
      value: {mean_return}
      verified: false
---

# {agent} on {env}

The median of {seeds} seed{"s" if seeds > 1 else ""}, here seed {card["seed"]}, trained for
{card["total_timesteps"]:,} steps, {card["seconds"]:.0f} seconds of one core of {card["processor"]}.
Mean return {mean_return} over {score["episodes"]:,} fresh episodes (95 % interval){said}.
0 is random, 1 the optimum.

```python
from baselines import evaluate, load_pretrained

agent = {load}
evaluate(agent, "{env}").mean_return
```

Trained and scored by

```console
$ {card["command"]}
```

Settings, versions and the SHA-256 of the weights are in `card.json`. Nothing in the files is run
when they are loaded.
"""


def push_to_hub(folders: Iterable[Path], owner: str) -> list[str]:
    """Uploads agents to the Hugging Face Hub, each to the repository OWNER/ENV-AGENT.

    Args:
        folders: That `publish` wrote.
        owner: A user or an organisation, whose token is logged in.

    Returns:
        The repositories.

    Raises:
        MissingExtraError: If huggingface_hub is missing.
    """
    api, repositories = import_extra("huggingface_hub").HfApi(), []
    for folder in folders:
        repository = f"{owner}/{folder.parent.name}-{folder.name}"
        api.create_repo(repository, exist_ok=True)
        api.upload_folder(repo_id=repository, folder_path=str(folder))
        repositories.append(repository)
    return repositories


def _write_scores(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Puts results in the place of the older ones of the same agents and environments."""
    old = read_json(path)["rows"] if path.is_file() else []
    new = by_kind(rows)
    kept = [row for row in old if (row["env"], row["agent"]) not in new]
    short = [{name: row.get(name) for name in ROW} for row in rows]
    ordered = sorted([*kept, *short], key=lambda row: (row["env"], row["agent"], row["seed"]))
    write_results(path, {"machine": machine(), "rows": ordered})
