"""What any agent of ours may run on: memory cells, encoders of observations, and backends."""

from baselines.common.extras import require

require("torch", "numba")
