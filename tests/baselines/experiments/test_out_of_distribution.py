"""Tasks unlike those of training: what an agent sees there, and whose scores are whose."""

import numpy as np
import pytest

from baselines import A2CLSTM, evaluate
from baselines.a2c_lstm import A2CLSTMConfig
from baselines.common.environments import make_vector_env
from baselines.evaluation.pretrained import pretrained_path
from baselines.experiments.out_of_distribution import bandits, splits
from baselines.experiments.out_of_distribution.smaller_room import SmallerRoom

ROOMS = [("MetaGridworld-v0", 4), ("MetaDarkRoom-v0", 7), ("MetaDarkRoom-v0", 4)]


class Watcher:
    """Keeps what an agent is shown."""

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        self.shown = observation
        return np.zeros(len(observation), np.int64), None


@pytest.mark.parametrize(("env_id", "size"), ROOMS)
def test_a_walk_in_the_smaller_room_looks_like_the_same_walk_in_the_larger(tmp_path, env_id, size):
    """As long as no wall of the smaller one is in the way."""
    path = tmp_path / "agent.safetensors"
    A2CLSTM(env_id, A2CLSTMConfig(hidden_size=4, num_envs=1)).save(path)
    room = SmallerRoom(path, env_id, size)
    room.agent = Watcher()
    large, small = make_vector_env(env_id, 1), make_vector_env(env_id, 1, {"size": size})
    seen, other = large.reset(seed=0)[0], small.reset(seed=0)[0]
    room.predict(other)
    assert np.array_equal(room.agent.shown, seen)
    same = 0
    for action in (1, 3, 2, 4, 0, 1, 2, 3, 4):
        seen, other = large.step([action])[0], small.step([action])[0]
        room.predict(other)
        # Rewards tell of goals, which are elsewhere.
        here, there = (one[0, : room.num_cells] for one in (room.agent.shown, seen))
        assert here.sum() == there.sum() == 1
        same += bool((here == there).all())
        if not (here == there).all():
            break
    assert same >= 2


def test_a_split_scores_the_included_agent_on_the_other_tasks():
    played = splits.play("a2c-lstm", "MetaBandit-v0", {"num_trials": 5}, 20, 3)
    path = pretrained_path("MetaBandit-v0")
    alone = evaluate(path, "MetaBandit-v0", 20, 3, {"num_trials": 5}, transfer=True)
    assert np.array_equal(played.rewards, alone.rewards)


def test_every_split_can_be_played():
    """Its environment takes the arguments, and differs from that of training."""
    for tasks in splits.SPLITS.values():
        for env_id, kwargs in tasks:
            usual, other = make_vector_env(env_id, 1), make_vector_env(env_id, 1, kwargs)
            for name, value in kwargs.items():
                given, own = (getattr(e.unwrapped.family, name) for e in (other, usual))
                assert given == value != own


def test_the_heat_map_tells_who_was_trained_on_what(tmp_path):
    """The worst pair is named by row, what it was trained on, and column."""
    excess = np.full((5, 5), 0.5)
    excess[1, 4] = 9.0
    told = bandits._tell("a2c-lstm", excess)
    assert "trained on dependent, uniform and tested on hard (9.00 more" in told
    bandits.draw(tmp_path / "map.svg", {"a2c-lstm": excess})
    assert ">9.00</text>" in (tmp_path / "map.svg").read_text()
