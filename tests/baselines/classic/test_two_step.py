"""The two learners of the two-step task, by hand and against the paper's prediction."""

import numpy as np
import pytest

from baselines.analysis.two_step import read_trials, stay_probabilities
from baselines.common.environments import make_vector_env
from baselines.evaluation.evaluate import evaluate
from baselines.registry import make_agent

FIG_5B = {
    "two-step-model-based": (0.97, 0.0, 0.0, 0.94),
    "two-step-model-free": (0.85, 0.85, 0.18, 0.18),
}
"""Read off Wang et al. 2016, Fig. 5b, to about 0.01."""
OURS = {
    "two-step-model-based": (0.97, 0.03, 0.03, 0.97),
    "two-step-model-free": (0.85, 0.84, 0.17, 0.18),
}
"""As the agents' docstrings say."""


def stay_shares(agent, env_id, episodes):
    return stay_probabilities(read_trials(evaluate(agent, env_id, episodes))).mean


@pytest.mark.parametrize("name", list(OURS))
def test_they_stay_as_often_as_they_say_and_nearly_as_the_paper_predicts(name):
    """Broken if the defaults do not give Fig. 5b; standard errors are below 0.004."""
    shares = stay_shares(name, "MetaTwoStep-v0", 20_000)
    assert shares == pytest.approx(OURS[name], abs=0.013)
    assert shares == pytest.approx(FIG_5B[name], abs=0.05)


def test_each_is_what_its_name_says_with_reversals_and_fixation_too():
    """Only the model-based learner looks at the transition; both look at the reward."""
    shares = stay_shares("two-step-model-based", "MetaTwoStepReversal-v0", 500)
    assert shares[0] > 0.9 > 0.1 > shares[1] and shares[3] > 0.9 > 0.1 > shares[2]
    shares = stay_shares("two-step-model-free", "MetaTwoStepReversal-v0", 500)
    assert abs(shares[0] - shares[1]) < 0.05 and abs(shares[2] - shares[3]) < 0.05
    assert shares[0] > 0.8 > 0.2 > shares[2]


@pytest.mark.parametrize("fixation", [False, True])
@pytest.mark.parametrize(
    ("name", "values"),
    [("two-step-model-based", [0.375, 0.625]), ("two-step-model-free", [0.625, 0.375])],
)
def test_a_reward_counts_for_the_state_or_for_the_choice(name, values, fixation):
    """One trial by hand: action 0, a rare transition to S3, reward 1; .5 -> .5 + .25 * .5."""
    env = make_vector_env("MetaTwoStep-v0", 1, {"fixation": fixation})
    agent = make_agent(f"{name},learning_rate=0.25,inverse_temperature=4", env)
    memory, s1 = agent.initial_memory(1), int(fixation)
    steps = [(s1, 0, 0.0, s1 + 2), (s1 + 2, 1, 1.0, 0)]
    for step in ([(0, 1, 0.0, 1)] if fixation else []) + steps:
        assert memory[0, 2:].tolist() == [0.5, 0.5]
        agent.update(memory, *(np.array([x]) for x in step))
    assert memory[0, 2:].tolist() == values
    # What the choices are worth: the model-based learner weighs the states with .75 and .25.
    weight = 0.5 if "based" in name else 1.0
    agent.set_random_seed(0)
    memory[:, 0] = s1
    share = agent.act(np.repeat(memory, 40_000, axis=0)).mean()
    expected = 1 / (1 + np.exp(-4 * weight * (values[1] - values[0])))
    assert abs(share - expected) < 5 * 0.5 / 200


def test_no_reward_is_a_sign_for_the_other_option():
    """The fictitious update: after no reward the other value rises as the own one falls."""
    env = make_vector_env("MetaTwoStep-v0", 1)
    agent = make_agent("two-step-model-free,learning_rate=0.5", env)
    memory = agent.initial_memory(1)
    for step in ((0, 1, 0.0, 2), (2, 0, 0.0, 0)):
        agent.update(memory, *(np.array([x]) for x in step))
    assert memory[0, 2:].tolist() == [0.75, 0.25]


@pytest.mark.parametrize("name", list(OURS))
def test_a_high_temperature_is_certain_and_none_is_a_coin(name):
    """Broken if the softmax overflows."""
    env = make_vector_env("MetaTwoStep-v0", 1)
    memory = np.tile((0.0, 0.0, 0.9, 0.1), (10_000, 1))
    for temperature, share in ((1e9, 0.0), (0, 0.5)):
        agent = make_agent(f"{name},inverse_temperature={temperature}", env)
        agent.set_random_seed(0)
        assert abs(agent.act(memory).mean() - share) < 0.025
