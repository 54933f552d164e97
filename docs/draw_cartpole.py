"""Draws docs/figures/cartpole.png: `python docs/draw_cartpole.py RUNS`.

Both agents on examples/cartpole.py, with the meta-observation, without it, and told the task.
Trains into the folder RUNS what is not there yet, two hours on one core; called again it goes on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from matplotlib.ticker import EngFormatter

from baselines.reporting.figures import Label, despine, figure_file, label_lines
from baselines.reporting.learning import mean_of_seeds, read_run

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "figures" / "cartpole.png"
SEEDS = (0, 1, 2)
SEEN = {"Told": "told the task", "": "meta-observation", "Bare": "cart and pole only"}
"""Environments, MetaCartPole...-v0, and what their observations are."""
SETTINGS = {
    "recurrent-ppo": """--num-envs 16 --num-steps 100 --num-epochs 6 --hidden-size 32
        --critic-lstm shared --learning-rate 0.002 --learning-rate.end 0 --discount 0.97
        --entropy-coef 0.01 --value-coef 0.5 --normalize-advantage --total-timesteps 500000""",
    # Cart and pole are small numbers: without the gain the LSTM hardly sees them.
    "a2c-lstm": """--num-envs 16 --num-steps 20 --input-gain 8 --learning-rate 0.003
        --discount 0.95 --entropy-coef 0.01 --entropy-coef.end 0 --value-coef 0.1
        --max-grad-norm 1 --total-timesteps 2000000""",
}
NAMES = {"recurrent-ppo": "RecurrentPPO", "a2c-lstm": "A2C-LSTM"}
MOST, RANDOM = 200, 50
"""Steps of two poles that never fall, and of a random agent's."""


def train(agent: str, seen: str, seed: int, folder: Path) -> None:
    """Trains and scores one agent, or goes on with it, unless that is done."""
    if (folder / "evaluation.json").exists():
        return
    settings = f"--agent {agent} {SETTINGS[agent]} --seed {seed} --evaluation-episodes 300"
    new, resumed = [*settings.split(), "--out", str(folder)], ["--resume", str(folder)]
    options = resumed if (folder / "config.json").exists() else new
    env = ["--env", f"cartpole:MetaCartPole{seen}-v0"]
    command = [sys.executable, "-m", "baselines", "train", *env, *options]
    subprocess.run(command, cwd=ROOT / "examples", check=True)


def draw(runs: dict[str, dict[str, list[Path]]]) -> None:
    """Draws a panel an agent, and in it a line for each of what the agent sees."""
    with figure_file(FILE, columns=len(runs), figsize=(12, 4.2)) as (_, panels):
        for axes, (agent, folders) in zip(panels, runs.items(), strict=True):
            draw_panel(axes, folders)
            axes.set_title(NAMES[agent])


def draw_panel(axes: Any, runs: dict[str, list[Path]]) -> None:
    """Draws what one agent has learnt."""
    labels = [Label(MOST, "most possible", "k"), Label(RANDOM, "random", "0.6")]
    for index, (seen, folders) in enumerate(runs.items()):
        logged, colour = [read_run(folder) for folder in folders], f"C{index}"
        for run in logged:
            steps, returns = run.log["num_timesteps"], run.log["mean_return"]
            axes.plot(steps, returns, color=colour, lw=0.7, alpha=0.6)
        line = mean_of_seeds(logged, "mean_return")
        axes.plot(line.steps, line.mean, color=colour, linewidth=1.5)
        end = float(line.mean[-1])
        labels.append(Label(end, f"{SEEN[seen]} ({end:.0f})", colour, float(line.steps[-1])))
    axes.axhline(MOST, color="k", linestyle="--", linewidth=1)
    axes.axhline(RANDOM, color="0.6", linestyle=":", linewidth=1)
    axes.set(xlabel="training steps", ylabel="steps that two poles stand", ylim=(0, 210))
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.margins(x=0)
    despine(axes)
    label_lines(axes, labels)


def main() -> None:
    """Trains what is missing, then draws."""
    root = Path(sys.argv[1]).resolve()
    runs: dict[str, dict[str, list[Path]]] = {}
    for agent in SETTINGS:
        runs[agent] = {}
        for seen in SEEN:
            folders = [root / f"{agent}_{seen}_{seed}" for seed in SEEDS]
            for seed, folder in zip(SEEDS, folders, strict=True):
                train(agent, seen, seed, folder)
            runs[agent][seen] = folders
    draw(runs)


if __name__ == "__main__":
    main()
