"""Training an agent into a folder: settings, log, checkpoints, Ctrl-C and going on."""

from baselines.common.extras import require

require("torch", "tyro")
