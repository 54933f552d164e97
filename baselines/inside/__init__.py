"""Looking inside: what a network's activity holds, how it changes, and what of it is needed."""

from baselines.common.extras import require

require("torch")
