"""What people look at: tables, figures, animations and windows."""

from baselines.common.extras import require

require("rich", "matplotlib")
