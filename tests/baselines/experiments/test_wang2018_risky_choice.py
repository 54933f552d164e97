"""The risky choice experiment: what it changes, what it counts, and what it writes."""

import json
from contextlib import contextmanager

import numpy as np
import pytest

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.cli.main import main
from baselines.common.environments import make_vector_env
from baselines.common.run_folder import runs_in
from baselines.common.schedule import constant
from baselines.evaluation.evaluate import evaluate
from baselines.experiments.wang2018_risky_choice import figure
from baselines.experiments.wang2018_risky_choice.manipulations import (
    CONDITIONS,
    CONTROL,
    ENV,
    FREE,
    MANIPULATIONS,
    manipulation,
)
from baselines.experiments.wang2018_risky_choice.shares import Shares, risky_shares
from baselines.experiments.wang2018_risky_choice.study import (
    balanced_episodes,
    read_published,
)
from baselines.reporting.figures import figure_file

PAGES = {"index.html", "experiment.json"}


def reproduce(out, *options):
    return main(
        ["reproduce", "wang2018-risky-choice", "--episodes", "12", "--out", str(out), *options]
    )


def rows(path):
    """The cells of a markdown table by the first of each row."""
    lines = [line.strip("| ").split(" | ") for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def untrained(path, **changes):
    """Saves an agent of two LSTMs that has learnt nothing."""
    config = A2CLSTMConfig(cell="actor-critic-lstm", hidden_size=4, num_envs=1, **changes)
    A2CLSTM(ENV, config).save(path)
    return str(path)


@pytest.mark.parametrize("what", MANIPULATIONS)
def test_a_manipulation_follows_its_outcome_and_no_other(what):
    """Broken if a fixation step's reward of 0 counted as a loss, or a fine as anything.

    Told apart by the environment's own task, which the manipulation does not see.
    """
    env = make_vector_env(ENV, 300)
    family = env.unwrapped.family
    change, rng = manipulation(what), np.random.default_rng(0)
    free_only = manipulation(what + FREE)
    observation, _ = env.reset(seed=[*range(300)])
    assert not change(observation).any()
    met = 0
    for step in range(59):
        actions = rng.integers(3, size=300)
        if step % 2 == 0:
            actions[:] = 2
        states, sides = family.states.copy(), family.risky_sides.copy()
        observation, rewards, *_ = env.step(actions)
        pulled = family.valid[states, actions] & (states > 0)
        risky = pulled & (actions == sides)
        expected = {
            "block risky reward": np.where(risky & (rewards > 0), -4, 0),
            "block safe reward": np.where(pulled & ~risky, -1, 0),
            "block risky loss": np.where(risky & (rewards == 0), 1, 0),
        }[what]
        np.testing.assert_array_equal(change(observation), expected)
        free = expected * (step // 2 >= 10)
        np.testing.assert_array_equal(free_only(observation), free)
        met += np.count_nonzero(expected)
    assert met > 300
    assert manipulation(CONTROL) is None


def test_the_share_counts_free_pulls_of_the_risky_arm():
    """Beside a count by hand, of an agent that also responds invalidly."""
    evaluation = evaluate("random", ENV, balanced_episodes(203, 0), seed=1)
    shares = {0.5: [], 0.125: []}
    for episode, actions in zip(evaluation.episodes, evaluation.actions, strict=True):
        task, pulls = json.loads(episode.task), [int(a) for a in actions[21::2] if a != 2]
        assert len(actions[21::2]) == 20
        risky = sum(arm == task["risky_side"] for arm in pulls)
        shares[task["risky_probability"]].append(100 * risky / len(pulls))
    assert [len(values) for values in shares.values()] == [102, 101]
    found = risky_shares(evaluation)
    for i, values in enumerate(shares.values()):
        assert found.mean[i] == pytest.approx(np.mean(values))
        assert found.half[i] == pytest.approx(1.96 * np.std(values, ddof=1) / len(values) ** 0.5)


def test_episodes_have_each_arm_on_either_side_as_often():
    tasks = [json.loads(episode.task) for episode in balanced_episodes(40, 0)]
    for p in (0.5, 0.125):
        sides = [task["risky_side"] for task in tasks if task["risky_probability"] == p]
        assert sorted(sides) == [0] * 10 + [1] * 10


def test_it_writes_its_tables_with_the_published_figures_beside_ours(tmp_path):
    assert reproduce(tmp_path / "out") == 0
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == {"control.md", "risky_choices.md", "risky_choices.svg", *PAGES}
    shares = rows(tmp_path / "out" / "risky_choices.md")
    assert shares["networks (2018): block safe reward"] == ["(93.9)", "(98.1)", "(29.1)", "(59.0)"]
    assert shares["rats (2018): block risky loss"] == ["(66.6)", "(68.7)", "(28.3)", "(49.9)"]
    assert shares["optimal"][1::2] == ["-", "-"]
    networks, rats = read_published("networks"), read_published("rats")
    assert networks["block risky reward"] == ((89.7, 28.5), (43.3, 25.2))
    assert list(networks) == list(rats) == list(MANIPULATIONS)


def test_runs_of_several_seeds_are_shown_with_their_mean(tmp_path):
    """As the commands of the docs train and show them; broken if the mean were of other runs."""
    runs = tmp_path / "runs"
    train = ["train", "--env", ENV, "--preset", "paper", "--hidden-size", "4", "--seed", "2", "10"]
    few = ["--total-timesteps", "120", "--evaluation-episodes", "0", "--out", str(runs)]
    assert main([*train, *few]) == 0
    # In the order of the seeds, not of the letters.
    folders = [str(runs / f"seed{seed}") for seed in (2, 10)]
    assert runs_in(str(runs)) == folders
    assert runs_in(folders[0]) == [folders[0]]
    assert reproduce(tmp_path / "out", "--agent", str(runs)) == 0
    shares = rows(tmp_path / "out" / "risky_choices.md")
    for what in MANIPULATIONS:
        first, second, mean = (
            [float(cell.split()[0]) for cell in shares[f"{name}: {what}"]]
            for name in (*folders, "all runs")
        )
        assert mean == pytest.approx(np.mean([first, second], axis=0), abs=0.11)


def test_the_figure_has_ours_as_bars_and_the_published_as_marks_at_their_places(
    tmp_path, monkeypatch
):
    """Broken if a bar or a mark stood at another chance or condition."""
    panels = []

    @contextmanager
    def kept(*arguments, **kwargs):
        with figure_file(*arguments, **kwargs) as (drawn, axes):
            panels.extend(axes)
            yield drawn, axes

    monkeypatch.setattr(figure, "figure_file", kept)
    half = np.array([1.0, 2.0])
    conditions = {what: Shares(np.array([n, n + 30.0]), half) for n, what in enumerate(CONDITIONS)}
    ours = {"optimal": {CONTROL: conditions[CONTROL]}, "mine": conditions}
    networks = read_published("networks")
    figure.draw(ours, networks, read_published("rats"), tmp_path / "figure.png")
    for number, (what, axes) in enumerate(zip(MANIPULATIONS, panels, strict=True), 1):
        heights = [bar.get_height() for bar in axes.patches]
        assert heights == [0, number, 30, number + 30]
        marks = [line for line in axes.lines if line.get_marker() == "D"]
        places = {float(m.get_xdata()[0]): float(m.get_ydata()[0]) for m in marks}
        control, stimulated = networks[what]
        expected = [control[0], stimulated[0], control[1], stimulated[1]]
        assert [places[place] for place in sorted(places)] == expected


def test_an_agent_of_two_lstms_is_shown_in_every_condition(tmp_path):
    agent = untrained(tmp_path / "agent.safetensors", discount=constant(0.9))
    assert reproduce(tmp_path / "out", "--agent", agent) == 0
    shares = rows(tmp_path / "out" / "risky_choices.md")
    mine = [shares[f"{agent}: {what}"] for what in MANIPULATIONS]
    assert len({cells[0].split(" (")[0] for cells in mine}) == 1
    assert [cells[1].partition("(")[2] for cells in mine] == ["43.3)", "98.1)", "87.5)"]
    assert list(rows(tmp_path / "out" / "control.md")) == ["optimal", agent]


def test_an_agent_without_a_prediction_error_is_refused_in_one_line(tmp_path, capsys):
    A2CLSTM(ENV, A2CLSTMConfig(num_envs=1)).save(tmp_path / "agent.safetensors")
    assert reproduce(tmp_path / "out", "--agent", str(tmp_path / "agent.safetensors")) == 2
    error = capsys.readouterr().err
    assert "`cell` is actor-critic-lstm" in error and error.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())
