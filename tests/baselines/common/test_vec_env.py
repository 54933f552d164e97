"""The adapter, against Stable-Baselines3's own DummyVecEnv and against sums done by hand."""

import gymnasium as gym
import numpy as np
import pytest
import sb3_contrib
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import ClipReward, TimeLimit
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from baselines import GymnasiumVecEnv, RecurrentPPO, RecurrentPPOConfig
from baselines.common.errors import InputError
from baselines.evaluation.evaluate import evaluate


def make_native(num_envs=3, **kwargs):
    return GymnasiumVecEnv(gym.make_vec("MetaBandit-v0", num_envs, num_trials=5, **kwargs))


def play(venv, num_steps, seed=0):
    """Plays the same actions whatever the environment; yields what each step brings."""
    rng = np.random.default_rng(seed)
    for _ in range(num_steps):
        actions = rng.integers(venv.action_space.n, size=venv.num_envs)
        yield actions, *venv.step(actions)


@pytest.mark.parametrize("kind", ["native", "ragged"])
def test_agrees_with_dummy_vec_env(kind, ragged_class, make_ragged):
    """Otherwise a model would see other episodes here than where Stable-Baselines3 steps them."""
    if kind == "native":
        ours = make_native()
        scalar = [lambda: gym.make("MetaBandit-v0", num_trials=5)] * 3
    else:
        ours, scalar = GymnasiumVecEnv(make_ragged(3)), [ragged_class] * 3
    theirs = DummyVecEnv(scalar)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.seed(7) == theirs.seed(7)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    for mine, reference in zip(play(ours, 25), play(theirs, 25), strict=True):
        for a, b in zip(mine[:4], reference[:4], strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype
        for done, a, b in zip(mine[3], mine[4], reference[4], strict=True):
            assert ("terminal_observation" in a) == ("terminal_observation" in b) == done
            if done:
                np.testing.assert_array_equal(a["terminal_observation"], b["terminal_observation"])
                assert a["TimeLimit.truncated"] == b["TimeLimit.truncated"]


@pytest.mark.parametrize("kind", ["native", "ragged"])
def test_episode_statistics_are_the_sums_over_the_episode(kind, make_ragged):
    """They fill Stable-Baselines3's log; a sum not cleared would run on into the next episode."""
    venv = make_native() if kind == "native" else GymnasiumVecEnv(make_ragged(3))
    venv.seed(1)
    venv.reset()
    returns, lengths, regrets, episodes = np.zeros(3), np.zeros(3), np.zeros(3), 0
    # The native environment tells its tasks, which give the regret of each action.
    tasks = venv.env.tasks if kind == "native" else None
    for actions, _, rewards, dones, infos in play(venv, 40):
        returns, lengths = returns + rewards, lengths + 1
        if tasks is None:
            regrets = regrets + 1 - actions
        else:
            p = np.array([next(iter(task.values())) for task in tasks])
            regrets = regrets + p.max(1) - p[np.arange(3), actions]
            tasks = venv.env.tasks
        for i, info in enumerate(infos):
            if not dones[i]:
                assert info == {}
                continue
            episode, episodes = info["episode"], episodes + 1
            assert episode["r"] == returns[i]
            assert episode["l"] == lengths[i]
            assert episode["regret"] == pytest.approx(regrets[i])
            assert episode["t"] >= 0
            returns[i] = lengths[i] = regrets[i] = 0
    assert episodes > 10


def test_regret_is_left_out_where_the_environment_does_not_report_it():
    """A regret of 0 would look like a perfect agent."""
    cart_poles = SyncVectorEnv(
        [lambda: gym.make("CartPole-v1")] * 2, autoreset_mode=AutoresetMode.SAME_STEP
    )
    venv = GymnasiumVecEnv(cart_poles)
    venv.reset()
    finished = [info for *_, infos in play(venv, 100) for info in infos if info]
    assert finished
    assert all(set(info["episode"]) == {"r", "l", "t"} for info in finished)


def test_a_truncated_episode_is_marked(ragged_class):
    """Stable-Baselines3 adds the value of what was cut off only where this is set."""
    envs = [lambda: TimeLimit(ragged_class(), 3)] * 4
    venv = GymnasiumVecEnv(SyncVectorEnv(envs, autoreset_mode=AutoresetMode.SAME_STEP))
    venv.seed(0)
    venv.reset()
    ends = [info for *_, infos in play(venv, 40) for info in infos if info]
    # Where an episode would have ended on its last step anyway it is terminated, not cut.
    cut = [info["TimeLimit.truncated"] for info in ends if info["episode"]["l"] == 3]
    assert any(cut)
    assert not all(cut)
    assert not any(i["TimeLimit.truncated"] for i in ends if i["episode"]["l"] < 3)


def test_seeds_and_options_serve_one_reset():
    """Seeds kept for later resets would play the same tasks over and over."""
    venv = make_native()
    task = venv.env.tasks[0] if venv.reset() is not None else None
    venv.seed(5)
    venv.set_options({"task": task})
    venv.reset()
    assert venv.env.tasks == (task,) * 3
    venv.seed(5)
    venv.reset()
    first = venv.env.tasks
    venv.reset()
    assert venv.env.tasks != first
    venv.seed(5)
    venv.reset()
    assert venv.env.tasks == first


def test_options_must_be_the_same_for_all():
    venv = make_native()
    venv.set_options([{}, {}, {"task": {}}])
    with pytest.raises(ValueError, match="same for every sub-environment"):
        venv.reset()


def test_what_a_step_returns_is_not_written_to_again():
    """A rollout keeps the last observation while the next step is taken."""
    venv = make_native()
    venv.reset()
    kept = [(obs, obs.copy()) for _, obs, *_ in play(venv, 12)]
    for obs, copy in kept:
        np.testing.assert_array_equal(obs, copy)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED])
def test_other_autoreset_modes_are_refused(ragged_class, mode):
    """With NEXT_STEP every episode would begin with a step that does nothing."""
    native = gym.make_vec("MetaBandit-v0", num_envs=2, autoreset_mode=mode)
    message = r"`env` must have autoreset_mode=AutoresetMode.SAME_STEP, .*make_vec.*, got"
    for env in (SyncVectorEnv([ragged_class], autoreset_mode=mode), native):
        with pytest.raises(InputError, match=message) as error:
            GymnasiumVecEnv(env)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=message):
        RecurrentPPO(native, RecurrentPPOConfig(num_envs=2))


@pytest.mark.parametrize(
    ("agent", "kwargs"),
    [
        (PPO, {"n_steps": 60, "batch_size": 240, "n_epochs": 4}),
        (A2C, {"n_steps": 6}),
        (
            sb3_contrib.RecurrentPPO,
            {
                "n_steps": 60,
                "batch_size": 240,
                "n_epochs": 4,
                "policy_kwargs": {"lstm_hidden_size": 8},
            },
        ),
    ],
    ids=["PPO", "A2C", "RecurrentPPO"],
)
def test_stock_agents_learn_in_it(agent, kwargs):
    """One of the arms is always better: without memory that can be learnt. Random has regret 4."""
    task = {"num_trials": 10, "p1_values": [0.9]}
    env = GymnasiumVecEnv(gym.make_vec("MetaBanditDependentEasy-v0", num_envs=8, **task))
    policy = "MlpLstmPolicy" if agent is sb3_contrib.RecurrentPPO else "MlpPolicy"
    model = agent(policy, env, learning_rate=5e-3, seed=0, device="cpu", **kwargs)
    model.learn(4_800)
    assert model.ep_info_buffer[-1]["l"] == 10
    assert evaluate(model, "MetaBanditDependentEasy-v0", 100, env_kwargs=task).mean_regret < 1.5


def test_attributes_of_a_native_environment_stand_for_all():
    """Stable-Baselines3 asks the sub-environments for attributes, and there are none here."""
    venv = make_native(render_mode="ansi")
    assert venv.render_mode == "ansi"
    assert venv.get_attr("render_mode") == ["ansi"] * 3
    assert venv.get_attr("family", indices=1) == [venv.env.family]
    assert not venv.has_attr("no_such_thing")
    venv.set_attr("mark", 4)
    assert venv.get_attr("mark", indices=[0, 2]) == [4, 4]
    venv.reset()
    assert venv.env_method("render") == [venv.env.render()] * 3
    with pytest.raises(ValueError, match="indices"):
        venv.set_attr("mark", 5, indices=0)
    with pytest.raises(ValueError, match="indices"):
        venv.env_method("close", indices=[1])
    venv.close()


def test_attributes_of_sub_environments_are_their_own(make_ragged, ragged_class):
    envs = [ragged_class, lambda: ClipReward(ragged_class(), 0, 1)]
    venv = GymnasiumVecEnv(SyncVectorEnv(envs, autoreset_mode=AutoresetMode.SAME_STEP))
    venv.seed(0)
    venv.reset()
    lefts = [env.unwrapped.left for env in venv.env.envs]
    assert venv.get_attr("left") == lefts
    assert venv.get_attr("left", indices=1) == lefts[1:]
    venv.set_attr("mark", [1, 2])
    assert venv.get_attr("mark") == [1, 2]
    assert [look.shape for look in venv.env_method("look")] == [(3,), (3,)]
    assert venv.env_is_wrapped(ClipReward) == [False, True]


def test_images_are_tiled():
    venv = make_native(render_mode="rgb_array")
    venv.reset()
    one = venv.get_images()[0]
    assert venv.render().shape == (2 * one.shape[0], 2 * one.shape[1], 3)


def test_evaluate_policy_takes_it_for_monitored():
    """Otherwise Stable-Baselines3 warns, and counts returns without the adapter's help."""
    venv = make_native()
    assert venv.env_is_wrapped(Monitor) == [True] * 3
    assert venv.env_is_wrapped(TimeLimit) == [False] * 3

    class Always:
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return np.zeros(len(observation), np.int64), None

    returns, lengths = evaluate_policy(Always(), venv, 9, return_episode_rewards=True)
    assert len(returns) == 9
    assert lengths == [5] * 9
