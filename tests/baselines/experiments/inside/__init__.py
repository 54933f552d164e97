"""Tests of `baselines/experiments/inside`."""
