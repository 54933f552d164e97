"""Learning curves: what is one line, what it is called, and what stands beside it."""

import json
from itertools import pairwise

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.intervals import Z95
from baselines.reporting.figures import Label, label_lines
from baselines.reporting.learning import (
    draw_panel,
    find_references,
    mean_of_seeds,
    name_groups,
    plot_learning,
    read_run,
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three seeds of one agent, one of another, and one on another environment."""
    folder = tmp_path_factory.mktemp("runs")
    small = ["--num-envs", "8", "--hidden-size", "8", "--total-timesteps"]
    quick = [*small, "4000"]
    unscored, scored = ["--evaluation-episodes", "0"], ["--evaluation-episodes", "20"]
    bandit = ["train", "--env", "MetaBandit-v0", *quick]
    ppo = ["--agent", "recurrent-ppo", *unscored, "--out", str(folder / "ppo")]
    # Long enough for an episode to end, however slowly an untrained agent plays.
    harlow = ["train", "--env", "MetaHarlowSymbolic-v0", *small, "12000", *unscored]
    assert main([*bandit, *scored, "--seed", "0", "1", "2", "--out", str(folder / "a2c")]) == 0
    assert main([*bandit, *ppo]) == 0
    assert main([*harlow, "--out", str(folder / "harlow")]) == 0
    return folder


def test_seeds_are_one_line_and_agents_are_two(runs):
    found = [read_run(runs / "a2c" / f"seed{seed}") for seed in range(3)] + [read_run(runs / "ppo")]
    groups = name_groups(found)
    assert {name: len(group) for name, group in groups.items()} == {
        "a2c-lstm, 3 seeds": 3,
        "recurrent-ppo": 1,
    }


def test_labels_tell_presets_and_else_folders_apart(runs):
    run = read_run(runs / "ppo")
    others = [run._replace(settings=run.settings | {"preset": name}) for name in ("best", "paper")]
    assert list(name_groups(others)) == ["recurrent-ppo, best", "recurrent-ppo, paper"]
    longer = run._replace(path=runs / "longer", settings=run.settings | {"total_timesteps": 9})
    assert list(name_groups([run, longer])) == ["recurrent-ppo (ppo)", "recurrent-ppo (longer)"]


def test_the_mean_is_that_of_the_steps_all_have_come_to(runs):
    run = read_run(runs / "ppo")
    logs = [([0, 10, 20, 30], [0, 1, 2, 3]), ([10, 20], [2, 4]), ([10, 15, 20], [6, 9, 12])]
    group = [
        run._replace(log={"num_timesteps": np.array(steps), "mean_regret": np.array(values)})
        for steps, values in logs
    ]
    line = mean_of_seeds(group, "mean_regret")
    np.testing.assert_array_equal(line.steps, [10, 15, 20])
    np.testing.assert_allclose(line.mean, [3, 4.5, 6])
    # 4.303 is Student's quantile with two degrees of freedom, as any table has it.
    half = 4.303 * np.std([1, 2, 6], ddof=1) / 3**0.5
    assert line.half[0] == pytest.approx(half, rel=1e-3) and half > Z95
    assert not mean_of_seeds(group[:2], "mean_regret").half.any()


def test_what_an_agent_is_compared_with_is_scored_or_computed(runs):
    """Else the optimum would be missing, or be a return where regret is shown."""
    scored = read_run(runs / "a2c" / "seed0")
    scores = json.loads((scored.path / "evaluation.json").read_text())["scores"]
    expected = {one["agent"]: one["mean_regret"] for one in scores}
    found = find_references([scored], "mean_regret")
    assert found == {name: expected[name] for name in ("random", "optimal")}
    bare = read_run(runs / "ppo")
    assert find_references([bare], "mean_regret") == {"optimal": pytest.approx(1.748, abs=1e-3)}
    assert find_references([bare], "mean_return") == {"optimal": pytest.approx(64.918, abs=1e-3)}
    assert find_references([read_run(runs / "harlow")], "mean_return") == {"optimal": 11.0}


def test_a_panel_is_titled_and_labelled_at_its_lines(runs):
    """Its axis is as the data unless a logarithm is asked for, and shows the references too."""
    found = [read_run(runs / "a2c" / f"seed{seed}") for seed in range(3)]
    figure, (plain, log) = plt.subplots(1, 2)
    draw_panel(plain, found, {}, False)
    draw_panel(log, found, {}, True)
    texts = [text.get_text() for text in plain.texts]
    plt.close(figure)
    assert plain.get_title() == "MetaBandit-v0"
    assert (plain.get_yscale(), log.get_yscale()) == ("linear", "log")
    assert plain.get_legend() is None
    references = find_references(found, "mean_regret")
    assert {"a2c-lstm, 3 seeds", *(f"{n} ({v:.2f})" for n, v in references.items())} == set(texts)
    low, high = plain.get_ylim()
    assert low < references["optimal"] and references["random"] < high


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_each_environment_gets_a_panel(suffix, runs, tmp_path):
    out = tmp_path / f"curves.{suffix}"
    folders = [str(runs / "ppo"), str(runs / "harlow"), str(runs / "a2c" / "seed0")]
    assert main(["plot", *folders, "--out", str(out)]) == 0
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert out.read_bytes().startswith(begins[suffix])
    if suffix == "svg":
        text = out.read_text()
        assert text.count(">MetaBandit-v0</text>") == 1
        assert text.count(">MetaHarlowSymbolic-v0</text>") == 1


def test_a_logarithm_of_nothing_is_refused(runs, tmp_path):
    """Returns may be negative."""
    run = tmp_path / "run"
    run.mkdir()
    for name in ("config.json", "log.csv"):
        (run / name).write_bytes((runs / "harlow" / name).read_bytes())
    text = (run / "log.csv").read_text().splitlines()
    header, last = text[0].split(","), text[-1].split(",")
    last[header.index("mean_return")] = "-1.0"
    (run / "log.csv").write_text("\n".join([*text[:-1], ",".join(last)]) + "\n")
    with pytest.raises(InputError, match="not all values are above 0, the least is"):
        plot_learning([run], tmp_path / "x.png", log=True)
    plot_learning([run], tmp_path / "x.png")


def test_labels_do_not_cover_each_other():
    figure, axes = plt.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    names = {"a": 0.5, "b": 0.501, "c": 0.502, "above": 7.0, "under": -7.0, "x" * 90: 0.9}
    label_lines(axes, [Label(value, text, "k") for text, value in names.items()])
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    window = axes.get_window_extent()
    texts = [text.get_text() for text in axes.texts]
    plt.close(figure)
    assert all(one.y1 <= other.y0 for one, other in pairwise(boxes))
    assert boxes[0].y1 > window.y0 and boxes[-1].y0 < window.y1
    assert texts == ["under", "a", "b", "c", f"...{'x' * 36}", "above"]
