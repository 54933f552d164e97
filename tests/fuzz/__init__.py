"""Random input by the thousand: what is not refused in one clear line must work.

    python -m tests.fuzz constructors --minutes 10   # arguments, seeds, tasks and actions
    python -m tests.fuzz commands --minutes 10       # command lines of `python -m baselines`

Each example follows from its number, which is printed before it runs, so that it can be repeated
alone:
`python -m tests.fuzz constructors --first 4711 --examples 1`. `tests/test_fuzz.py` runs
some hundred of them.
"""
