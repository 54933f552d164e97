"""Tasks whose trials are led by cues: a fixation point, then stimuli."""
