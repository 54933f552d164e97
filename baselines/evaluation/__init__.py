"""Scoring agents: on the same tasks and noise, beside each other and beside the optimum."""
