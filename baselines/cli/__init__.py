"""The command line: `python -m baselines COMMAND`, one file a command."""
