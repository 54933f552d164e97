"""Tests, in the rooms of the packages."""
