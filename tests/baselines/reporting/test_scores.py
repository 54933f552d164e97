"""Figures of scores show the numbers they are given; an SVG is the same each time, and small."""

from matplotlib import pyplot as plt

from baselines.reporting.scores import plot_aggregates, plot_profiles
from baselines.statistics.bootstrap import Estimate
from baselines.statistics.profiles import performance_profile

FOUND = {
    "interquartile mean": {"one": Estimate(0.9, 0.85, 0.95), "two": Estimate(0.4, 0.3, 0.5)},
    "mean": {"one": Estimate(0.8, 0.7, 0.9), "two": Estimate(0.5, 0.4, 0.6)},
}


def test_dots_stand_at_the_values_and_bars_at_the_intervals(tmp_path, monkeypatch):
    """Broken if agents or statistics were mixed up."""
    kept, close = [], plt.close
    monkeypatch.setattr(plt, "close", lambda figure: kept.append(figure) or close(figure))
    plot_aggregates(FOUND, tmp_path / "a.svg")
    (figure,) = kept
    for axes, (statistic, estimates) in zip(figure.axes, FOUND.items(), strict=True):
        assert axes.get_title() == statistic
        bars, dots = axes.lines[::2], axes.lines[1::2]
        for bar, dot, row, one in zip(bars, dots, (0, 1), estimates.values(), strict=True):
            assert list(bar.get_xdata()) == [one.low, one.high]
            assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (one.value, row)


def test_an_svg_has_text_and_is_the_same_each_time(tmp_path):
    """Broken by a date, random names, or letters drawn as outlines, which make it large."""
    profiles = {"one": performance_profile({"a": [0.95, 0.97], "b": [0.2, 0.99]})}
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        plot_profiles(profiles, tmp_path / name / "p.svg")
    first, second = ((tmp_path / name / "p.svg").read_bytes() for name in ("first", "second"))
    assert first == second
    assert b">one</text>" in first and b"normalised score</text>" in first
    assert len(first) < 100_000
