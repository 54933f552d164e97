"""Harlow's learning-set task, from pixels and from codes."""
