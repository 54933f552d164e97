"""`python -m baselines`: runs the command line, or says what is missing for it."""

import sys

import gymnasium as gym

from baselines.common.extras import require

try:
    require("torch", "tyro")
    from baselines.cli.main import main
except ModuleNotFoundError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    gym.logger.min_level = gym.logger.ERROR
    sys.exit(main())
