"""Many trainings: seeds of presets, and settings drawn from a space, here or on a cluster.

`plan.py` says what is to be trained, `perform.py` trains and scores one of it, `local.py` and
`on_ray.py` do that for all, and `sweep.py` gathers what came of it. The folders tell what is done:
whoever starts the same sweep again goes on with it.
"""
