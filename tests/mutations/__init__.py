"""The tests tested: each module broken in one way, and the test that caught it.

`meta_envs.toml` and `baselines.toml` list, for every module, a change that breaks it and a test
that must then fail. This checks that it does, in a copy of the project:

    python -m tests.mutations                      # all of them: half an hour
    python -m tests.mutations baselines/analysis   # those of some modules
"""
