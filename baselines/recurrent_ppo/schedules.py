"""A discount and a weight of the entropy that move while Stable-Baselines3 trains."""

from __future__ import annotations

from typing import Any

from stable_baselines3.common.callbacks import BaseCallback

from baselines.common.schedule import Schedule


class ScheduleCallback(BaseCallback):
    """Sets a model's `gamma` and `ent_coef` before each rollout.

    For any on-policy model of Stable-Baselines3 or sb3-contrib. They follow from the share of the
    training that is done, so that one that is stopped and goes on moves as one that never was.

    Args:
        discount: Of the returns, in the model and in its rollout buffer.
        entropy_coef: Weight of the policy's entropy.
    """

    def __init__(self, discount: Schedule, entropy_coef: Schedule) -> None:
        super().__init__()
        self.discount, self.entropy_coef = discount, entropy_coef

    def _on_rollout_start(self) -> None:
        model: Any = self.model
        progress = model.num_timesteps / self.locals["total_timesteps"]
        model.gamma = model.rollout_buffer.gamma = self.discount.discount_at(progress)
        model.ent_coef = self.entropy_coef.at(progress)

    def _on_step(self) -> bool:
        return True
