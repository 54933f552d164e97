"""Tests of the task families."""
