"""Tests of `baselines/inside`."""
