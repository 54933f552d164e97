"""The tabular MDPs of Duan et al. 2016 (RL^2, arXiv 1611.02779), section 3.1.2 and Table 2.

10 states, 5 actions, trials of 10 steps; mean total reward over 1,000 instances as published. The
code of the paper's comparison, public in florensacc/rllab-curriculum, runs the agents of TabulaRL
(Osband) with their default priors: a mean reward of 0 for PSRL, OPSRL and BEB, where that of the
tasks is 1, and next to no prior for UCRL2, greedy and epsilon-greedy. The first rows do the same,
tuned over similar grids but on episodes of their own. The last rows have the prior that the tasks
are drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from baselines.common.progress import track
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.duan2016_bandits import best_candidate
from baselines.reporting.markdown import Cell, write_markdown
from baselines.reporting.page import Section
from meta_envs.optimal import informed_return
from meta_envs.tasks.mdps.tabular_mdp import TabularMDP

ENV_ID = "MetaTabularMDP-v0"
TRIALS = (10, 25, 50, 75, 100)
PUBLISHED = {
    "random": (100.1, 250.2, 499.7, 749.9, 999.4),
    "psrl": (138.1, 408.8, 904.4, 1417.1, 1939.5),
    "opsrl": (144.1, 425.2, 930.7, 1449.2, 1973.9),
    "ucrl2": (146.6, 424.1, 918.9, 1427.6, 1942.1),
    "beb": (150.2, 427.8, 917.8, 1422.6, 1935.1),
    "epsilon-greedy": (132.8, 377.3, 823.3, 1293.9, 1778.2),
    "greedy": (134.8, 368.8, 769.3, 1172.9, 1578.5),
}
"""Mean total reward by agent, in the order of `TRIALS`."""
PUBLISHED_ONLY = {"RL^2 (GRU, published)": (156.2, 445.7, 936.1, 1428.8, 1913.7)}
INFORMED = "informed agent"
NO_PRIOR = "prior_mean=0,prior_weight=0.0001"
CANDIDATES = {
    "psrl": ["psrl,prior_mean=0"],
    "opsrl": [f"opsrl,samples={m},prior_mean=0" for m in (2, 5, 10, 20)],
    "ucrl2": [f"ucrl2,scale={s}" for s in (0.03, 0.06, 0.1, 0.16, 0.25, 0.4)],
    "beb": [f"beb,prior_mean=0,ahead={s}" for s in (0.8, 1.3, 2.0, 3.2, 5.0, 8.0)],
    "epsilon-greedy": [f"epsilon-greedy,{NO_PRIOR},epsilon={e}" for e in (0.1, 0.2, 0.3)],
    "greedy": [f"greedy,{NO_PRIOR}"],
}
"""What the paper's code ran, by agent; the best is taken."""
TRUE_PRIOR = {
    "psrl": ["psrl"],
    "opsrl": [f"opsrl,samples={m}" for m in (2, 5, 10, 20)],
    "beb": [f"beb,beta={b}" for b in (0.5, 1.0, 1.5, 2.0, 3.0)],
    "greedy": ["greedy"],
    "myopic": ["myopic"],
}
"""The same with the prior that the tasks are drawn from."""
QUESTION = "How much do planning agents earn in random MDPs, beside RL^2?"
DIFFERS = (
    "The paper's agents were told less than they could have been: PSRL, OPSRL and BEB believe in a "
    "mean reward of 0 at first, where the tasks have 1, and UCRL2, greedy and epsilon-greedy start "
    "from next to no prior. The rows with published figures do the same; those with the true prior "
    "show what that costs.",
    "RL^2 was trained anew for each number of trials. A trained agent of ours has met ten of them.",
)


def run(
    out: Path,
    episodes: int = 1_000,
    seed: int = 0,
    trials: Sequence[int] = (10, 25),
    agent: str | None = None,
) -> Section:
    """Plays all agents and writes a table.

    Args:
        out: Folder to write into.
        episodes: Of each agent in each setting.
        seed: Tasks, noise and sampling follow from it.
        trials: Numbers of trials to play, out of `TRIALS`. The time goes with their sum:
            the default takes a minute and a half on one core, all five about ten.
        agent: One more, trained on `MetaTabularMDP-v0`, of ten trials; it plays all of them.

    Raises:
        InputError: If that agent cannot play it.
    """
    columns = [TRIALS.index(n) for n in trials]
    true_prior = {f"{agent}, true prior": agents for agent, agents in TRUE_PRIOR.items()}

    def row(name: str) -> list[object]:
        if name in PUBLISHED_ONLY:
            return [f"({PUBLISHED_ONLY[name][i]})" for i in columns]
        if name == INFORMED:
            return [f"{informed_return(TabularMDP(1, num_trials=n)):.1f}" for n in trials]
        if name in true_prior:
            return [play(true_prior[name], n, episodes, seed) for n in trials]
        agents, published = CANDIDATES.get(name, [name]), PUBLISHED.get(name)
        return [
            play(agents, TRIALS[i], episodes, seed, published and published[i]) for i in columns
        ]

    # The user's agent comes first: what cannot be used is refused before the work.
    own = [] if agent is None else [agent]
    names = list(dict.fromkeys([*own, *PUBLISHED, *true_prior, *PUBLISHED_ONLY, INFORMED]))
    rows = ((name, row(name)) for name in track(names))
    table = write_markdown(out / "mdps.md", "mean return", [f"{n} trials" for n in trials], rows)
    told = [
        f"{name} earns {cells[0]} in {trials[0]} trials."
        for name, cells in table.rows
        if name in (*own, "beb", "beb, true prior", *PUBLISHED_ONLY, INFORMED)
    ]
    return Section("Tabular MDPs of RL²", told, [table], (), QUESTION, DIFFERS)


def play(
    candidates: Sequence[str], trials: int, episodes: int, seed: int, published: float | None = None
) -> Cell:
    """The mean return of the candidate that is best on other episodes."""
    kwargs = {"num_trials": trials}
    chosen = best_candidate(candidates, ENV_ID, kwargs, seed + 1)
    played = evaluate(chosen, ENV_ID, episodes, seed, kwargs, transfer=True)
    cell = Cell.from_values(played.returns, published)
    print(f"{trials} trials: {chosen} {cell}", flush=True)
    return cell
