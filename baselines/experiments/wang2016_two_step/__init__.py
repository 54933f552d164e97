"""Stays and lagged regression in the two-step task, beside Wang et al. 2016 and 2018."""

from baselines.experiments.wang2016_two_step.study import run

__all__ = ["run"]
