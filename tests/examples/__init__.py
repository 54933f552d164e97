"""Other people's agents on our environments: what stands in `examples/` runs."""
