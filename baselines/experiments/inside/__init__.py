"""A look inside an agent: all measures that fit its environment, on one page.

`study.look_inside` makes the page of one agent, for the command `inside`; `run` those of small
agents that come with the repository, for `reproduce inside`.
"""

from __future__ import annotations

from pathlib import Path

from baselines.common.errors import InputError

INCLUDED = ("MetaBandit-v0", "MetaBanditRestless-v0", "MetaTwoStepReversal-v0", "MetaGridworld-v0")
"""Environments whose included agents are looked into."""


def run(out: Path, episodes: int = 700, seed: int = 0, agent: str | None = None) -> None:
    """Writes a page for each of the included agents.

    Args:
        out: Folder to write into; each agent gets one in it.
        episodes: That are recorded of each.
        seed: Tasks, noise and sampling follow from it.
        agent: A checkpoint of the A2C-LSTM, or a run's folder, to look into instead.

    Raises:
        InputError: If there is no such agent.
    """
    from baselines.a2c_lstm.checkpoint import read_checkpoint
    from baselines.common.run_folder import checkpoint_in
    from baselines.evaluation.pretrained import pretrained_path
    from baselines.experiments.inside.study import look_inside
    from baselines.experiments.inside.subject import Subject

    if agent is None:
        paths = {name: pretrained_path(name) for name in INCLUDED}
    else:
        paths = {Path(agent).stem: Path(agent)}
    for name, path in paths.items():
        metadata = read_checkpoint(checkpoint_in(path)).metadata
        if metadata.env_id is None:
            raise InputError(f"{path} does not name its environment: use the command inside")
        folder = out / name
        folder.mkdir(exist_ok=True)
        kwargs = dict(metadata.env_kwargs)
        look_inside(Subject(str(path), metadata.env_id, folder, kwargs, episodes, seed))
