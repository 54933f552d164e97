"""Optima of tasks whose trials are led by cues."""
