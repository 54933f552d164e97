"""Pages of the site that are made of the code and of files of results, before Sphinx reads them.

`docs/environments`, `docs/agents/classic`, `docs/agents/scores`, `docs/experiments` and
`docs/concepts` are written anew by each build and are not kept in the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generate import agents, animations, concepts, environments, experiments
from generate.results import read_results

DOCS = Path(__file__).parents[1]


def generate(docs: Path = DOCS, animate: bool = True) -> None:
    """Writes all of them.

    Args:
        docs: The folder of the site's sources.
        animate: Draw the animations of agents that are not there yet, or old: a minute or two.
    """
    results = read_results()
    folder = docs / "environments"
    if animate:
        animations.draw(folder)
        concepts.draw(docs / "concepts")
    _write(folder, environments.pages(results, folder))
    _write(docs / "agents" / "classic", agents.pages(results))
    _write(docs / "agents" / "scores", agents.trained_scores(results))
    _write(docs / "experiments", experiments.pages(docs / "experiments"))


def _write(folder: Path, pages: Mapping[str, str]) -> None:
    """Writes pages into a folder, and deletes those that are no more.

    What has not changed is left alone, so that Sphinx need not read it again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
