"""The package as people get it: built, checked, and installed where there is nothing else."""
