"""A look inside an agent: all measures that fit its environment, on one page.

`study.look_inside` makes the page of one agent, for the command `inside`; `run` those of small
agents that come with the repository, for `reproduce inside`.
"""

from __future__ import annotations

from pathlib import Path

from baselines.common.errors import InputError

TRAINED = Path(__file__).parents[3] / "trained"
INCLUDED = ("bandit", "restless", "two-step-reversal", "gridworld")
"""Names of checkpoints in `trained/`, without suffix."""


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
    from baselines.experiments.inside.study import look_inside
    from baselines.experiments.inside.subject import Subject

    paths = [TRAINED / f"{name}.safetensors" for name in INCLUDED]
    if agent is not None:
        paths = [Path(agent)]
    elif not all(path.exists() for path in paths):
        raise InputError("the included agents are in the repository only: give `agent=` a run")
    for path in paths:
        metadata = read_checkpoint(checkpoint_in(path)).metadata
        if metadata.env_id is None:
            raise InputError(f"{path} does not name its environment: use the command inside")
        folder = out / path.stem
        folder.mkdir(exist_ok=True)
        kwargs = dict(metadata.env_kwargs)
        look_inside(Subject(str(path), metadata.env_id, folder, kwargs, episodes, seed))
