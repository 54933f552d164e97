"""What scores of many trainings show: aggregates, profiles and improvement, with intervals.

After Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice"
(NeurIPS). All take `Scores`, one normalised score a training seed by environment.
"""
