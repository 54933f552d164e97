"""Files around the code agree with it: workflows, citation, hooks."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import meta_envs

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read(path):
    return yaml.safe_load((ROOT / path).read_text())


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_tests_run_on_every_python_that_is_promised():
    prefix = "Programming Language :: Python :: 3."
    promised = {one.rpartition(" ")[2] for one in PROJECT["classifiers"] if one.startswith(prefix)}
    jobs = read(".github/workflows/ci.yml")["jobs"]
    assert promised == set(jobs["tests"]["strategy"]["matrix"]["python"])
    assert promised == set(jobs["everything"]["steps"][1]["with"]["python-version"].split())
    assert PROJECT["requires-python"] == f">={min(promised, key=lambda one: int(one[2:]))}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_make_targets_that_there_are(path):
    """Broken by a target that was renamed; and permissions are given where they are needed."""
    workflow = yaml.safe_load(path.read_text())
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    named = re.findall(r"^make ([a-z-]+)", commands, re.M)
    matrices = [job.get("strategy", {}).get("matrix", {}) for job in workflow["jobs"].values()]
    named += [target for matrix in matrices for target in matrix.get("target", [])]
    assert named and set(named) <= set(targets)
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps if "uses" in step]
    assert all("@v" in one or "@release/v" in one for one in used)


def test_ci_runs_every_test_there_is():
    """Broken if a kind of test that is left out by default were asked for by nobody."""
    script = (ROOT / ".ci" / "run").read_text()
    for target in ("check", "test", "test-ray", "test-docs", "test-package"):
        assert f"make {target}\n" in script


def test_a_release_would_find_its_version():
    version = meta_envs.__version__
    assert f'__version__ = "{version}"\n' in (ROOT / "meta_envs" / "__init__.py").read_text()
    citation = read("CITATION.cff")
    assert (citation["version"], citation["license"]) == (version, PROJECT["license"])
    assert "version: " + version + "\n" in (ROOT / "CITATION.cff").read_text()


def test_hooks_have_the_versions_of_the_tests():
    revisions = {one["repo"]: one.get("rev", "").removeprefix("v")
                 for one in read(".pre-commit-config.yaml")["repos"]}  # fmt: skip
    found = {repo.rpartition("/")[2].removesuffix("-pre-commit"): rev
             for repo, rev in revisions.items()}  # fmt: skip
    for name in ("ruff", "codespell"):
        assert found[name] == pinned()[name]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")),
                         ids=lambda path: path.name)  # fmt: skip
def test_issue_forms_are_forms(path):
    form = yaml.safe_load(path.read_text())
    if path.stem != "config":
        assert {"name", "description", "body"} <= set(form)
        kinds = {part["type"] for part in form["body"]}
        assert kinds <= {"textarea", "input", "markdown", "dropdown", "checkboxes"}
