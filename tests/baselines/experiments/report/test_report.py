"""`reproduce all`: each experiment once, what is missing named, and a page that holds all."""

import html
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from baselines import experiments
from baselines.cli.main import main
from baselines.evaluation.pretrained import FOLDER
from baselines.experiments import Experiment, repeat
from baselines.experiments.report import processes, study, training
from baselines.experiments.report.processes import Job, run_jobs
from baselines.reporting.page import Figure, Section
from tests.baselines.experiments.report.trainings import ENVS, write

FEW = {
    "wang2018-fig1d": Experiment("regret", 20, 1),
    "wang2018-harlow": Experiment("right choices", 20, 2),
    "inputs": Experiment("what is needed", 0, 3_600, recorded="docs/results.md"),
}


def titles(out):
    page = html.unescape((out / "index.html").read_text())
    return re.findall(r"<h2>([^<]*)</h2>", page)


class Quick:
    """Stands for the module of an experiment."""

    def __init__(self, name):
        self.name = name

    def run(self, out, seed, episodes=7):
        (out / "figure.svg").write_text("<svg/>")
        return Section(f"{self.name}'s title", [f"{episodes} of {seed}"], (), [FIGURE])


FIGURE = Figure("figure.svg", "A figure")


@pytest.fixture
def few(monkeypatch):
    """Three experiments: two quick ones, and one that trains many agents."""
    for module in (experiments, study, repeat):
        monkeypatch.setattr(module, "EXPERIMENTS", FEW)
    for name in FEW:
        module = f"baselines.experiments.{name.replace('-', '_')}"
        monkeypatch.setitem(sys.modules, module, Quick(name))


@pytest.fixture
def jobs(monkeypatch):
    """Notes what is run, in place of running it; an experiment named in `failing` fails."""
    noted, failing = [], {}

    def run(todo, processes):
        for job in todo:
            noted.append(job.name)
            job.log.parent.mkdir(exist_ok=True)
            job.log.write_text(f"words\nerror: {failing.get(job.name)}\n")
            if job.name in failing:
                yield job.name, 2
                continue
            options = [part for part in job.command[3:] if part != "reproduce"]
            assert main(["reproduce", *options]) == 0
            yield job.name, 0

    monkeypatch.setattr(study, "run_jobs", run)
    return noted, failing


def test_what_is_finished_is_not_done_again(few, jobs, tmp_path, capsys):
    """Another seed is another result; the longest comes first, and the page has all in order."""
    noted, _ = jobs
    for seed, new in ((0, ["wang2018-harlow", "wang2018-fig1d"]), (0, []), (1, noted)):
        before = len(noted)
        assert main(["reproduce", "all", "--seed", str(seed), "--out", str(tmp_path)]) == 0
        assert noted[before:] == (new if new is not noted else noted[:2])
    _, fig1d, harlow, inputs = titles(tmp_path)
    assert (fig1d, harlow) == ("wang2018-fig1d's title", "wang2018-harlow's title")
    assert inputs == "inputs: missing"
    page = (tmp_path / "index.html").read_text()
    assert 'src="wang2018-fig1d/figure.svg"' in page
    assert "--episodes 20 --seed 1" in page
    assert "written: " in capsys.readouterr().out


def test_a_damaged_record_is_done_again(few, jobs, tmp_path):
    noted, _ = jobs
    study.report(tmp_path)
    record = tmp_path / "wang2018-fig1d" / "experiment.json"
    record.write_text(record.read_text()[:-20])
    del noted[:]
    study.report(tmp_path)
    assert noted == ["wang2018-fig1d"]


def test_one_that_fails_is_named_and_stops_no_other(few, jobs, tmp_path, capsys):
    _, failing = jobs
    failing["wang2018-harlow"] = "no room left"
    assert main(["reproduce", "all", "--out", str(tmp_path)]) == 2
    assert "wang2018-harlow failed" in capsys.readouterr().err
    assert titles(tmp_path)[1:3] == [
        "wang2018-fig1d's title",
        "wang2018-harlow: missing",
    ]
    page = (tmp_path / "index.html").read_text()
    assert "Failed: no room left" in page and "1 of 3 experiments are here" in page


def test_what_trains_for_hours_is_taken_where_somebody_has_done_it(few, jobs, tmp_path):
    study.report(tmp_path)
    page = (tmp_path / "index.html").read_text()
    command = f"python -m baselines reproduce inputs --seed 0 --out {tmp_path / 'inputs'}"
    assert command in page and "recorded in docs/results.md" in page
    section = {"title": "Found", "text": ["x"], "tables": [], "figures": [], "links": []}
    (tmp_path / "inputs").mkdir()
    record = {"experiment": "inputs", "seed": 0, "section": section}
    (tmp_path / "inputs" / "experiment.json").write_text(json.dumps(record))
    study.report(tmp_path)
    assert titles(tmp_path)[-1] == "Found"


def test_what_all_does_not_take_is_told(tmp_path, capsys):
    for option, value in (("--episodes", "5"), ("--agent", "random")):
        assert main(["reproduce", "all", option, value, "--out", str(tmp_path)]) == 2
        assert f"{option} is another one for each experiment" in capsys.readouterr().err
    assert main(["reproduce", "all", "--processes", "0", "--out", str(tmp_path)]) == 2
    assert "--processes must be at least 1" in capsys.readouterr().err


def _job(folder, name, code):
    return Job(name, [sys.executable, "-c", code], folder / name / "log.txt", 1)


def test_jobs_run_some_at_a_time_and_tell_how_they_ended(tmp_path):
    """Broken if they ran one by one, or all at once: each waits until two have begun."""
    wait = (
        "import pathlib, time; here = pathlib.Path({path!r}); (here / '{name}').touch()\n"
        "end = time.monotonic() + 30\n"
        "while len(list(here.iterdir())) < 2: time.sleep(.02); assert time.monotonic() < end\n"
        "print('said'); raise SystemExit({status})"
    )
    begun = tmp_path / "begun"
    begun.mkdir()
    jobs = [
        _job(tmp_path, name, wait.format(path=str(begun), name=name, status=number))
        for number, name in enumerate("abc")
    ]
    assert dict(run_jobs(jobs, 2)) == {"a": 0, "b": 1, "c": 2}
    assert (tmp_path / "c" / "log.txt").read_text() == "said\n"


def test_jobs_that_run_are_stopped_with_the_caller(tmp_path):
    """By one Ctrl-C each, which they may use to write what they have."""
    code = (
        # A shell has what it starts in the background, such as these tests, ignore it.
        "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n    print('begun', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('kept')"
    )
    jobs = [_job(tmp_path, "slow", code), _job(tmp_path, "quick", "pass")]
    running = run_jobs(jobs, 2)
    assert next(running) == ("quick", 0)
    log = tmp_path / "slow" / "log.txt"
    while "begun" not in log.read_text():
        time.sleep(0.02)
    running.close()
    assert log.read_text() == "begun\nkept\n"


def test_a_job_that_does_not_stop_is_ended(tmp_path, monkeypatch):
    """Broken if one that has swallowed Ctrl-C kept the whole command waiting, or ran on."""
    monkeypatch.setattr(processes, "SECONDS_TO_STOP", 0.1)
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "print('begun', flush=True); time.sleep(60)"
    )
    jobs = [_job(tmp_path, "deaf", code), _job(tmp_path, "quick", "pass")]
    running = run_jobs(jobs, 2)
    assert next(running) == ("quick", 0)
    while "begun" not in (tmp_path / "deaf" / "log.txt").read_text():
        time.sleep(0.02)
    began = time.perf_counter()
    running.close()
    assert time.perf_counter() - began < 30


def test_a_real_ctrl_c_keeps_what_was_finished(tmp_path):
    """The whole command, stopped as soon as the first experiment has begun; nothing runs on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "baselines", "reproduce", "all", "--out", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(list(tmp_path.glob("*/log.txt"))) < 2 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 130
    assert errors.splitlines()[-1].endswith("has what was finished, and the same command goes on")
    assert (
        f"0 of {len(experiments.EXPERIMENTS)} experiments are here"
        in (tmp_path / "index.html").read_text()
    )
    alive = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(tmp_path) not in alive.stdout


def test_every_experiment_says_what_the_report_needs():
    """Broken if one had no question, or the report ran one that trains for hours."""
    for name, row in experiments.EXPERIMENTS.items():
        assert row.summary and row.seconds > 0
        assert bool(row.episodes) != bool(row.recorded), name


def test_settings_follow_the_included_agents(monkeypatch):
    """Trained anew, an agent's experiments must be done again."""
    settings = study.settings_of("wang2018-two-step", 0)
    assert settings.agent == "pretrained"
    assert set(settings.record["checkpoints"]) == {"MetaTwoStepReversal-v0 a2c-lstm"}
    assert len(settings.record["checkpoints"]["MetaTwoStepReversal-v0 a2c-lstm"]) == 64
    monkeypatch.setattr(study, "included", lambda: iter(()))
    assert study.settings_of("wang2018-two-step", 0).agent is None


def test_from_scratch_trains_first_and_shows_what_was_trained(few, jobs, tmp_path, monkeypatch):
    """Also the experiments that train agents of their own; the sweep itself is tested elsewhere."""
    noted, _ = jobs
    asked = []

    def sweep(settings):
        asked.append(settings)
        return [], {}

    def publish(runs, out):
        write(out / "scores.json")

    monkeypatch.setattr(training, "sweep", sweep)
    monkeypatch.setattr(training, "publish", publish)
    monkeypatch.setattr(training, "EXPERIMENTS", {"one": FEW["inputs"]._replace(environments=ENVS)})
    monkeypatch.setenv(FOLDER, "unset after the test")
    (tmp_path / "trained").mkdir()
    options = ["--from-scratch", "--processes", "3", "--out", str(tmp_path)]
    assert main(["reproduce", "all", *options]) == 0
    (settings,) = asked
    assert settings.env[:3] == ENVS and settings.agent == ("a2c-lstm", "recurrent-ppo")
    assert (settings.out, settings.workers, settings.seeds) == (tmp_path / "sweep", 3, "0-9")
    assert os.environ[FOLDER] == str(tmp_path / "trained")
    assert "inputs" in noted and titles(tmp_path)[-1] == "inputs's title"
    assert "0.977 [" in (tmp_path / "index.html").read_text(), "the scores of this sweep"
