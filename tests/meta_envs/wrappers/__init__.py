"""Tests of the wrappers for anybody's environments."""
