"""Scores the classic agents on every environment they can play: docs/data/classic.json.

The pages of the environments and of the agents show what stands there. Minutes:

    python docs/score_classic.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baselines.common.environments import make_vector_env
from baselines.common.files import write_results
from baselines.common.machine import machine
from baselines.evaluation.evaluate import evaluate
from baselines.registry import AGENTS, Classic
from meta_envs.registration import TABLE

OUT = Path(__file__).parent / "data" / "classic.json"
EPISODES = 10_000
SLOW = {"MetaTabularMDP-v0": 1_000, "MetaDarkKeyToDoor-v0": 2_000, "MetaDarkRoomHard-v0": 2_000}
"""Where an episode takes long: plans of whole MDPs, rooms of hundreds of steps."""
PIXELS = ("MetaIMaze-v0", "MetaHarlow-v0")
"""Drawn one by one, and no classic agent sees them: random alone, and fewer."""
PIXEL_EPISODES = 200


def plays(agent: Classic, env_id: str) -> bool:
    """Whether a classic agent is for an environment."""
    env = make_vector_env(env_id, 1)
    return isinstance(env.unwrapped.family, agent.plays.family)


def rows() -> Iterator[dict[str, Any]]:
    """One a pair of environment and agent that plays it; a pair that does not fit is left out."""
    for row in TABLE:
        episodes = SLOW.get(row.id, EPISODES)
        agents = [name for name, agent in AGENTS.items() if isinstance(agent, Classic)]
        if row.id in PIXELS:
            agents, episodes = ["random"], PIXEL_EPISODES
        for name in agents:
            if not plays(AGENTS[name], row.id):
                continue
            try:
                result = evaluate(name, row.id, episodes)
                low, high = result.ci95_return
            except ValueError as error:
                print(f"{row.id}: {error}")
                continue
            print(f"{row.id} {name}: {result.mean_return:.3f}", flush=True)
            yield {
                "env": row.id,
                "agent": name,
                "episodes": episodes,
                "normalized_score": result.normalized_score,
                "mean_return": result.mean_return,
                "ci95_return": [low, high],
                "mean_regret": result.mean_regret,
            }


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    write_results(OUT, {"machine": machine(), "rows": list(rows())})
