"""Tests of meta_envs.optimal."""
