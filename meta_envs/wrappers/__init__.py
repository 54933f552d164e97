"""What makes anybody's Gymnasium environment one for meta-learning; vector twins in `vector`.

    env = MetaObservation(MetaEpisode(TaskDistribution(gym.make("CartPole-v1"), tasks, apply)))

`TaskDistribution` draws a new task at every reset, `MetaEpisode` makes several episodes of one
task a single one, and `MetaObservation` shows the agent its last action and reward.
"""

from meta_envs.wrappers.meta_episode import MetaEpisode
from meta_envs.wrappers.meta_observation import MetaObservation
from meta_envs.wrappers.task_distribution import TaskDistribution

__all__ = ["MetaEpisode", "MetaObservation", "TaskDistribution"]
