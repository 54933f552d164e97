"""Risky choices as the prediction error is changed, beside Wang et al. 2018, Fig. 7."""

from baselines.experiments.wang2018_risky_choice.study import run

__all__ = ["run"]
