"""Tests of what all environments share, over every id."""
