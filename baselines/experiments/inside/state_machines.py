"""Whether the network and the optimum are the same state machine, beside the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baselines.a2c_lstm.policy import A2CLSTMPolicy
from baselines.common.errors import InputError
from baselines.experiments.inside.subject import Subject
from baselines.inside.action_gaps import action_gaps
from baselines.inside.explained import Score, mean_score
from baselines.inside.record import record
from baselines.inside.recording import Recording
from baselines.inside.state_machines import (
    Comparison,
    bandit_outputs,
    compare_states,
    network_outputs,
    output_dissimilarity,
    probabilities,
)
from baselines.reporting.figures import despine, figure_file
from baselines.reporting.markdown import Table
from baselines.reporting.page import Figure, Section

FILE = "state_machines.svg"
COLUMNS = (
    "belief from activity: D_s",
    "centred",
    "beyond time",
    "activity from belief: D_s",
    "centred",
    "beyond time",
    "D_o of the network",
    "D_o of the optimum",
    "gap on its own state",
    "gap on the mapped state",
    "gap of the optimum on the mapped state",
)
DIRECTIONS = {"to_belief": "belief, from activity", "to_activity": "activity, from belief"}


class Compared(NamedTuple):
    """One network beside the optimum.

    Attributes:
        states: D_s.
        network: D_o where the network's readout acts on activity mapped from the belief; None
            where what actions are worth is not known.
        optimum: D_o where the optimum acts on the belief mapped from the activity; known of two
            independent arms.
        own_gap: What the network's policy is worth less than the best actions, summed over an
            episode of the optimum's; None where that is not known.
        mapped_gap: The same of its readout acting on activity mapped from the belief.
        optimum_gap: Of the optimum acting on the belief mapped from the activity; it has none on
            its own.
    """

    states: Comparison
    network: Score | None = None
    optimum: Score | None = None
    own_gap: Score | None = None
    mapped_gap: Score | None = None
    optimum_gap: Score | None = None


def section(subject: Subject) -> Section:
    """D_s both ways and D_o, of the agent and its controls, in the optimum's episodes.

    Raises:
        InputError: If no belief is known, or there are too few episodes.
    """
    taught = subject.taught
    if not taught.belief:
        raise InputError("the optimum's belief is not known here")
    found = {"agent": compare(taught, subject.policy, subject.seed)}
    for name, policy in subject.controls.items():
        found[name] = compare(record(policy, taught.evaluation), policy, subject.seed)
    rows = [(name, _row(one)) for name, one in found.items()]
    tables = [Table("state_machines", "dissimilarity", COLUMNS, rows)]
    draw_state_machines(subject.out / FILE, found, subject.env_id)
    belief = next(iter(taught.belief))
    text = (
        f"The optimum plays, and the network is shown its episodes. Small networks map its "
        f"activity into the optimum's belief ({belief}) and back. D_s is what they miss of the "
        "squares of the state on held-out episodes, as Kuo et al. 2025 measure it; centred, of "
        "its variance, which is 1 - R²; beyond time, of what differs between episodes at the same "
        "step. 0: the one state tells the other; 1: no more than its mean.",
        "D_o is the mean over episodes of how much more or less reward is expected where actions "
        "are read off the mapped state instead of one's own. The gaps are what the network's "
        "actions are worth less than the best ones in these episodes, by V* and Q* of the belief: "
        "on its own state, and read off the state mapped from the belief; and those of the "
        "optimum on the belief mapped from the activity. An untrained network "
        "remembers much, so that the belief can be mapped from it as well; the way back tells "
        "whether there is anything beside the belief in the activity. Two cautions: the optimum's "
        "last action, which a network is shown, gives away some of the belief even without memory; "
        "and counts that are mapped by least squares are right for late trials first, while the "
        "optimum's choices hang on early ones, so that acting on them may cost much where D_s is "
        "small.",
    )
    caption = "What is missed of each state, beyond time. Bars: 95 % intervals over episodes."
    return Section("Comparison with the optimum's states", text, tables, [Figure(FILE, caption)])


def compare(recording: Recording, policy: Any, seed: int = 0) -> Compared:
    """Compares one network with the optimum by the first of its beliefs."""
    states = compare_states(recording, next(iter(recording.belief)), seed)
    here, worth, gaps = states.held_out, expected_rewards(recording), None
    with suppress(InputError):  # What actions cost is not known everywhere.
        gaps = action_gaps(recording.evaluation)[here]
    played, scores = recording.played[here], {}
    if "counts" in recording.belief and worth is not None and gaps is not None:
        best, said = (
            bandit_outputs(counts, played.shape[1])
            for counts in (recording.belief["counts"][here], states.mapped_belief)
        )
        scores["optimum"] = output_dissimilarity(best, said, worth[here], played)
        scores["optimum_gap"] = _loss(said, gaps)
    if isinstance(policy, A2CLSTMPolicy) and recording.logits is not None:
        own = probabilities(recording.logits[here])
        mapped = network_outputs(policy, states.mapped_activity)
        if worth is not None:
            scores["network"] = output_dissimilarity(own, mapped, worth[here], played)
        if gaps is not None:
            scores |= {"own_gap": _loss(own, gaps), "mapped_gap": _loss(mapped, gaps)}
    return Compared(states, **scores)


def _loss(chances: NDArray[np.float64], gaps: NDArray[np.float64]) -> Score:
    """The mean over episodes of what a policy loses, shape (episodes, steps, actions) each."""
    return mean_score((chances * gaps).sum(axis=(1, 2)))


def expected_rewards(recording: Recording) -> NDArray[np.float64] | None:
    """What each arm of a bandit pays for what is known: its posterior mean, (..., arms).

    None for other tasks. Where there is one mean it is that of the first arm, and the second pays
    with the rest of the probability, as the dependent and the restless one do.
    """
    if "posterior means" in recording.belief:
        return recording.belief["posterior means"]
    for name in ("posterior mean", "arm 1 pays"):
        if name in recording.belief and recording.own.shape[2] == 0:
            first = recording.belief[name][..., :1]
            return np.concatenate([first, 1 - first], axis=2)
    return None


def _row(one: Compared) -> list[str]:
    missed = [
        score
        for way in (one.states.to_belief, one.states.to_activity)
        for score in (way.raw, way.centred, way.within_steps)
    ]
    outputs = ["-" if score is None else str(score) for score in one[1:]]
    return [*map(str, missed), *outputs]


def draw_state_machines(path: Path, found: Mapping[str, Compared], title: str) -> None:
    """Draws what is missed of each state by network, both ways."""
    names = list(found)
    with figure_file(path, 1, 2, figsize=(7.6, 2.6), sharex=True, sharey=True) as (figure, panels):
        figure.suptitle(title)
        for axes, (way, what) in zip(panels, DIRECTIONS.items(), strict=True):
            scores = [getattr(one.states, way).within_steps for one in found.values()]
            _draw_bars(axes, scores)
            axes.set(title=what, xlabel="share missed, beyond time", xlim=(0, 1.15))
            axes.set_yticks(range(len(names)), names)
            despine(axes)
        panels[0].invert_yaxis()


def _draw_bars(axes: Any, scores: Sequence[Score]) -> None:
    for place, score in enumerate(scores):
        value = float(score.value)
        sides = [[value - float(score.low)], [float(score.high) - value]]
        axes.barh(place, value, xerr=sides, color="C0" if place == 0 else "0.6", height=0.6)
        end = min(float(score.high), 1.0) + 0.02
        axes.text(end, place, f"{value:.2f}", va="center", fontsize=9, clip_on=True)
