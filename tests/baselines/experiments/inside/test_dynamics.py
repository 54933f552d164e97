"""The sections on phase portraits, fixed points and lesions show what was measured."""

import numpy as np
import pytest
import torch

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.common.errors import InputError
from baselines.experiments.inside import fixed_points, lesions, phase_portrait
from baselines.experiments.inside.subject import Subject
from baselines.inside.choices import read_choices
from baselines.inside.fixed_points import visit

TASKS = {"MetaBandit-v0": {"num_trials": 30}, "MetaTwoStepReversal-v0": {"num_trials": 12}}


def subject_on(env_id, folder, cell="gru", agent=None):
    """An agent of six units whose weights are anything but small."""
    kwargs = TASKS.get(env_id, {})
    if agent is None:
        config = A2CLSTMConfig(cell=cell, hidden_size=6, num_envs=2)
        made = A2CLSTM(env_id, config, seed=0, env_kwargs=kwargs)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for weight in made.policy.network.parameters():
                weight.copy_(0.6 * torch.randn(weight.shape, generator=generator))
        agent = str(folder / "agent.safetensors")
        made.save(agent)
    return Subject(agent, env_id, folder, dict(kwargs), episodes=120, seed=3)


@pytest.mark.parametrize("env_id", TASKS)
def test_sections_are_made_of_any_agent_with_two_choices(env_id, tmp_path):
    """Figures are there, and a table has a row for each kind of trial."""
    subject = subject_on(env_id, tmp_path)
    kinds = 4 if env_id == "MetaBandit-v0" else 8
    portrait, points, lost = (m.section(subject) for m in (phase_portrait, fixed_points, lesions))
    for section in (portrait, points, lost):
        for figure in section.figures:
            assert (tmp_path / figure.file).stat().st_size > 10_000
        for table in section.tables:
            assert {len(cells) for _, cells in table.rows} == {len(table.columns)}
    assert len(points.tables[0].rows) == len(portrait.tables[0].rows) == kinds
    assert {name.partition(" ")[0] for name, _ in lost.tables[0].rows} == {"unit"}
    gaps = [float(cells[1].partition(" ")[0]) for _, cells in lost.tables[0].rows]
    assert len(gaps) == 6 and gaps == sorted(gaps, reverse=True)
    # Who learns at a fixed rate is told from who does not.
    if env_id == "MetaBandit-v0":
        rules = dict(portrait.tables[-1].rows)
        assert rules["Rescorla-Wagner"][0] == "0.300"
        assert rules["Rescorla-Wagner"][-1].startswith(("0.00", "-0.00"))
        assert rules["Bayes, means"][-1].startswith("-1.00")
    else:
        assert points.tables[0].rows[3][0] == "action 0, S3, r = 1"
        # A dash where an untrained agent had too few trials of a kind.
        learner = {cells[2] for _, cells in portrait.tables[1].rows}
        assert {"-0.300 ± 0.000"} == learner - {"-"}


@pytest.mark.parametrize("env_id", TASKS)
def test_the_inputs_of_a_kind_show_what_happened(env_id, tmp_path):
    """Broken if the observations held fixed were of another trial, or began at the choice."""
    subject = subject_on(env_id, tmp_path)
    choices = read_choices(subject.own)
    visits = visit(subject.policy, subject.own.evaluation)
    portrait = phase_portrait.phase_portrait(choices)
    shown = fixed_points.inputs_of_kinds(portrait, choices, visits)
    for kind, inputs in zip(portrait.names, shown, strict=True):
        if env_id == "MetaBandit-v0":
            assert inputs.shape == (1, 4)
            assert inputs[0, :3].tolist() == [kind.action == 0, kind.action == 1, kind.reward]
            continue
        # S2 or S3 after the choice, then fixation with the reward, then S1.
        assert inputs.shape == (3, 9)
        assert inputs[:, :4].argmax(axis=1).tolist() == [2 + kind.state, 0, 1]
        assert inputs[0, 4:7].argmax() == kind.action
        assert inputs[1, 7] == kind.reward


def test_log_odds_that_an_arm_is_better_are_those_of_draws():
    """Two million draws of both arms' chances: a standard error of at most .005 in the log-odds."""
    rng = np.random.default_rng(0)
    for counts in ([0, 0, 0, 0], [3, 1, 0, 2], [50, 40, 45, 50], [0, 7, 2, 30]):
        a, b, c, d = np.array(counts) + 1
        share = (rng.beta(a, b, 2_000_000) > rng.beta(c, d, 2_000_000)).mean()
        odds = phase_portrait.log_odds_of_better(np.array([[counts]], float))
        assert odds.shape == (1, 1)
        assert odds[0, 0] == pytest.approx(np.log(share / (1 - share)), abs=0.03)


def test_what_does_not_fit_is_told_in_a_line(tmp_path):
    with pytest.raises(InputError, match="Thompson has no logits"):
        phase_portrait.section(subject_on("MetaBandit-v0", tmp_path, agent="thompson"))
    with pytest.raises(InputError, match="only the policy of an A2C-LSTM"):
        lesions.section(subject_on("MetaBandit-v0", tmp_path, agent="thompson"))
    with pytest.raises(InputError, match="not a task with two actions"):
        fixed_points.section(subject_on("MetaGridworld-v0", tmp_path))
