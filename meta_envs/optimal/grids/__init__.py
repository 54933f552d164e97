"""Searching a room: the best path known, and bounds."""
