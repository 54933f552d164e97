"""The sections on what activity holds say what the measures say, of the right network."""

from dataclasses import replace

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.inside import components, probes, state_machines, tuning
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import read_choices
from baselines.inside.components import principal_components
from baselines.inside.controls import untrained, without_memory
from baselines.inside.probes import probe
from baselines.inside.record import record
from baselines.inside.recording import Recording

SHORT = {"num_trials": 12}
TWO_STEP = "MetaTwoStepReversal-v0"


def subject_on(env_id, folder, cell="gru"):
    agent = A2CLSTM(env_id, A2CLSTMConfig(hidden_size=6, num_envs=4, cell=cell), env_kwargs=SHORT)
    path = folder / "agent.safetensors"
    agent.learn(200).save(path)
    return Subject(str(path), env_id, folder, SHORT, 40, 1)


@pytest.fixture(scope="module")
def bandit(tmp_path_factory):
    return subject_on("MetaBandit-v0", tmp_path_factory.mktemp("bandit"))


@pytest.fixture(scope="module")
def two_step(tmp_path_factory):
    return subject_on(TWO_STEP, tmp_path_factory.mktemp("two_step"))


def cells(table):
    return {name: dict(zip(table.columns, row, strict=True)) for name, row in table.rows}


def first_number(cell):
    return float(cell.split()[0])


def is_picture(path):
    return path.read_text().rstrip().endswith("</svg>")


def test_probes_stand_under_their_network(bandit):
    """Broken if the controls are taken for the agent, or for each other."""
    section = probes.section(bandit)
    counts, _, time = section.tables
    assert counts.corner == "R² of counts" and time.corner == "R² of time"
    rows = cells(counts)
    assert list(rows) == ["agent", "untrained", "without memory", "shuffled"]
    belief, played = bandit.own.belief["counts"], bandit.own.played
    for name in ("agent", "without memory"):
        recording = bandit.recordings[name]
        own = probe(recording.activity, belief, played)
        assert rows[name]["one map, total"] == str(own.total)
    assert first_number(rows["shuffled"]["one map, beyond time"]) < 0.05
    assert rows["agent"]["map of its own, trial 2"] == "1.000"  # All that four outcomes can tell.
    assert is_picture(bandit.out / section.figures[0].file)


def test_of_trials_with_several_steps_the_choice_is_looked_at(two_step):
    """Broken if fixations are probed, or the second stage."""
    steps = probes.trial_steps(two_step.own)
    assert len(steps) == 12
    choice = two_step.own.own[:, steps]
    assert (choice == choice[0, 0]).all() and choice[0, 0].sum() == 1
    assert not (two_step.own.own[:, steps - 1] == choice).all(axis=2).any()
    assert is_picture(two_step.out / probes.section(two_step).figures[0].file)


def test_controls_are_what_they_are_called(bandit):
    """Broken if one were taken for another, or shown other episodes than the agent's."""
    made = {"untrained": untrained, "without memory": without_memory}
    assert list(bandit.controls) == list(made)
    assert list(bandit.recordings) == ["agent", *made]
    assert list(bandit.before_and_after) == ["agent", "untrained"]
    assert bandit.recordings["agent"] is bandit.own
    for name, make in made.items():
        alone = record(make(bandit.agent, bandit.env_id, SHORT), bandit.own.evaluation)
        assert (bandit.recordings[name].activity == alone.activity).all()
    assert not replace(bandit, agent="thompson").controls


def test_components_are_those_of_the_activity(bandit):
    section = components.section(bandit)
    rows = cells(section.tables[0])
    for name, recording in (("agent", bandit.own), ("untrained", bandit.recordings["untrained"])):
        own = principal_components(recording.activity.reshape(-1, 6))
        assert rows[name]["participation ratio"] == f"{own.participation_ratio:.2f}"
        assert rows[name]["PC 2, share"] == f"{own.explained[1]:.3f}"
    assert is_picture(bandit.out / section.figures[0].file)


def test_tuning_is_to_the_choice_before(two_step):
    """Broken if the last step, not the last trial, is taken; or its own trial."""
    variables = tuning.last_choice(two_step.own)
    choices = read_choices(two_step.own)
    counted = choices.counted[:, :-1]
    signed = np.where(counted, 2.0 * choices.actions[:, :-1] - 1, 0)
    assert (variables["last action"][:, 1:] == signed).all()
    assert (variables["last reward"][:, 1:] == choices.rewards[:, :-1]).all()
    assert (variables["value"] == two_step.own.values[:, choices.steps]).all()
    section = tuning.section(two_step)
    assert [name for name, _ in section.tables[0].rows] == ["agent", "untrained"]
    assert is_picture(two_step.out / section.figures[0].file)


def test_the_optimum_is_compared_where_it_plays(bandit):
    """The network's gap in the table is the one of its own probabilities."""
    section = state_machines.section(bandit)
    rows = cells(section.tables[0])
    assert list(rows) == ["agent", "untrained", "without memory"]
    assert bandit.taught.evaluation.agent == "optimal"
    # Nothing is learnt yet: it chooses evenly, whatever its state.
    uniform = evaluate("optimal", "MetaBandit-v0", 40, 1, SHORT)
    gaps = state_machines.action_gaps(uniform)[-11:].mean(axis=2).sum(axis=1)
    assert first_number(rows["untrained"]["gap on its own state"]) == pytest.approx(
        gaps.mean(), rel=0.05
    )
    assert first_number(rows["untrained"]["D_o of the network"]) < 0.1
    assert is_picture(bandit.out / section.figures[0].file)


@pytest.mark.parametrize(
    ("env_id", "expected"),
    [
        ("MetaBanditRestless-v0", [0.5, 0.5]),
        ("MetaBanditDependentUniform-v0", [0.5, 0.5]),
        ("MetaBandit-v0", [0.5, 0.5]),
        (TWO_STEP, None),
    ],
)
def test_what_arms_pay_is_known_of_bandits(env_id, expected):
    """At the start, and after a first pull that paid the arm that was pulled pays more."""
    evaluation = evaluate("random", env_id, 30, 0, SHORT)
    own = np.zeros((*evaluation.actions.shape, 8 if expected is None else 0), np.float32)
    activity = np.zeros((*evaluation.actions.shape, 1), np.float32)
    recording = Recording(evaluation, "", activity, None, None, own, evaluation.belief)
    worth = state_machines.expected_rewards(recording)
    if expected is None:
        assert worth is None
        return
    assert worth[:, 0] == pytest.approx(np.broadcast_to(expected, (30, 2)))
    pulled = np.take_along_axis(worth[:, 1], evaluation.actions[:, :1].astype(int), axis=1)[:, 0]
    assert ((pulled > 0.5) == (evaluation.rewards[:, 0] > 0)).all()


def test_without_a_belief_there_is_nothing_to_compare(tmp_path):
    subject = Subject("random", "MetaTabularMDP-v0", tmp_path, {}, 20)
    with pytest.raises(InputError):
        probes.section(subject)
