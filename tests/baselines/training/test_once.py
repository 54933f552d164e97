"""A study that was stopped goes on with the runs that it lacks."""

import pytest

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig
from baselines.training import once
from baselines.training.once import trained_once


def test_an_agent_is_trained_once(tmp_path, monkeypatch):
    """Broken if it were trained anew each time, with other settings, or half of it were kept."""
    config = A2CLSTMConfig(hidden_size=4, num_envs=2)
    given = ("MetaBandit-v0", {"num_trials": 5}, config, 50)
    path = trained_once(tmp_path / "cell" / "seed3.safetensors", *given, 3)
    agent = A2CLSTM("MetaBandit-v0", config, 3, {"num_trials": 5})
    agent.learn(50)
    loaded = A2CLSTM.load(path)
    assert (loaded.weights_digest(), loaded.num_timesteps) == (agent.weights_digest(), 50)
    monkeypatch.setattr(once, "A2CLSTM", None)
    assert trained_once(path, *given, 3) == path

    class Interrupted(A2CLSTM):
        def learn(self, *arguments, **options):
            raise KeyboardInterrupt

    monkeypatch.setattr(once, "A2CLSTM", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained_once(tmp_path / "cell" / "seed4.safetensors", *given, 4)
    assert [file.name for file in (tmp_path / "cell").iterdir()] == ["seed3.safetensors"]
