"""`publish`: from a sweep to trained agents with cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baselines.cli.options import parse
from baselines.common.extras import import_extra
from baselines.common.files import read_json
from baselines.evaluation.pretrained import CARD
from baselines.training.publish import publish, push_to_hub


@dataclass(frozen=True)
class PublishSettings:
    """Takes the median seed of each agent and environment of a sweep, and writes its cards.

    Seeds of the same training that are in the folder already count too.
    """

    sweep: Path
    """The sweep's folder."""
    out: Path = Path("trained")
    """Folder for the agents, OUT/ENV/AGENT, and for scores.json with all seeds."""
    push_to_hub: str | None = None
    """A user or an organisation of the Hugging Face Hub, to upload each agent to
    OWNER/ENV-AGENT."""


def main(arguments: Sequence[str]) -> None:
    """Publishes a sweep's agents."""
    settings = parse(PublishSettings, arguments, "publish")
    if settings.push_to_hub is not None:
        import_extra("huggingface_hub")  # Before anything is written.
    folders = publish(settings.sweep, settings.out)
    for folder in folders:
        seeds = len(read_json(folder / CARD)["median_of_seeds"])
        print(f"written: {folder} (the median of {seeds} seed{'s' if seeds > 1 else ''})")
    if settings.push_to_hub is not None:
        for repository in push_to_hub(folders, settings.push_to_hub):
            print(f"uploaded: https://huggingface.co/{repository}")
