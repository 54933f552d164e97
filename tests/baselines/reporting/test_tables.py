"""Tables: no cell is cut short, whatever the width."""

import pytest

from baselines.cli.main import main
from baselines.reporting import tables
from baselines.reporting.markdown import write_markdown
from baselines.reporting.tables import show_table
from meta_envs.registration import TABLE

COLUMNS = ["agent", "mean return", "regret after 100 pulls"]
ROWS = [
    ["optimal-independent", "65.410 ± 1.539", "1.75 ± 0.02 (1.74)"],
    ["[red]runs/a/long/path", "-", "-"],
]


def terminal(monkeypatch, width):
    """Has tables think that they are printed on a terminal of so many columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", "25")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    assert tables.Output().width == width


@pytest.mark.parametrize("width", [20, 50, 68, 80, 200])
def test_cells_are_whole_at_any_width(width, monkeypatch, capsys):
    terminal(monkeypatch, width)
    show_table(COLUMNS, ROWS)
    out = capsys.readouterr().out
    assert all(cell in out for row in ROWS for cell in row)
    assert "…" not in out
    if width >= 50:
        assert max(map(len, out.splitlines())) <= width
    assert ("┃" in out) == (width >= 68)


def test_every_row_is_a_line_in_a_pipe(monkeypatch, capsys):
    """However narrow COLUMNS says that the terminal is."""
    monkeypatch.setenv("COLUMNS", "50")
    show_table(COLUMNS, [[*row[:2], "x" * 300] for row in ROWS])
    rows = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert [line.count("│") for line in rows] == [4, 4]
    assert all("x" * 300 in line for line in rows)


def test_the_list_keeps_its_names_at_50_columns(monkeypatch, capsys):
    terminal(monkeypatch, 50)
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(any(line.startswith(f"{row.id} ") for line in lines) for row in TABLE)


def test_rows_before_one_that_fails_are_written(tmp_path, capsys):
    def rows():
        yield "first", [1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_markdown(tmp_path / "t.md", "agent", ["score"], rows())
    assert (tmp_path / "t.md").read_text() == "| agent | score |\n| --- | --- |\n| first | 1 |\n"
    assert "first" in capsys.readouterr().out
