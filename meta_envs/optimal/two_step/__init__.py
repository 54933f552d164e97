"""The optimum of the two-step task."""
