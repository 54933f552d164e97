"""The optima of tasks led by cues."""
