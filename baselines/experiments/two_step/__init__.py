"""What the experiments on the two-step task share: how trials are played, tables, figure."""
