"""What is looked at afterwards is what happened."""

import dataclasses
import json

import numpy as np
import pytest

from baselines.common.environments import derive_seeds
from baselines.common.errors import InputError
from baselines.evaluation.episodes import Episode
from baselines.evaluation.evaluate import BATCH, evaluate
from baselines.evaluation.replay import replay


class Witness:
    """Acts at random, and keeps what it saw and did."""

    def __init__(self, num_actions):
        self.rng = np.random.default_rng(0)
        self.num_actions = num_actions
        self.calls = []

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        actions = self.rng.integers(self.num_actions, size=len(observation))
        self.calls.append((observation.copy(), actions))
        return actions, state


def observed(env, observation, infos):
    """What the agent saw, as a number that tells any two one-hot vectors apart."""
    return observation @ np.arange(1, observation.shape[1] + 1, dtype=np.float32)


@pytest.mark.parametrize("env_id", ["MetaTwoStepReversal-v0", "MetaDarkRoom-v0"])
def test_what_a_replay_shows_is_what_the_agent_saw(env_id):
    """Broken if a replay met another task or other noise."""
    witness = Witness(2)
    evaluation = evaluate(witness, env_id, 5, seed=3)
    seen = np.stack([observed(None, observation, {}) for observation, _ in witness.calls], axis=1)
    assert len(np.unique(seen)) > 5
    np.testing.assert_array_equal(replay(evaluation, observed), seen)


def test_every_batch_is_replayed_and_in_order():
    """Broken if the episodes of a later batch were those of another one."""
    evaluation = evaluate("random", "MetaBanditInformative-v0", BATCH + 3, seed=1)
    seen = replay(evaluation, lambda env, observation, infos: observation[:, :11].argmax(axis=1))
    np.testing.assert_array_equal(seen[:, 1:], evaluation.actions[:, :-1])


def test_given_tasks_are_replayed_too():
    """Broken if a replay drew the task of the seed where the episode had one of its own."""
    tasks = [json.dumps({"probabilities": p}) for p in ([0.0, 1.0], [1.0, 0.0])]
    seeds = derive_seeds(0, "evaluation", 2)
    episodes = [Episode(s, t) for s, t in zip(seeds, tasks, strict=True)]
    replay(evaluate("random", "MetaBandit-v0", episodes), observed)


def test_episodes_of_different_lengths_are_zero_past_their_end():
    """Broken if the next episode of a sub-environment got into the record."""
    witness = Witness(2)
    evaluation = evaluate(witness, "CartPole-v1", 8, seed=0)
    played = np.arange(evaluation.actions.shape[1]) < evaluation.lengths[:, None]
    assert not played.all()
    seen = np.stack([observed(None, observation, {}) for observation, _ in witness.calls], axis=1)
    np.testing.assert_array_equal(replay(evaluation, observed), seen * played)
    actions = np.stack([actions for _, actions in witness.calls], axis=1)
    np.testing.assert_array_equal(evaluation.actions, actions * played)


def test_a_record_that_does_not_repeat_is_refused():
    """Broken if an environment with noise of its own were analysed as if it were the same."""
    evaluation = evaluate("random", "MetaBandit-v0", 4)
    other = dataclasses.replace(evaluation, actions=1 - evaluation.actions)
    with pytest.raises(InputError, match="did not give the same rewards again"):
        replay(other, observed)


def test_actions_take_a_byte_each():
    """They are recorded by every evaluation, so they must cost little beside the rewards."""
    assert evaluate("random", "MetaBandit-v0", 2).actions.dtype == np.uint8
    many = evaluate("random", "MetaBandit-v0", 2, env_kwargs={"num_arms": 300})
    assert many.actions.dtype == np.uint16
    assert many.actions.max() > 255
