"""Tests of baselines.recurrent_ppo."""
