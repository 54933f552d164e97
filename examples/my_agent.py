"""Agents of your own, scored beside others: `python examples/my_agent.py`.

The same from the command line, in this folder:

    python -m baselines evaluate --env MetaBandit-v0 --agent my_agent:win_stay my_agent:counter ucb

An agent is called with the observations of many episodes at once, what it returned as its state in
the call before (None at the first), and where an episode has just started. It returns an action for
each, and its state: anything. Two arms are assumed here: an observation is [pulled the first,
pulled the second, reward, time], all zero at an episode's first step.
"""

import argparse

import numpy as np

from baselines import evaluate


def win_stay(observation, state, episode_start, deterministic):
    """A plain function: repeats an arm that paid, else takes the other."""
    last_action, reward = observation[:, :2].argmax(axis=1), observation[:, 2]
    return np.where(reward > 0, last_action, 1 - last_action), None


def recency(observation, state, episode_start, deterministic):
    """A function with a state, as a network's: what came of each arm, old rewards fading."""
    values = np.zeros((len(observation), 2)) if state is None else state
    values = np.where(episode_start[:, None], 0.5, values)  # Nothing is left of another episode.
    pulled, reward = observation[:, :2], observation[:, 2:3]
    values = values + 0.3 * pulled * (reward - values)
    return values.argmax(axis=1), values


class Counter:
    """An object that keeps its memory to itself: takes the arm that has paid best so far."""

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        """Chooses actions, as Stable-Baselines3's models do."""
        if episode_start.all():  # The first call, or a new batch of episodes.
            self.wins = self.pulls = np.zeros((len(observation), 2))
        pulled, reward = observation[:, :2], observation[:, 2:3]
        self.wins = np.where(episode_start[:, None], 0, self.wins) + pulled * reward
        self.pulls = np.where(episode_start[:, None], 0, self.pulls) + pulled
        return ((self.wins + 1) / (self.pulls + 2)).argmax(axis=1), None


counter = Counter()


def main() -> None:
    """Scores them all, on the same tasks and noise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", default="MetaBanditDependentUniform-v0")
    args = parser.parse_args()
    for agent in (win_stay, recency, counter, "thompson", "optimal"):
        print(evaluate(agent, args.env))


if __name__ == "__main__":
    main()
