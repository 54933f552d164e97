"""Tests of baselines.a2c_lstm."""
