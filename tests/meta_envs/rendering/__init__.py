"""Tests of what all renderings share."""
