"""The optimum of Harlow's task."""
