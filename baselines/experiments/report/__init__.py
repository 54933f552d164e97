"""One report of all experiments, for `reproduce all`."""
