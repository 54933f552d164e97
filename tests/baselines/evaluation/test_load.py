"""Loading to predict with: from a file or a run's folder, read once, and no trainer made."""

import io
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from gymnasium.vector import VectorEnv

from baselines import evaluate, load
from baselines.a2c_lstm import A2CLSTM
from baselines.cli.main import main
from baselines.common.errors import InputError
from baselines.common.run_folder import RunFolder
from baselines.recurrent_ppo import RecurrentPPO
from baselines.registry import TRAINABLE, trainable

KWARGS = {"num_trials": 6}
ENV_ID = "MetaBandit-v0"
every_agent = pytest.mark.parametrize("agent", TRAINABLE)


def make(agent):
    """An agent that has been trained a little, on four environments."""
    config = replace(trainable(agent).make_preset("best", ENV_ID, 6).config, num_envs=4)
    return trainable(agent)(ENV_ID, config, 0, KWARGS).learn(240)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run's folder of each agent."""
    folder = tmp_path_factory.mktemp("runs")
    for agent in TRAINABLE:
        command = ["train", "--env", ENV_ID, "--agent", agent, "--env-kwargs", '{"num_trials": 6}']
        command += ["--num-envs", "4", "--total-timesteps", "240"]
        command += ["--evaluation-episodes", "0", "--out", str(folder / agent)]
        assert main(command) == 0
    return folder


@every_agent
def test_one_observation_is_taken_as_stable_baselines3_takes_it(agent):
    """As one row of a batch: the same action and memory, without the axis of the batch."""
    made = make(agent)
    single = np.array([0.0, 1.0, 1.0, 0.5], np.float32)
    one, state = made.predict(single, deterministic=True)
    rows, states = made.predict(np.stack([single, single]), deterministic=True)
    assert np.shape(one) == () and one == rows[0]
    again, _ = made.predict(single, state, np.array([False]), deterministic=True)
    batched, _ = made.predict(np.stack([single] * 2), states, np.zeros(2, bool), deterministic=True)
    assert again == batched[0]


@every_agent
def test_a_runs_folder_is_loaded_like_its_latest_checkpoint(agent, runs):
    """`load` to predict, the class's own to go on learning: the same agent, by any name."""
    latest = RunFolder(runs / agent).latest_checkpoint()
    loaded = [load(runs / agent), load(str(latest)), trainable(agent).load(runs / agent)]
    assert loaded[2].num_timesteps == 240
    scores = [evaluate(one, ENV_ID, 30, env_kwargs=KWARGS).rewards for one in loaded]
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])


@every_agent
def test_an_evaluation_makes_no_trainer_and_starts_no_episode(agent, runs, monkeypatch):
    """Broken if loading took the time and memory of a training that will never be."""

    def refuse(*args, **kwargs):
        raise AssertionError("nobody trains here")

    with monkeypatch.context() as patch:
        for kind in (A2CLSTM, RecurrentPPO):
            patch.setattr(kind, "__init__", refuse)
        patch.setattr(torch.optim.Adam, "step", refuse)
        for kind in VectorEnv.__subclasses__():
            patch.setattr(kind, "reset", refuse)
        policy = load(runs / agent)
    assert policy.predict(np.zeros((3, 4), np.float32))[0].shape == (3,)
    assert not hasattr(policy, "learn")


@every_agent
def test_a_saved_agent_goes_on_exactly(agent, tmp_path):
    """Without a run's folder too: episodes, generators and optimiser are in the file."""
    first = make(agent)
    first.save(tmp_path / f"one{first.suffix}")
    again = trainable(agent).load(tmp_path / f"one{first.suffix}")
    assert (again.config, again.num_timesteps) == (first.config, 240)
    for kind, name in ((first, "first"), (again, "again")):
        kind.learn(480)
        kind.save(tmp_path / f"{name}{first.suffix}")
    first_file, again_file = (tmp_path / f"{n}{first.suffix}" for n in ("first", "again"))
    assert first_file.read_bytes() == again_file.read_bytes()


@every_agent
def test_another_environment_is_refused_in_pythons_words(agent, runs):
    with pytest.raises(InputError, match="allow it with `transfer=True`"):
        load(runs / agent, "MetaBanditDependentHard-v0", env_kwargs=KWARGS)
    policy = load(runs / agent, "MetaBanditDependentHard-v0", transfer=True)
    assert policy.predict(np.zeros(4, np.float32))[0] in (0, 1)
    with pytest.raises(InputError, match="does not fit"):
        load(runs / agent, "MetaTwoStep-v0", transfer=True)


def test_checkpoints_of_the_format_before_are_read(tmp_path):
    """It named the cell "lstm" and its header's entry "facts"; the optimiser goes on too."""
    import json

    from safetensors.torch import load_file, save_file

    from baselines.a2c_lstm.checkpoint import OLD_ENTRY, OLD_FORMAT, read_checkpoint

    agent = make("a2c-lstm")
    agent.save(tmp_path / "new.safetensors")
    metadata = asdict(read_checkpoint(tmp_path / "new.safetensors").metadata)
    metadata["config"]["lstm"] = {"lstm": "single"}[metadata["config"].pop("cell")]
    tensors = load_file(tmp_path / "new.safetensors")
    old = {name.replace("network.cell.", "network.lstm."): t for name, t in tensors.items()}
    assert old.keys() != tensors.keys()
    header = {OLD_ENTRY: json.dumps(metadata | {"format": OLD_FORMAT})}
    save_file(old, tmp_path / "old.safetensors", header)
    again = A2CLSTM.load(tmp_path / "old.safetensors")
    for kind, name in ((agent, "a"), (again, "b")):
        kind.learn(480).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_zip_of_others_is_not_taken_to_be_trained_on(tmp_path):
    """Stable-Baselines3's own zip holds no settings of ours, and says what to do instead."""
    import sb3_contrib
    import stable_baselines3.common.env_util as env_util

    env = env_util.make_vec_env("CartPole-v1", 1)
    buffer = io.BytesIO()
    sb3_contrib.RecurrentPPO("MlpLstmPolicy", env, n_steps=8).save(buffer)
    (tmp_path / "theirs.zip").write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="holds no settings of this agent"):
        RecurrentPPO.load(tmp_path / "theirs.zip")
    with pytest.raises(InputError, match="does not name its environment: pass `env=`"):
        load(tmp_path / "theirs.zip")
    assert evaluate(load(tmp_path / "theirs.zip", "CartPole-v1"), "CartPole-v1", 3).mean_return > 5


def test_a_run_in_which_no_episode_has_ended_has_no_curve(tmp_path, capsys):
    """Broken if the learning curve of a run that has only begun is a traceback."""
    run = str(tmp_path / "run")
    small = "--total-timesteps=40 --num-envs=2 --num-steps=10 --evaluation-episodes=0"
    assert main(["train", "--env", ENV_ID, *small.split(), "--out", run]) == 0
    assert main(["plot", run, "--out", str(tmp_path / "curve.png")]) == 2
    assert capsys.readouterr().err.endswith("has logged no episode yet: train it for longer\n")
    assert not (tmp_path / "curve.png").exists()
