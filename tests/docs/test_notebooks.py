"""The notebooks: kept without outputs, executed, and what the site that `make docs` built shows."""

import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
asked_for = pytest.mark.skipif(
    "REQUIRE_SITE" not in os.environ, reason="make test-docs executes the notebooks, in a minute"
)


@pytest.fixture(scope="module")
def executed():
    """Executes a notebook in this very Python; an error in any cell fails the test."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    class ThisPython(AsyncKernelManager):
        """Without folders to look in, "python3" is this Python and not one a user has installed."""

        def __init__(self, **kwargs):
            super().__init__(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]), **kwargs)
            assert self.kernel_spec.argv[0] == sys.executable

    done = {}

    def execute(name):
        if name not in done:
            done[name] = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
            client = nbclient.NotebookClient(
                done[name],
                kernel_manager_class=ThisPython,
                timeout=600,
                resources={"metadata": {"path": str(FOLDER)}},
            )
            client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
        return done[name]

    return execute


def outputs(notebook):
    return [one for cell in notebook.cells for one in cell.get("outputs", [])]


def printed(notebook):
    return "".join(one["text"] for one in outputs(notebook) if one.get("name") == "stdout")


def figures(notebook):
    return sum("image/png" in one.get("data", {}) for one in outputs(notebook))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_notebooks_are_valid_and_kept_without_outputs(path):
    """What a notebook shows is made by each build of the site: kept, it would grow old."""
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells
    assert not outputs(notebook)
    assert all(cell.get("execution_count") is None for cell in notebook.cells)


@asked_for
def test_five_minutes_end_with_an_agent_better_than_thompson(executed):
    """Broken if an included agent got worse, loading changed it, or acting changed weights."""
    notebook = executed("five_minutes")
    text = printed(notebook)
    regret = dict(re.findall(r"^regret of (\w+): ([\d.]+)$", text, re.M))
    assert float(regret["included"]) < float(regret["thompson"])
    gaps = dict(re.findall(r"^(\w.*?) +loses ([\d.]+) to the optimum", text, re.M))
    assert float(gaps["included"]) < float(gaps["eight million steps"]) < 3
    assert "weights changed: False" in text
    assert "A2CLSTM is better" in text
    assert "the same again: True" in text
    assert figures(notebook) == 3


@asked_for
def test_the_tour_shows_a_network_that_stays_as_a_planner_does(executed):
    """Broken if the included networks did not plan, or the text spoke of what is not seen."""
    notebook = executed("two_step")
    text = printed(notebook)
    assert len(stays("network", text)) == 3
    for rewarded_common, rewarded_rare, common, rare in stays("network", text):
        assert min(rewarded_common, rare) > max(rewarded_rare, common) + 0.1
    for rewarded_common, rewarded_rare, common, rare in stays("model-free", text):
        assert min(rewarded_common, rewarded_rare) > max(common, rare) + 0.4
    read = {
        kind: float(found) for kind, found in re.findall(r"^R2 ([\w ]+): (-?[\d.]+)", text, re.M)
    }
    assert read["trained"] > read["untrained"] > 0.8 > 0.1 > read["of another episode"]
    along = dict(re.findall(r"^(\w+): .* \|r\| with the belief ([\d.]+)$", text, re.M))
    assert float(along["trained"]) > 0.9
    assert float(along["untrained"]) < 0.5
    assert figures(notebook) == 4


def stays(agent, text):
    """Chances to stay of an agent, four in each part of the task that is shown."""
    lines = re.findall(rf" {agent} +(\d[\d. ]*)$", text, re.M)
    return [[float(one) for one in line.split()] for line in lines]


@asked_for
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_site_shows_all_figures(path, executed):
    """Broken if the site was built without executing the notebooks."""
    page = (ROOT / "docs" / "_build" / "html" / "notebooks" / f"{path.stem}.html").read_text()
    shown = re.findall(r'<img [^>]*src="[^"]*\.png"', page)
    assert len(shown) == figures(executed(path.stem))
