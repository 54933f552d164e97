"""Rooms of cells with hidden places that pay."""
