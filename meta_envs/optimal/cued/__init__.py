"""The optima of the tasks whose trials are led by cues."""
