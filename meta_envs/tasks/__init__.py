"""Task families, one file each: the distribution of tasks and its dynamics, nothing else."""
