"""The documents say what the code says."""

import importlib.util
import re
import shlex
import warnings
from pathlib import Path

import gymnasium as gym
import pytest

from baselines.cli.main import COMMANDS, main
from baselines.evaluation.evaluate import evaluate
from baselines.experiments import EXPERIMENTS
from baselines.registry import AGENTS
from meta_envs import check_family
from meta_envs.registration import ROWS, TABLE

ROOT = Path(__file__).parent.parent
NAMES = ("environments", "experiments", "agents/classic", "agents/scores", "_build")
MADE = [ROOT / "docs" / name for name in NAMES]
"""Folders of pages that `make docs` writes, and that a fresh clone does not have."""


def is_made(path):
    return any(path.is_relative_to(folder) for folder in MADE)


DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "benchmarks" / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if not is_made(path)),
]


def test_readme_names_every_environment_and_agent():
    text = (ROOT / "README.md").read_text() + (
        ROOT / "docs" / "agents" / "classic_agents.md"
    ).read_text()
    for name in [row.id for row in TABLE] + list(AGENTS):
        assert f"`{name}`" in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        # Of pages that are made, tests/docs checks the links once they are.
        if not target.startswith("http"):
            path = (document.parent / target).resolve()
            assert is_made(path) or path.exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_shown_are_commands_there_are(document):
    """Every `python -m baselines` line: its command, ids and named agents exist."""
    ids = {row.id for row in TABLE}
    lines = re.findall(
        r"(?:^|`)\$? ?python -m baselines ([a-z].*?)(?:`|\s{2,}#|$)", document.read_text(), re.M
    )
    for line in lines:
        command, *words = shlex.split(line)
        assert command in COMMANDS, line
        assert all(w in ids for w in words if w.startswith("Meta")), line
        if command == "reproduce":
            assert words[0] in {*EXPERIMENTS, "all"}, line


def test_the_mistakes_of_the_first_hour_are_told_as_it_says(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "first_hour.md").read_text()
    told = re.findall(r"^`([a-z]+ --env .*)`:\n\n```\n(error: .*)\n```", text, re.M)
    assert len(told) == 3
    for command, message in told:
        assert main(shlex.split(command)) == 2
        assert capsys.readouterr().err == message + "\n"


def test_the_agent_and_the_task_of_the_first_hour_are_one(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "first_hour.md").read_text()
    monkeypatch.syspath_prepend(tmp_path)
    blocks = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", text, re.S)
    for name, code in blocks:
        (tmp_path / name).write_text(code)
    assert [name for name, _ in blocks] == ["my_agent.py", "lights.py"]
    ours = evaluate("my_agent:win_stay", "MetaBandit-v0", 500)
    assert f"{ours.mean_return:.3f}" in text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It draws nothing, which the page says.
        check_family(importlib.import_module("lights").Lights)
    gym.registry.pop("Lights-v0")
    ROWS.pop("Lights-v0")


def test_the_cartpole_of_the_wrappers_trains(tmp_path, monkeypatch, capsys):
    """Broken if a name or an argument shown there were not the code's; it trains for a moment."""
    text = (ROOT / "docs" / "wrappers.md").read_text()
    monkeypatch.syspath_prepend(tmp_path)
    blocks = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", text, re.S))
    (tmp_path / "my_cartpole.py").write_text(blocks["my_cartpole.py"])
    shown = {"learn(50_000)": "learn(2_000)", "episodes=200": "episodes=5"}
    code = blocks["train.py"]
    for long, short in shown.items():
        assert long in code
        code = code.replace(long, short)
    exec(code, {})
    assert float(capsys.readouterr().out) > 2  # Two episodes of at least some steps.
    gym.registry.pop("MetaCartPole-v0")


def test_the_agent_of_the_page_on_other_peoples_agents_is_one(capsys):
    text = (ROOT / "docs" / "third_party.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(block, {"__name__": "page"})
    assert capsys.readouterr().out.startswith(
        "<win_stay on MetaBanditDependentUniform-v0: return 66."
    )


def test_the_examples_of_analyses_run(capsys):
    """Broken if a name or an argument shown there were not the code's; what is printed is read."""
    names = {}
    for block in re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "analysis.md").read_text(), re.S
    ):
        exec(block, names)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("rewarded, common: 1.00")
    assert "greedy, missed exploration: 0.91" in "\n".join(lines)
    assert "thompson, excess exploration: 0.98" in "\n".join(lines)
    fitted = [line.split()[1:] for line in lines if line.startswith(("low ", "high "))]
    (low, gain), (high, other_gain) = (map(float, values) for values in fitted)
    assert (round(low, 2), round(high, 2)) == (0.08, 0.64)
    assert min(gain, other_gain) > 0
    assert names["fit"].coefficients[:, 0] == pytest.approx([4.2, -4.2, -4.2, 4.2], abs=1.2)
