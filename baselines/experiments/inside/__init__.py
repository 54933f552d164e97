"""A look inside an agent: all measures that fit its environment, on one page.

`study.look_inside` makes the page of one agent, for the command `inside`; `run` those of small
agents that come with the repository, for `reproduce inside`.
"""

from __future__ import annotations

from pathlib import Path

from baselines.common.errors import InputError
from baselines.reporting.page import Link, Section

INCLUDED = ("MetaBandit-v0", "MetaBanditRestless-v0", "MetaTwoStepReversal-v0", "MetaGridworld-v0")
"""Environments whose included agents are looked into."""
QUESTION = (
    "What does a trained network hold of what Bayes' rule would know, how does it change with what "
    "is seen, and how far are its choices from the best?"
)


def run(out: Path, episodes: int = 700, seed: int = 0, agent: str | None = None) -> Section:
    """Writes a page for each of the included agents.

    The section has what the first one comes to, and links to the pages of all.

    Args:
        out: Folder to write into; each agent gets one in it.
        episodes: That are recorded of each.
        seed: Tasks, noise and sampling follow from it.
        agent: A checkpoint of the A2C-LSTM, or a run's folder, to look into instead; `pretrained`
            is those that are included.

    Raises:
        InputError: If there is no such agent.
    """
    from baselines.a2c_lstm.checkpoint import read_checkpoint
    from baselines.common.run_folder import checkpoint_in
    from baselines.evaluation.pretrained import is_pretrained, pretrained_path
    from baselines.experiments.inside.study import PAGE, look_inside
    from baselines.experiments.inside.subject import Subject

    if agent is None or is_pretrained(agent):
        paths = {name: _as_typed(pretrained_path(name)) for name in INCLUDED}
    else:
        paths = {Path(agent).stem: Path(agent)}
    looks: dict[str, list[Section]] = {}
    for name, path in paths.items():
        metadata = read_checkpoint(checkpoint_in(path)).metadata
        if metadata.env_id is None:
            raise InputError(f"{path} does not name its environment: use the command inside")
        folder = out / name
        folder.mkdir(exist_ok=True)
        kwargs = dict(metadata.env_kwargs)
        looks[name] = look_inside(
            Subject(str(path), metadata.env_id, folder, kwargs, episodes, seed)
        )
    links = [Link(f"{name}/{PAGE}", f"Inside the agent of {name}: all measures") for name in looks]
    return _summary(looks)._replace(links=links)


def _as_typed(path: Path) -> Path:
    """A path as somebody in this folder would type it: pages and commands show it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _summary(looks: dict[str, list[Section]]) -> Section:
    """The figures of the first agent, and the first table of each measure of all of them."""
    first = next(iter(looks))
    figures = [figure for section in looks[first] for figure in section.within(first).figures]
    tables = [
        table._replace(corner=f"{name}: {table.corner}")
        for name, sections in looks.items()
        for section in sections[:1]
        for table in section.tables[:1]
    ]
    text = (f"The figures are of the agent of {first}; the pages below have the others.",)
    return Section("Inside the learned algorithm", text, tables, figures, QUESTION)
