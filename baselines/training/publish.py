"""From a sweep's runs to the agents that come with the project, each with its cards.

    OUT/ENV/AGENT/   model.safetensors or model.zip, card.json, README.md
    OUT/scores.json  what every seed came to

Each folder is laid out as the Hugging Face Hub wants a model: its README.md is the model card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
SAME = ("env_kwargs", "preset", "total_timesteps")
"""What, beside the configuration, seeds of the same training share."""
SCORE = ("episodes", "normalized_score", "mean_return", "ci95_return", "mean_regret")
"""What a card says of its agent's score."""
LICENSE = "MIT"


class Release(NamedTuple):
    """One agent that is to be included."""

    folder: Path
    """Where it goes."""
    run: Path | None
    """The run that it is taken from; None where the agent that is there stays."""
    rows: list[dict[str, Any]]
    """What each of its seeds came to."""


def publish(sweep: Path, out: Path) -> list[Path]:
    """Takes the median seed of each agent in each environment of a sweep.

    Other seeds of the same training that `out` knows of count too, so that seeds can be added by
    and by; what another configuration came to is replaced.

    Args:
        sweep: Its folder.
        out: Where the agents go; others that are there stay.

    Returns:
        The agents' folders.

    Raises:
        InputError: If there is no such sweep, nothing in it is done, or the median is a seed whose
            weights are neither in the sweep nor in `out`. Then nothing has been written.
    """
    rows = [row for row in read_json(sweep / RESULTS)["rows"] if row["setting"] is None]
    if not rows:
        raise InputError(f"{sweep} has no finished seeds of a preset")
    with output_folder(out):
        old = by_kind(read_json(out / SCORES)["rows"] if (out / SCORES).is_file() else [])
        releases = {
            kind: _release(sweep, out, some, old.get(kind, []))
            for kind, some in by_kind(rows).items()
        }
        for release in releases.values():
            _write_agent(release)
        _write_scores(out / SCORES, old | {kind: one.rows for kind, one in releases.items()})
    return [release.folder for release in releases.values()]


def _release(
    sweep: Path, out: Path, rows: Sequence[dict[str, Any]], old: Sequence[dict[str, Any]]
) -> Release:
    """Chooses the median among a sweep's seeds and the older ones of the same training."""
    kind = Path(rows[0]["env"]) / rows[0]["agent"]
    folder, runs = out / kind, {row["seed"]: sweep / kind / f"seed{row['seed']}" for row in rows}
    card = read_json(folder / CARD) if (folder / CARD).is_file() else None
    kept = []
    if card is not None and card["config"] == RunFolder.open(runs[rows[0]["seed"]])[1]["config"]:
        same = [row for row in old if all(_are_same(row, other) for other in rows)]
        kept = [row for row in same if row["seed"] not in runs]
    middle = median([*rows, *kept])["seed"]
    if middle in runs:
        return Release(folder, runs[middle], [*rows, *kept])
    if card is not None and card["seed"] == middle:
        return Release(folder, None, [*rows, *kept])
    raise InputError(
        f"the median seed of {kind} is {middle}, whose weights are not at hand: add it to the "
        f"sweep with `seeds={middle}`"
    )


def _are_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two results are of the same training, scored alike; what failed has no score."""
    episodes = {row.get("episodes") for row in (one, other)} - {None}
    return len(episodes) <= 1 and all(one[name] == other[name] for name in SAME)


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


def _write_agent(release: Release) -> None:
    """Writes an agent and its cards."""
    folder, rows = release.folder, release.rows
    if release.run is None:
        card = read_json(folder / CARD)
    else:
        _, settings = RunFolder.open(release.run)
        (row,) = (row for row in rows if row["seed"] == settings["seed"])
        kind = trainable(row["agent"])
        folder.mkdir(parents=True, exist_ok=True)
        kind.write_release(checkpoint_in(release.run), folder / f"model{kind.suffix}")
        card = _card(row, settings)
    card["median_of_seeds"] = sorted(row["seed"] for row in rows)
    card["failed_seeds"] = sorted(row["seed"] for row in rows if row["failed"] is not None)
    write_json(folder / CARD, card, indent=2)
    (folder / "README.md").write_text(model_card(card))


def _card(row: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """What a card says of one seed.

    Args:
        row: What it came to.
        settings: Its run's.
    """
    return {
        "env": row["env"],
        "env_kwargs": row["env_kwargs"],
        "agent": row["agent"],
        "command": _command(row),
        "total_timesteps": row["total_timesteps"],
        "seed": row["seed"],
        "score": {name: row[name] for name in SCORE},
        "seconds": row["seconds"],
        "config": settings["config"],
        "commit": row["commit"],
        "processor": row["processor"],
        "versions": settings["versions"],
        "weights": row["weights"],
        "license": LICENSE,
    }


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


def _write_scores(path: Path, kinds: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    """Writes what every seed of every agent came to."""
    rows = [{name: row.get(name) for name in ROW} for some in kinds.values() for row in some]
    rows.sort(key=lambda row: (row["env"], row["agent"], row["seed"]))
    write_results(path, {"machine": machine(), "rows": rows})
