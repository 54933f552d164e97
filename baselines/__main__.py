"""`python -m baselines`: runs the command line."""

import sys

import gymnasium as gym

from baselines.cli.main import main

if __name__ == "__main__":
    gym.logger.min_level = gym.logger.ERROR
    sys.exit(main())
