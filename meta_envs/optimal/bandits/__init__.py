"""Optima of bandits, and the Gittins index."""
