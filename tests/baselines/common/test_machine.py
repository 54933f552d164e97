"""What is kept of the machine beside a result."""

import platform
from importlib import metadata

import pytest

import meta_envs
from baselines.common import machine as module


def test_processor_and_versions_are_those_of_this_machine():
    """Without them nobody could tell why the same seed has another score elsewhere."""
    found = module.machine()
    assert found["processor"] and found["cores"] >= 1
    versions = found["versions"]
    assert versions["meta_envs"] == meta_envs.__version__
    assert versions["python"] == platform.python_version()
    for package in ("numpy", "gymnasium", "torch"):
        assert versions[package] == metadata.version(package)


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    """Somebody without torch can evaluate classic agents."""
    monkeypatch.setattr(module, "PACKAGES", ("numpy", "no-such-package"))
    assert "no-such-package" not in module.machine()["versions"]


@pytest.mark.parametrize("missing", [False, True])
def test_the_processor_has_a_name_where_there_is_no_cpuinfo(monkeypatch, tmp_path, missing):
    """As on macOS and Windows, and on ARM, whose cpuinfo names no model."""
    cpuinfo = tmp_path / "cpuinfo"
    if not missing:
        cpuinfo.write_text("processor : 0\nBogoMIPS : 50.00\n")
    monkeypatch.setattr(module, "Path", lambda _: cpuinfo)
    assert module.processor() == (platform.processor() or platform.machine())
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n")
    assert module.processor() == "Some CPU @ 2 GHz"
