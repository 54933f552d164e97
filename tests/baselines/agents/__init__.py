"""Tests of baselines.agents."""
