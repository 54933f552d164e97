"""The agent as its users call it: learning, predicting, saving, other people's environments."""

import copy

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorWrapper

from baselines.a2c_lstm import A2CLSTM, A2CLSTMConfig, Schedule
from baselines.common.environments import make_vector_env
from baselines.common.errors import InputError
from baselines.common.schedule import constant
from baselines.evaluation.evaluate import evaluate
from tests.baselines import aim

QUICK = A2CLSTMConfig(num_envs=8, hidden_size=8)


def weights(agent):
    return {name: tensor.clone() for name, tensor in agent.network.state_dict().items()}


def test_learns_to_learn():
    """Random has regret 8 here, and an agent without memory cannot get below it."""
    config = A2CLSTMConfig(num_envs=16, learning_rate=Schedule(5e-3, 0), discount=constant(0.8))
    kwargs = {"num_trials": 20}
    agent = A2CLSTM("MetaBanditDependentEasy-v0", config, seed=0, env_kwargs=kwargs)
    agent.learn(600 * 16 * 20)
    scores = evaluate(agent, "MetaBanditDependentEasy-v0", 500, seed=1, env_kwargs=kwargs)
    assert scores.mean_regret < 4


def test_without_memory_it_cannot_learn_inside_an_episode():
    """The agent to compare with must not remember by another way: its best regret here is 3.2.

    It can stay with what has just paid and leave what has not; more takes memory.
    """
    kwargs = {"num_trials": 40, "p1_values": [0.4, 0.6]}
    config = A2CLSTMConfig(num_envs=16, memory=False, learning_rate=Schedule(5e-3, 0))
    agent = A2CLSTM("MetaBanditDependentUniform-v0", config, seed=0, env_kwargs=kwargs)
    agent.learn(100 * 16 * 40)
    observation = np.random.default_rng(0).random((5, 4)).astype(np.float32)
    _, state = agent.predict(observation)
    agent.predict(observation[::-1].copy(), state)
    scores = [agent.predict(observation, s, deterministic=True)[1] for s in (None, state)]
    np.testing.assert_array_equal(*scores)
    assert agent.backend.starts.all()
    # Win-stay lose-shift is best: regret .2 x 40 x P(wrong arm) = 8 x .4 = 3.2.
    regret = evaluate(agent, "MetaBanditDependentUniform-v0", 2_000, env_kwargs=kwargs)
    assert 3.0 < regret.mean_regret < 4.2


class Recall(gym.Env):
    """Shows a cue once, then waits for 1 to 4 steps: each action like the cue pays 1."""

    observation_space = spaces.Box(-1, 1, (2,))
    action_space = spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.cue, self.left = self.np_random.integers(2), self.np_random.integers(1, 5)
        return np.array([2 * self.cue - 1, 1], np.float32), {}

    def step(self, action):
        self.left -= 1
        over = bool(self.left == 0)
        return np.zeros(2, np.float32), float(action == self.cue), over, False, {}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_learns_in_an_environment_that_is_not_ours(mode):
    """Episodes of unequal length in both autoreset modes; chance is half of the steps.

    A state that was reset a step early or late would lose the cue or keep an old one.
    """
    envs = SyncVectorEnv([Recall] * 16, autoreset_mode=mode)
    config = A2CLSTMConfig(num_steps=15, hidden_size=16, learning_rate=Schedule(1e-2, 0))
    agent = A2CLSTM(envs, config, seed=0).learn(250 * 16 * 15)
    gym.register("Recall-v0", entry_point=Recall)
    try:
        scores = evaluate(agent, "Recall-v0", 400)
    finally:
        del gym.registry["Recall-v0"]
    assert scores.rewards.sum() / scores.lengths.sum() > 0.95


NEXT = AutoresetMode.NEXT_STEP


def test_learns_in_our_environment_in_mode_next_step():
    """As in `test_learns_to_learn`. Broken if a reset step were learnt from, or left out twice."""
    kwargs = {"num_trials": 20}
    env = gym.make_vec("MetaBanditDependentEasy-v0", 16, autoreset_mode=NEXT, **kwargs)
    config = A2CLSTMConfig(learning_rate=Schedule(5e-3, 0), discount=constant(0.8))
    agent = A2CLSTM(env, config, seed=0).learn(600 * 16 * 21)
    scores = evaluate(agent, "MetaBanditDependentEasy-v0", 500, seed=1, env_kwargs=kwargs)
    assert scores.mean_regret < 4


@pytest.mark.parametrize("num_steps", [None, 17])
def test_our_environment_in_mode_next_step_teaches_what_sync_does(num_steps):
    """Whole episodes with the step that starts the next one, unless asked otherwise.

    Broken if it took the shorter way, which is that of SAME_STEP, or if a step in which no
    regret is reported had that of the rollout before.
    """
    make = {"id": "MetaBandit-v0", "num_envs": 3, "num_trials": 10}
    mode = {"autoreset_mode": NEXT}
    envs = (
        gym.make_vec(**make, **mode),
        gym.make_vec(**make, vectorization_mode="sync", vector_kwargs=mode),
    )
    rollouts, metrics, agents = [], [], []
    for env in envs:
        steps = num_steps or (11 if agents else None)
        agent = A2CLSTM(env, A2CLSTMConfig(num_steps=steps, hidden_size=5), seed=3)
        agents.append(agent)
        assert agent.collector.bare is None
        agent.learn(1)
        rollouts.append(copy.deepcopy(agent.collector.rollout))
        agent.learn(600, callback=lambda latest: metrics.append(latest) or True)
    for name, array in vars(rollouts[0]).items():
        np.testing.assert_array_equal(array, vars(rollouts[1])[name])
    if num_steps is None:
        assert rollouts[0].valid[:10].all() and not rollouts[0].valid[10].any()
        assert rollouts[0].dones[9].all()
    assert agents[0].weights_digest() == agents[1].weights_digest()
    first, second = metrics[: len(metrics) // 2], metrics[len(metrics) // 2 :]
    for one, other in zip(first, second, strict=True):
        assert one | {"steps_per_second": 0} == other | {"steps_per_second": 0}
    last = agents[0].collector.rollout
    assert last.regrets.any() and not last.regrets[~last.valid].any()


def test_the_same_seed_gives_the_same_agent():
    first, second, other = (
        A2CLSTM("MetaBandit-v0", QUICK, seed=seed).learn(3_200) for seed in (1, 1, 2)
    )
    for name, tensor in weights(first).items():
        assert torch.equal(tensor, weights(second)[name])
    assert not torch.equal(first.network.heads.weight, other.network.heads.weight)


def test_a_wrapped_environment_teaches_the_same():
    """Broken if the shorter way through our own environments would not lead to the same end."""
    config = A2CLSTMConfig(num_envs=5, num_steps=30, hidden_size=7)
    env = make_vector_env("MetaTwoStep-v0", 5)
    agents = [A2CLSTM(one, config) for one in (env, VectorWrapper(env))]
    assert [agent.collector.bare is None for agent in agents] == [False, True]
    metrics = []
    for agent in agents:
        agent.learn(4_000, callback=lambda latest: metrics.append(latest) or True)
    assert agents[0].weights_digest() == agents[1].weights_digest()
    first, second = metrics[: len(metrics) // 2], metrics[len(metrics) // 2 :]
    for one, other in zip(first, second, strict=True):
        assert one | {"steps_per_second": 0} == other | {"steps_per_second": 0}


def test_a_rollout_is_one_whole_episode_unless_asked_otherwise():
    """Back-propagation through time must not cut an episode by default."""
    agent = A2CLSTM("MetaBandit-v0", QUICK, env_kwargs={"num_trials": 30})
    agent.learn(1)
    rollout = agent.collector.rollout
    assert agent.num_timesteps == 30 * 8
    assert agent.backend.starts[0].all()
    assert not agent.backend.starts[1:].any()
    assert rollout.dones[-1].all()
    cut = A2CLSTM("MetaBandit-v0", A2CLSTMConfig(num_envs=8, num_steps=7))
    assert cut.learn(1).num_timesteps == 7 * 8


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_a_truncation_is_not_taken_for_an_end(mode):
    """Where time ran out the value of what would have followed counts; at an end it does not."""

    class Clock(gym.Env):
        observation_space = spaces.Box(0, 9, (1,))
        action_space = spaces.Discrete(2)

        def __init__(self, truncates):
            self.truncates = truncates

        def reset(self, seed=None, options=None):
            self.t = 0
            return np.zeros(1, np.float32), {}

        def step(self, action):
            self.t += 1
            over = self.t == 3
            observation = np.full(1, self.t, np.float32)
            return observation, 1.0, over and not self.truncates, over and self.truncates, {}

    envs = SyncVectorEnv([lambda: Clock(True), lambda: Clock(False)], autoreset_mode=mode)
    agent = A2CLSTM(envs, A2CLSTMConfig(num_steps=3), seed=0)
    torch.nn.init.constant_(agent.network.heads.bias, 2.0)
    agent.collector.reset(0)
    rollout = agent.collector.collect(discount=0.5)
    x = torch.tensor([0.0, 1, 2, 3])[:, None, None]
    starts = torch.tensor([[True], [False], [False], [False]])
    heads, _ = agent.network(x, agent.network.initial_state(1), starts)
    assert rollout.bootstraps[2, 0] == pytest.approx(0.5 * heads[3, 0, -1].item(), abs=1e-5)
    assert rollout.bootstraps[2, 1] == 0
    assert rollout.dones[2].all()


def test_a_saved_agent_predicts_and_learns_as_before(tmp_path):
    agent = A2CLSTM("MetaBandit-v0", QUICK, seed=3).learn(1_600)
    agent.save(tmp_path / "agent.safetensors")
    again = A2CLSTM.load(tmp_path / "agent.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["agent.safetensors"]
    assert (again.num_timesteps, again.config) == (agent.num_timesteps, agent.config)
    scores = [evaluate(a, "MetaBandit-v0", 20, seed=1).rewards for a in (agent, again)]
    np.testing.assert_array_equal(*scores)
    # Both go on from here: the optimiser's state, the generator and the counters must have come
    # along, and the evaluation must not have touched them.
    for a in (agent, again):
        a.learn(3_200)
    for name, tensor in weights(agent).items():
        assert torch.equal(tensor, weights(again)[name])


def test_predict_keeps_to_the_batch_and_restarts():
    """A restarted row must act as a fresh one, and the others as if nothing had happened."""
    agent = A2CLSTM("MetaBandit-v0", QUICK, seed=0)
    torch.nn.init.normal_(agent.network.heads.weight)
    rng = np.random.default_rng(0)
    x = rng.random((2, 6, 4)).astype(np.float32)
    _, state = agent.predict(x[0], deterministic=True)
    start = np.array([True] * 3 + [False] * 3)
    _, mixed = agent.predict(x[1], state, start, deterministic=True)
    _, fresh = agent.predict(x[1], None, None, deterministic=True)
    _, carried = agent.predict(x[1], state, np.zeros(6, bool), deterministic=True)
    np.testing.assert_allclose(mixed[0][:3], fresh[0][:3], atol=1e-6)
    np.testing.assert_allclose(mixed[0][3:], carried[0][3:], atol=1e-6)


def test_actions_are_sampled_from_the_policy_unless_deterministic():
    """With logits 0 and log 3 the second action must come three times out of four."""
    agent = A2CLSTM("MetaBandit-v0", QUICK)
    torch.nn.init.zeros_(agent.network.heads.weight)
    with torch.no_grad():
        agent.network.heads.bias[:2] = torch.tensor([0.0, np.log(3)])
    agent.set_random_seed(0)
    x = np.zeros((20_000, 4), np.float32)
    share = agent.predict(x)[0].mean()
    # Five standard errors: a false alarm in two million runs.
    assert abs(share - 0.75) < 5 * (0.75 * 0.25 / 20_000) ** 0.5
    assert agent.predict(x, deterministic=True)[0].all()


def test_a_callback_can_stop_the_training():
    agent = A2CLSTM("MetaBandit-v0", QUICK)
    agent.learn(80_000, lambda metrics: metrics["num_timesteps"] < 1_600)
    assert agent.num_timesteps == 1_600


@pytest.mark.parametrize("space", [spaces.Discrete(3), spaces.Box(0, 1, (2, 2))])
def test_observations_of_other_shapes_are_flattened(space):
    class Other(gym.Env):
        observation_space = space
        action_space = spaces.Discrete(2, start=5)

        def reset(self, seed=None, options=None):
            super().reset(seed=seed)
            self.observation_space.seed(seed)
            return self.observation_space.sample(), {}

        def step(self, action):
            assert action in (5, 6)
            return self.observation_space.sample(), 0.0, False, self.np_random.random() < 0.2, {}

    envs = SyncVectorEnv([Other] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    agent = A2CLSTM(envs, A2CLSTMConfig(num_steps=8)).learn(64)
    observation, _ = envs.reset(seed=0)
    assert set(agent.predict(observation)[0].tolist()) <= {5, 6}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: A2CLSTM("Nothing-v0"), "there is no environment 'Nothing-v0'"),
        (lambda: A2CLSTM("CartPole-v1"), "`num_steps` must be given"),
        (lambda: A2CLSTM(aim.ODD_ID), "actions must be Discrete or a Box"),
        (
            lambda: A2CLSTM(
                SyncVectorEnv(
                    [lambda: gym.make("CartPole-v1")], autoreset_mode=AutoresetMode.DISABLED
                )
            ),
            "autoreset_mode",
        ),
        (
            lambda: A2CLSTM(gym.make_vec("MetaBandit-v0", 2, autoreset_mode="Disabled")),
            "autoreset_mode",
        ),
        (
            lambda: A2CLSTM("MetaBandit-v0", env_kwargs={"autoreset_mode": "NextStep"}),
            "`env_kwargs` must not name an autoreset_mode",
        ),
    ],
)
def test_environments_it_cannot_learn_in_are_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert message in str(caught.value)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError) as caught:
        A2CLSTM.load(path)
    assert "cannot be read" in str(caught.value)
    agent = A2CLSTM("MetaBandit-v0", QUICK)
    agent.save(tmp_path / "ok.safetensors")
    with pytest.raises(InputError) as caught:
        A2CLSTM.load(tmp_path / "ok.safetensors", "MetaBanditInformative-v0")
    assert "was trained on MetaBandit-v0" in str(caught.value)
