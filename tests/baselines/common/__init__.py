"""Tests of what all agents share."""
