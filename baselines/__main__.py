"""`python -m baselines`: runs the command line, or says what is missing for it."""

import sys

import gymnasium as gym

try:
    from baselines.cli.main import main
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] in ("baselines", "meta_envs"):
        raise
    print(
        f"error: {error.name} is not installed: the agents need pip install 'meta-envs[baselines]'",
        file=sys.stderr,
    )
    sys.exit(2)

if __name__ == "__main__":
    gym.logger.min_level = gym.logger.ERROR
    sys.exit(main())
