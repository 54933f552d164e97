"""Tables of scores as they are printed."""

import pytest

from baselines.evaluation.compare import compare
from baselines.evaluation.evaluate import evaluate
from baselines.reporting.tables import print_comparison, print_table


def cells(line):
    return [cell.strip() for cell in line.strip("│ \n").split("│")]


def printed(capsys):
    return [cells(line) for line in capsys.readouterr().out.splitlines() if "│" in line]


@pytest.mark.parametrize("agent", ["thompson", "optimal"])
def test_the_table_has_the_optimality_gap(agent, capsys):
    """Returns alone, whose intervals overlap, would not show that an agent is behind."""
    e = evaluate(agent, "MetaBandit-v0", 300)
    print_table([e])
    out = capsys.readouterr().out
    row = cells(next(line for line in out.splitlines() if f"│ {agent}" in line))
    half = e.ci95_optimality_gap[1] - e.mean_optimality_gap
    assert row[-1] == f"{e.mean_optimality_gap:.3f} ± {half:.3f}"
    assert "optimality gap" in out and "to optimum" not in out
    assert len(out.splitlines()[1]) <= 80


def test_without_a_gap_the_table_has_the_paired_difference_to_the_optimum(capsys):
    e = evaluate("random", "MetaGridworld-v0", 3)
    print_table([e])
    out = capsys.readouterr().out
    half = e.ci95_difference_to_optimum[1] - e.difference_to_optimum
    row = cells(next(line for line in out.splitlines() if "│ random" in line))
    assert row[-1] == f"{e.difference_to_optimum:.3f} ± {half:.3f}"
    assert "to optimum" in out and "gap" not in out


def test_without_an_optimum_there_is_neither_column(capsys):
    """And beside an environment that has one, a dash."""
    unknown = evaluate("random", "MetaBandit-v0", 3, env_kwargs={"num_arms": 4})
    print_table([unknown])
    out = capsys.readouterr().out
    assert "to optimum" not in out and "gap" not in out
    print_table([unknown, evaluate("random", "MetaBandit-v0", 3)])
    first, second = printed(capsys)
    assert first[-2:] == ["-", "-"] and "-" not in second[-2:]


def test_beside_an_environment_whose_gap_is_not_known_there_are_both_columns(capsys):
    """Broken if one environment took the gap from all the others."""
    known = evaluate("random", "MetaTwoStep-v0", 20)
    print_table([known, evaluate("random", "MetaGridworld-v0", 3)])
    first, second = printed(capsys)
    assert first[-2].startswith(f"{known.mean_optimality_gap:.3f} ± ") and second[-2] == "-"
    assert "-" not in (first[-1], second[-1])


def test_a_score_that_is_not_defined_is_a_dash(capsys):
    """In one episode of the hard room neither random nor the optimum may find the goal."""
    tied = [
        e
        for seed in range(20)
        if (e := evaluate("random", "MetaDarkRoomHard-v0", 1, seed)).difference_to_optimum == 0
    ]
    print_table(tied[:1])
    assert printed(capsys)[0][3] == "-"


def test_a_comparison_is_a_table_of_both_and_of_the_difference(capsys):
    comparison = compare("optimal", "random", "MetaBandit-v0", episodes=200)
    print_comparison(comparison)
    out = capsys.readouterr().out
    rows = [cells(line) for line in out.splitlines() if line.startswith("│")]
    assert [tuple(row) for row in rows] == comparison.rows()
    assert out.splitlines()[-1] == "optimal is better"
    gap = comparison.second.optimality_gaps
    assert comparison.gap_difference == -gap.mean() < 0
    assert rows[-1][-1].startswith(f"{-gap.mean():.3f} ± ")
    print_comparison(compare("random", "random", "CartPole-v1", episodes=3))
    assert printed(capsys)[0][-1] == "-"
