"""Experiments, of papers and beyond, each a module with `run(out, episodes, seed) -> Section`.

`run` writes tables and figures into a folder and returns the section of a page that shows them.
Where it also takes `agent`, it shows a trained agent beside the others.
"""

from __future__ import annotations

from typing import NamedTuple

from baselines.common.extras import require

require("torch", "rich")


class Experiment(NamedTuple):
    """What is known of an experiment without importing it.

    Attributes:
        summary: What it shows, in a line.
        episodes: In the report of all; 0 for one that trains many agents, which the report does not
            do.
        seconds: That takes, roughly, on one core; the report goes by it in which order to run
            them, and to say what is left.
        environments: Whose included agents it can show.
        recorded: Where results of hours of training are, as a path and a heading.
    """

    summary: str
    episodes: int
    seconds: int
    environments: tuple[str, ...] = ()
    recorded: str = ""


EXPERIMENTS = {
    "wang2016-bandits": Experiment(
        "regret of classic agents on the bandits of Wang et al. 2016",
        4_000,
        30,
        (
            "MetaBandit-v0",
            *(f"MetaBanditDependent{kind}-v0" for kind in ("Uniform", "Easy", "Medium", "Hard")),
            "MetaBanditInformative-v0",
        ),
    ),
    "wang2016-restless": Experiment(
        "regret, learning rates and BIC where arms drift, beside Wang et al. 2016, Fig. 4",
        1_000,
        60,
        ("MetaBanditRestless-v0",),
    ),
    "wang2016-two-step": Experiment(
        "who plans in the two-step task, beside Wang et al. 2016, Fig. 5",
        4_000,
        10,
        ("MetaTwoStep-v0",),
    ),
    "wang2016-harlow": Experiment(
        "right choices by trial in the Harlow task, beside two papers",
        200,
        15,
        ("MetaHarlowSymbolic-v0", "MetaHarlow-v0"),
    ),
    "wang2018-harlow": Experiment(
        "the same with six trials, beside Wang et al. 2018, Fig. 6",
        1_000,
        10,
        ("MetaHarlowSymbolic6-v0",),
    ),
    "wang2016-navigation": Experiment(
        "steps to the first goal and to later ones in the I-maze",
        200,
        40,
        ("MetaIMazeGrid-v0", "MetaIMaze-v0"),
    ),
    "wang2018-fig1d": Experiment(
        "regret on p = (0.25, 0.75), beside Fig. 1d of Wang et al. 2018", 5_000, 15
    ),
    "wang2018-two-step": Experiment(
        "who plans in the two-step task with reversals, beside Wang et al. 2018",
        1_000,
        30,
        ("MetaTwoStepReversal-v0",),
    ),
    "wang2018-inferred-value": Experiment(
        "prediction errors at cues, beside Wang et al. 2018, Fig. 4",
        120,
        10,
        ("MetaInferredValue-v0",),
    ),
    "wang2018-volatility": Experiment(
        "learning rates in stable and volatile times, beside Wang et al. 2018",
        400,
        20,
        ("MetaVolatility-v0",),
    ),
    "wang2018-matching": Experiment(
        "choices by rewards in the matching task, beside Wang et al. 2018",
        500,
        15,
        ("MetaMatching-v0",),
    ),
    "wang2018-risky-choice": Experiment(
        "risky choices as the prediction error is changed, Fig. 7 of 2018", 1_333, 15
    ),
    "duan2016-bandits": Experiment(
        "the nine bandit settings of Duan et al. 2016 (RL^2)", 1_000, 300
    ),
    "duan2016-mdps": Experiment(
        "the tabular MDPs of Duan et al. 2016 (RL^2)", 500, 120, ("MetaTabularMDP-v0",)
    ),
    "kuo2025-informative": Experiment(
        "does meta-RL fail where information must be sought? (Kuo et al. 2025)",
        0,
        3_600,
        recorded='docs/results.md, "Where information must be sought"',
    ),
    "inputs": Experiment(
        "which inputs are needed: the last action, the last reward, the timestep",
        0,
        7_200,
        recorded='docs/results.md, "Which inputs are needed?"',
    ),
    "out-of-distribution": Experiment(
        "included agents on tasks unlike those of training: Fig. 2f of Wang et al. 2016, and more",
        1_000,
        120,
        (
            "MetaBandit-v0",
            *(f"MetaBanditDependent{kind}-v0" for kind in ("Uniform", "Easy", "Medium", "Hard")),
            *("MetaBanditRestless-v0", "MetaTwoStep-v0", "MetaTwoStepReversal-v0"),
            *("MetaGridworld-v0", "MetaDarkRoom-v0"),
        ),
    ),
    "inside": Experiment(
        "a look inside the included agents, beside the optimum's belief",
        300,
        540,
        ("MetaBandit-v0", "MetaBanditRestless-v0", "MetaTwoStepReversal-v0", "MetaGridworld-v0"),
    ),
}
"""By name, in the order of the report. The module has underscores where the name has hyphens."""
