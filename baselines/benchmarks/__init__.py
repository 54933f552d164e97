"""Speed and memory, side by side with what else there is: `python -m baselines benchmark`."""

from baselines.common.extras import require

require("torch", "rich")
