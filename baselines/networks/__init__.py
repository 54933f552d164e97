"""What any agent of ours may run on: memory cells, encoders of observations, and backends."""
