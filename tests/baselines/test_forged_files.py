"""Files whose seal is right and whose content is not: no code is run, and one line says why."""

import json
import shutil
import sys
from dataclasses import replace

import gymnasium as gym
import pytest
import torch

from baselines import A2CLSTM, RecurrentPPO, evaluate, load
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder
from baselines.evaluation.episodes import save_episodes
from baselines.registry import TRAINABLE, trainable
from tests.baselines.forge import forge
from tests.baselines.test_damage import make_run

every_agent = pytest.mark.parametrize("agent", TRAINABLE)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run's folder of each agent."""
    folder = tmp_path_factory.mktemp("runs")
    return {agent: make_run(folder / agent, agent) for agent in TRAINABLE}


@pytest.fixture
def run(runs, tmp_path):
    """Copies the run of an agent, to be changed."""

    def copy(agent):
        return shutil.copytree(runs[agent], tmp_path / agent)

    return copy


@pytest.fixture
def mark(tmp_path, monkeypatch):
    """A file that is there once the module `leaves_a_mark` has been imported."""
    path = tmp_path / "mark"
    (tmp_path / "leaves_a_mark.py").write_text(
        f"import pathlib\npathlib.Path({str(path)!r}).touch()\n"
        "from meta_envs.tasks.bandits.bernoulli_bandit import BernoulliBandit as Name\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield path
    sys.modules.pop("leaves_a_mark", None)


FAMILY = {"family": "leaves_a_mark:Name"}
ID = "leaves_a_mark:MetaBandit-v0"


@pytest.mark.parametrize("values", [{"env_kwargs": FAMILY}, {"env_id": ID}], ids=["family", "id"])
@every_agent
def test_no_checkpoint_names_code(agent, values, run, mark, capsys):
    """Broken if a checkpoint from the internet could have a module of its choice imported."""
    folder = run(agent)
    for path in RunFolder(folder).checkpoints():
        forge(path, lambda metadata: metadata.update(values))
    latest = RunFolder(folder).latest_checkpoint()
    readers = (
        load,
        trainable(agent).load,
        trainable(agent)("MetaBandit-v0", None, 0, {"num_trials": 6}).restore,
        lambda path: load(path, "MetaBandit-v0", transfer=True),
        lambda path: evaluate(path, "MetaBandit-v0", 3, transfer=True),
    )
    for read in readers:
        with pytest.raises(InputError, match="must"):
            read(latest)
    for command in (
        ["train", "--resume", str(folder)],
        ["evaluate", "--env", "MetaBandit-v0", "--agent", str(latest), "--transfer"],
        [
            "record",
            "--env",
            "MetaBandit-v0",
            "--agent",
            str(latest),
            "--out",
            str(folder / "g.gif"),
        ],
    ):
        assert main(command) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
    assert not mark.exists()


@pytest.mark.parametrize("values", [{"env_kwargs": FAMILY}, {"env": ID}], ids=["family", "id"])
def test_no_other_file_names_code(values, run, mark, tmp_path, capsys):
    """A run's settings and the episodes to replay: also where their checksum was taken out."""
    folder, episodes = run("a2c-lstm"), tmp_path / "episodes.json"
    save_episodes(episodes, "MetaBandit-v0", {}, evaluate("random", "MetaBandit-v0", 3).episodes)
    for sealed in (True, False):
        for path in (folder / "config.json", episodes):
            forge(path, lambda read: read.update(values))
            if not sealed:
                forge(path, lambda read: read.pop("checksum"))
        for command in (
            ["train", "--resume", str(folder)],
            ["plot", str(folder), "--out", str(tmp_path / "plot.png")],
            ["evaluate", "--env", "MetaBandit-v0", "--agent", str(folder)],
            ["evaluate", "--agent", "random", "--replay", str(episodes)],
        ):
            assert main(command) == 2
            assert "must" in capsys.readouterr().err.splitlines()[-1]
    assert not mark.exists()


def test_the_module_would_leave_its_mark(mark):
    """The test's own trap works: what a caller names is imported."""
    assert not mark.exists()
    gym.make("MetaBandit-v0", **FAMILY)
    assert mark.exists()


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


WRONG = {
    "missing": lambda values: values.pop("seed"),
    "unknown": lambda values: values.update(newer=1),
    "text for a number": lambda values: values.update(seed="0"),
    "true for a number": lambda values: values.update(seed=True),
    "fraction": lambda values: values.update(seed=0.5),
    "infinity": lambda values: values.update(seed=float("inf")),
    "negative": lambda values: values.update(seed=-1),
    "beyond": lambda values: values.update(seed=2**70),
    "null": lambda values: values.update(env_kwargs=None),
    "list": lambda values: values.update(env_kwargs=[1]),
    "no settings": lambda values: values.pop("config"),
    "other settings": lambda values: values.update(config=[]),
    "a setting missing": lambda values: values["config"].pop("num_envs"),
    "a setting unknown": lambda values: values["config"].update(newer=1),
    "a setting of text": lambda values: values["config"].update(gae_lambda="1"),
    "a setting of null": lambda values: values["config"].update(hidden_size=None),
    "a setting that is nan": lambda values: values["config"].update(gae_lambda=float("nan")),
    "a huge setting": lambda values: values["config"].update(hidden_size=2**40),
    "a huge count": lambda values: values["config"].update(num_envs=2**60),
    "no choice": lambda values: values["config"].update(device="tpu"),
    "deep": lambda values: values["config"].update(discount=nested(900)),
}
"""What may stand in the metadata of a checkpoint, or in a run's settings, instead of what must."""


@pytest.mark.parametrize("way", WRONG)
@every_agent
def test_metadata_that_does_not_fit_is_one_line(agent, way, run, capsys):
    """Broken if a file of another version, or of nobody's, ended in a traceback."""
    folder = run(agent)
    for path in RunFolder(folder).checkpoints():
        forge(path, WRONG[way])
    latest = RunFolder(folder).latest_checkpoint()
    for read in (load, trainable(agent).load):
        with pytest.raises(InputError) as error:
            read(latest)
        assert str(latest) in str(error.value) and "\n" not in str(error.value)
    assert main(["train", "--resume", str(folder)]) == 2
    forge(folder / "config.json", WRONG[way])
    assert main(["train", "--resume", str(folder)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ") and str(folder) in last


@every_agent
def test_a_batch_beyond_memory_is_one_line(agent, run):
    """It does not matter to predict; to train, it must not take the machine down."""
    folder = run(agent)
    latest = RunFolder(folder).latest_checkpoint()
    forge(latest, lambda metadata: metadata["config"].update(num_envs=2**50))
    load(latest)
    with pytest.raises(InputError, match="`num_envs` must be in"):
        trainable(agent).load(latest)


@pytest.mark.parametrize("name", ["config.json", "checkpoints"])
def test_another_versions_file_is_told_with_its_version(name, run):
    """Then one knows what to install, or to update."""
    folder = run("a2c-lstm")
    path = RunFolder(folder).latest_checkpoint() if name == "checkpoints" else folder / name

    def newer(values):
        values["newer"] = 1
        values.get("versions", values).update({"version": "99.0", "meta_envs": "99.0"})
        if name == "checkpoints":
            del values["meta_envs"]

    forge(path, newer)
    with pytest.raises(InputError, match=r"`newer` is unknown \(meta-envs 99.0 wrote it"):
        A2CLSTM.load(path) if name == "checkpoints" else RunFolder.open(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"env": ',
        "[" * 100_000,
        '{"env": "MetaBandit-v0", "env_kwargs": {}, "episodes": []}',
        '{"env": "MetaBandit-v0", "env_kwargs": {}, "episodes": [{"seed": -1, "task": {}}]}',
        '{"env": "MetaBandit-v0", "env_kwargs": {}, "episodes": [{"seed": 1}]}',
        '{"env": "MetaBandit-v0", "env_kwargs": {}, "episodes": {"0": 1}}',
        '{"env": "MetaBandit-v0", "env_kwargs": {}, "episodes": [{"seed": 1, "task": {"a": 1}}]}',
        '{"env": "MetaBandit-v0", "env_kwargs": {"num_arms": 1e400}, "episodes": '
        '[{"seed": 1, "task": {"arm_probabilities": [0.5, 0.5]}}]}',
        '{"env": 1, "env_kwargs": {}, "episodes": [{"seed": ' + "9" * 5000 + "}]}",
    ],
    ids=range(12),
)
def test_episodes_that_cannot_be_played_are_one_line(text, tmp_path, capsys):
    (tmp_path / "e.json").write_text(text)
    command = ["evaluate", "--agent", "random", "--replay", str(tmp_path / "e.json")]
    assert main(command) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[-1].startswith("error: ") and len(errors[-1]) < 400


@every_agent
def test_what_was_trained_on_a_gpu_is_evaluated_without_one(agent, run, monkeypatch):
    """The figures of a cluster's run must be seen on a laptop."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    latest = RunFolder(run(agent)).latest_checkpoint()
    kwargs = {"num_trials": 6}
    before = evaluate(latest, "MetaBandit-v0", 20, env_kwargs=kwargs)
    forge(latest, lambda metadata: metadata["config"].update(device="cuda"))
    after = evaluate(latest, "MetaBandit-v0", 20, env_kwargs=kwargs)
    assert (before.rewards == after.rewards).all()
    with pytest.raises(InputError, match="no GPU"):
        trainable(agent).load(latest)


def test_a_family_is_named_by_nobody_but_the_registry():
    """Neither agent makes an environment of one, so none writes a file that names one."""
    for kind in (A2CLSTM, RecurrentPPO):
        config = replace(kind.config_type(), num_envs=2)
        with pytest.raises(InputError, match=r"meta_envs\.register"):
            kind("MetaBandit-v0", config, env_kwargs=FAMILY)
