"""Random Markov decision processes."""
