"""What the renderings of all environments share: colours and shapes.

How one environment is drawn: the `rendering.py` beside its task.
"""
