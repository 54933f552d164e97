"""Compiled arithmetic whose every result is the same, bit for bit, on all x86-64 processors."""
