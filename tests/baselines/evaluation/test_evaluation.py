"""The evaluator: known scores, equal noise for all, and seeds that keep apart."""

import json

import gymnasium as gym
import numpy as np
import pytest

from baselines.common.environments import derive_seeds, make_vector_env
from baselines.common.errors import InputError
from baselines.evaluation.compare import compare
from baselines.evaluation.episodes import Episode, read_episodes, save_episodes
from baselines.evaluation.evaluate import BATCH, evaluate
from baselines.experiments.wang2016_bandits import DERIVED, DISTRIBUTIONS
from tests.baselines import aim
from tests.meta_envs.cases import playable_ids

KNOWN_REGRET = {
    (agent, env_id): regret
    for agent, regrets in DERIVED.items()
    for env_id, regret in zip(DISTRIBUTIONS.values(), regrets, strict=True)
} | {
    ("optimal", "MetaBandit-v0"): 1.748,
    ("thompson", "MetaBanditInformative-v0"): 14.0,
    ("optimal", "MetaBanditInformative-v0"): 4.45,
}


@pytest.mark.parametrize(("agent", "env_id"), KNOWN_REGRET)
def test_regret_is_the_one_calculated_independently(agent, env_id):
    """The values come from other programs than ours; 5 standard errors and their rounding."""
    evaluation = evaluate(agent, env_id, 4_000, seed=3)
    error = (evaluation.ci95_regret[1] - evaluation.mean_regret) / 1.96
    assert abs(evaluation.mean_regret - KNOWN_REGRET[agent, env_id]) < 5 * error + 0.006


def test_every_agent_meets_the_same_tasks_and_noise():
    """Where two agents pull the same arm at the same trial, they must be paid the same."""
    by_agent = [
        evaluate(agent, "MetaBanditDependentHard-v0", 50, seed=5) for agent in ("random", "optimal")
    ]
    same_arm = by_agent[0].regret == by_agent[1].regret
    assert 0.2 < same_arm.mean() < 0.8
    np.testing.assert_array_equal(*(e.rewards[same_arm] for e in by_agent))


def test_an_episode_can_be_played_again_in_the_scalar_environment():
    """Episode i must be that of the i-th derived seed, whatever the batching."""
    e = evaluate("optimal", "MetaBanditInformative-v0", BATCH + 3, seed=9)
    env = gym.make("MetaBanditInformative-v0")
    env.reset(seed=derive_seeds(9, "evaluation", BATCH + 3)[BATCH + 1])
    target = env.unwrapped.task["target"]
    assert e.rewards[BATCH + 1, 0] == pytest.approx((target + 1) / 10)


def test_more_episodes_leave_the_first_ones_as_they_were():
    few = evaluate("optimal", "MetaBanditInformative-v0", 7, seed=1)
    many = evaluate("optimal", "MetaBanditInformative-v0", 30, seed=1)
    np.testing.assert_array_equal(few.rewards, many.rewards[:7])


def test_the_same_seed_gives_the_same_scores():
    """An evaluation that cannot be repeated cannot be checked."""
    first, second = (evaluate("thompson", "MetaBandit-v0", 20, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.rewards, second.rewards)
    other = evaluate("thompson", "MetaBandit-v0", 20, seed=5)
    assert not np.array_equal(first.rewards, other.rewards)


def test_an_evaluation_is_shown_in_a_line():
    """In a notebook its arrays would fill the screen."""
    e = evaluate("optimal", "MetaBandit-v0", 50)
    half = e.ci95_return[1] - e.mean_return
    assert repr(e).startswith(f"<optimal on MetaBandit-v0: return {e.mean_return:.3f} ± {half:.3f}")
    assert f", regret {e.mean_regret:.3f} ± " in repr(e) and repr(e).endswith(
        "50 episodes, seed 0>"
    )
    assert "regret" not in repr(evaluate("random", "CartPole-v1", 3))


def test_training_and_evaluation_seeds_have_nothing_in_common():
    """Otherwise an agent would be tested on tasks it was trained on."""
    count, num_envs = 2_000, 512
    sets = [set(derive_seeds(seed, "evaluation", count)) for seed in range(3)]
    for seed in range(3):
        for stage in range(3):
            first = derive_seeds(seed, "training", 1, stage)[0]
            sets.append(set(range(first, first + num_envs)))
    assert len(set.union(*sets)) == sum(len(s) for s in sets)


def test_episodes_of_different_lengths_end_where_they_end():
    """Rewards past an episode's end would count the next episode's."""
    e = evaluate("random", "CartPole-v1", 12, seed=0)
    assert e.regret is None
    assert e.mean_regret is None
    np.testing.assert_array_equal(e.rewards.sum(axis=1), e.lengths)
    assert len(set(e.lengths.tolist())) > 1


class Recorder:
    """Always takes the first action, and notes how it was called."""

    def __init__(self):
        self.calls = []

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        self.calls.append((state, episode_start.copy(), deterministic))
        return np.zeros(len(observation), np.int64), (len(self.calls),)


def test_state_and_episode_start_are_passed_as_sb3_passes_them():
    """An agent whose state was dropped could not remember anything inside the episode."""
    agent = Recorder()
    e = evaluate(agent, "MetaBanditInformative-v0", 3, deterministic=True)
    assert e.agent == "Recorder"
    assert e.deterministic
    assert [state for state, _, _ in agent.calls] == [None, (1,), (2,), (3,), (4,)]
    assert [start.all() for _, start, _ in agent.calls] == [True, False, False, False, False]
    assert all(deterministic for _, _, deterministic in agent.calls)


def test_an_agent_that_forgets_its_state_scores_at_chance_or_worse():
    """Without memory Thompson sampling sees one pull at most: far from its own score."""

    class Forgetful:
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return self.inner.predict(observation, None, np.ones(len(observation), bool))

    from baselines.registry import make_agent

    agent = Forgetful()
    agent.inner = make_agent("thompson", make_vector_env("MetaBandit-v0", 1))
    e = evaluate(agent, "MetaBandit-v0", 2_000)
    assert e.ci95_regret[0] < 16.67 < e.ci95_regret[1] + 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agent": "nobody"}, "there is no agent or checkpoint 'nobody'"),
        ({"env_id": "MetaBandits-v0"}, "(did you mean MetaBandit-v0?)"),
        ({"agent": "x" * 300}, "there is no agent or checkpoint 'xxx"),
        ({"episodes": 0}, "`episodes` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"env_kwargs": {"num_arms": 1}}, "num_arms must be a whole number of at least 2"),
        ({"env_kwargs": {"arms": 3}}, "arms"),
        ({"agent": "ucb,d=1"}, "no argument 'd': it takes c, prior"),
        ({"agent": "ucb,c=x"}, "name,key=number"),
        ({"agent": "ucb,c=-1"}, "c must be a number between 0 and inf, got -1"),
        ({"agent": "gittins", "env_id": "MetaBanditInformative-v0"}, "arms that pay 0 or 1"),
        ({"agent": "ucb", "env_id": "MetaTwoStep-v0"}, "ucb is for bandits: choose from random,"),
        ({"agent": "two-step-model-free"}, "is for the two-step task: choose from random, optimal"),
        ({"agent": "optimal", "env_kwargs": {"num_arms": 3}}, "num_arms=2"),
        ({"agent": "thompson", "env_kwargs": {"inputs": ["action"]}}, "last reward"),
        ({"agent": "ucb", "env_id": "CartPole-v1"}, "use random"),
        ({"tasks": []}, "`tasks` must name at least one task, got none"),
        ({"tasks": [{"probabilities": {1}}]}, "must be a list of dicts that JSON can hold"),
        ({"tasks": {"probabilities": [0.0, 1.0]}}, "hold, got 'probabilities' in it"),
        ({"tasks": [{"probabilities": [2, 0]}]}, "probabilities'] must be numbers of shape (2,)"),
        ({"tasks": [{}], "env_id": "CartPole-v1"}, "CartPole-v1 takes no `tasks`"),
        ({"tasks": [{}], "episodes": [Episode(0)]}, "leave `tasks=` out"),
        ({"env_id": aim.ODD_ID}, "must be Discrete or a Box of real numbers"),
    ],
)
def test_bad_input_is_named(arguments, message):
    arguments = {"agent": "random", "env_id": "MetaBandit-v0", "episodes": 2} | arguments
    with pytest.raises(InputError) as caught:
        evaluate(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cheating_agent_scores_zero_regret_and_more_than_the_optimum():
    """One that is told the task shows up: nothing that plays by the rules gets past 1."""
    env = make_vector_env("MetaBandit-v0", 400)

    class Cheat:
        """Peeks at the tasks of the seeds it knows the evaluator will use."""

        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            if state is None:
                env.reset(seed=derive_seeds(2, "evaluation", 400))
            return env.unwrapped.family.action_values().argmax(axis=1), (0,)

    cheat = evaluate(Cheat(), "MetaBandit-v0", 400, seed=2)
    assert cheat.mean_regret == 0
    assert cheat.normalized_score > 1
    assert not cheat.suboptimal.any()
    # On other tasks than those it knows, the same agent is no better than chance.
    fooled = evaluate(Cheat(), "MetaBandit-v0", 400, seed=3)
    assert fooled.ci95_regret[0] < 100 / 6 < fooled.ci95_regret[1] + 2


def test_normalized_score_puts_chance_at_zero_and_the_optimum_at_one():
    scores = {
        agent: evaluate(agent, "MetaBandit-v0", 500, seed=1).normalized_score
        for agent in ("random", "thompson", "optimal")
    }
    assert scores["optimal"] == 1
    assert abs(scores["random"]) < 1e-12
    assert 0.85 < scores["thompson"] < 1
    more_arms = evaluate("thompson", "MetaBandit-v0", 5, env_kwargs={"num_arms": 5})
    assert more_arms.normalized_score is None
    assert more_arms.difference_to_optimum is more_arms.ci95_difference_to_optimum is None


@pytest.mark.parametrize("seed", range(6))
def test_normalized_score_is_none_where_chance_and_optimum_cannot_be_told_apart(seed):
    """Dividing by their difference gave inf, -inf or nan, or a score upside down."""
    env_id = "MetaDarkRoomHard-v0"
    random, optimum = (evaluate(a, env_id, 3, seed).mean_return for a in ("random", "optimal"))
    score = evaluate("optimal", env_id, 3, seed).normalized_score
    assert score == (1 if optimum > random else None)


def test_the_difference_to_the_optimum_is_that_of_the_same_episodes():
    """Its interval must be the paired one, which is far narrower than that of the returns."""
    e, best = (evaluate(agent, "MetaBandit-v0", 500, seed=2) for agent in ("thompson", "optimal"))
    differences = e.returns - best.returns
    half = 1.96 * differences.std(ddof=1) / 500**0.5
    assert e.difference_to_optimum == pytest.approx(differences.mean())
    low, high = e.ci95_difference_to_optimum
    assert (high - low) / 2 == pytest.approx(half) and high < 0
    assert half < (e.ci95_return[1] - e.mean_return) / 3
    assert best.difference_to_optimum == 0


def test_comparison_is_paired_and_says_what_that_gains():
    """The paired interval must be that of the differences, and the narrower one here."""
    comparison = compare("optimal", "ucb", "MetaBandit-v0", episodes=1_000, seed=0)
    differences = comparison.first.returns - comparison.second.returns
    assert comparison.difference == pytest.approx(differences.mean())
    half = 1.96 * differences.std(ddof=1) / 1_000**0.5
    assert comparison.ci95 == pytest.approx(
        (comparison.difference - half, comparison.difference + half)
    )
    assert comparison.narrowing > 2
    low, high = comparison.unpaired_ci95
    assert (high - low) / (2 * half) == pytest.approx(comparison.narrowing)
    assert comparison.ci95[0] > 0
    lost = comparison.first.regrets - comparison.second.regrets
    assert comparison.regret_difference == pytest.approx(lost.mean())
    assert np.mean(comparison.ci95_regret) == pytest.approx(lost.mean())


def test_a_comparison_is_shown_in_three_lines():
    """Both scores, and what differs: a difference alone tells nothing of how good either is."""
    comparison = compare("optimal", "random", "MetaBandit-v0", episodes=1_000)
    first, second, difference = str(comparison).splitlines()
    for line, e in ((first, comparison.first), (second, comparison.second)):
        assert line.startswith(f"{e.agent:10}  return {e.mean_return:.3f} ± ")
        assert f", regret {e.mean_regret:.3f} ± " in line
    half = comparison.ci95[1] - comparison.difference
    assert difference.startswith(f"difference  return {comparison.difference:.3f} ± {half:.3f}, ")
    assert f"regret {comparison.regret_difference:.3f} ± " in difference
    assert difference.endswith(": optimal is better, over 1,000 episodes of MetaBandit-v0")
    same = compare("random", "random", "CartPole-v1", episodes=3)
    assert same.regret_difference is None and "regret" not in str(same)
    assert same.verdict == "no difference shown"


@pytest.mark.parametrize("env_id", ["MetaBanditRestless-v0", "MetaBanditInformative-v0"])
def test_saved_episodes_are_played_again_exactly(env_id, tmp_path):
    """Another agent must be able to meet the very same tasks and noise years later."""
    first = evaluate("optimal", env_id, 12, seed=8)
    save_episodes(tmp_path / "episodes.json", env_id, {}, first.episodes)
    again_id, kwargs, episodes = read_episodes(tmp_path / "episodes.json")
    again = evaluate("optimal", again_id, episodes, seed=8, env_kwargs=kwargs)
    np.testing.assert_array_equal(first.rewards, again.rewards)
    save_episodes(tmp_path / "again.json", again_id, kwargs, again.episodes)
    assert (tmp_path / "again.json").read_text() == (tmp_path / "episodes.json").read_text()


def test_a_changed_task_in_saved_episodes_is_the_one_played(tmp_path):
    """The file's tasks count, not only its seeds."""
    id = "MetaBanditInformative-v0"
    save_episodes(tmp_path / "e.json", id, {}, evaluate("random", id, 3).episodes)
    saved = json.loads((tmp_path / "e.json").read_text())
    del saved["checksum"]
    for episode, target in zip(saved["episodes"], (0, 4, 9), strict=True):
        episode["task"]["target"] = target
    (tmp_path / "e.json").write_text(json.dumps(saved))
    _, _, episodes = read_episodes(tmp_path / "e.json")
    played = evaluate("optimal", "MetaBanditInformative-v0", episodes)
    np.testing.assert_allclose(played.rewards[:, 0], [0.1, 0.5, 1.0])


@pytest.mark.parametrize("env_id", playable_ids())
def test_the_tasks_of_an_evaluation_can_be_given_to_another(env_id):
    """Broken if a task did not say all that it is, or another one was played than was given."""
    first = evaluate("random", env_id, 3, seed=8)
    texts = [json.dumps(task) for task in first.tasks]
    assert len(set(texts)) > 1
    again = evaluate("random", env_id, 4, seed=9, tasks=first.tasks[::-1])
    assert [json.dumps(task) for task in again.tasks] == [texts[i] for i in (2, 1, 0, 2)]


def test_regret_on_given_tasks_is_that_of_these():
    """A random agent loses half the difference of the arms in each of 100 pulls.

    The number of wrong pulls in 400 episodes is binomial: the bound of 4.5 standard deviations is
    missed once in 150,000 seeds.
    """
    tasks = [{"probabilities": np.array([0.9, 0.1])}, {"probabilities": [0.5, 0.6]}]
    regrets = evaluate("random", "MetaBandit-v0", 800, tasks=tasks).regrets
    for regret, gap in ((regrets[::2], 0.8), (regrets[1::2], 0.1)):
        assert abs(regret.mean() - 50 * gap) < 4.5 * gap * (100 / 4 / 400) ** 0.5


def test_an_environment_without_tasks_has_none_to_name():
    with pytest.raises(InputError, match="CartPole-v1 has no tasks"):
        _ = evaluate("random", "CartPole-v1", 2).tasks


def test_functions_and_names_of_other_peoples_agents_are_taken(tmp_path, monkeypatch):
    """A user's agent must not have to be a class of ours, nor be installed."""

    def second_arm(observation, state, episode_start, deterministic):
        return np.ones(len(observation), np.int64), None

    assert evaluate(second_arm, "MetaBandit-v0", 3).agent == "second_arm"
    (tmp_path / "my_agents.py").write_text(
        "import numpy as np\n"
        "def first_arm(observation, state, episode_start, deterministic):\n"
        "    return np.zeros(len(observation), np.int64), None\n"
        "class Same:\n"
        "    predict = staticmethod(lambda *a, **k: first_arm(*a))\n"
        "same = Same()\n"
    )
    monkeypatch.chdir(tmp_path)
    scores = [
        evaluate(name, "MetaBandit-v0", 9).rewards
        for name in ("my_agents:first_arm", "my_agents:same")
    ]
    np.testing.assert_array_equal(*scores)
    for name, message in (
        ("my_agents:other", "has no 'other'"),
        ("no_such_module:x", "no module 'no_such_module'"),
        ("my_agents:Same", "is a class"),
        ("my_agents:np.nothing", "has no"),
    ):
        with pytest.raises(InputError) as caught:
            evaluate(name, "MetaBandit-v0", 3)
        assert message in str(caught.value)
