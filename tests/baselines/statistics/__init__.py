"""Tests of the statistics of scores."""
