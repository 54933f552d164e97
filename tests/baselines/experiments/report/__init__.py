"""Tests of the report of all experiments."""
