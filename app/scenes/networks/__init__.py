"""Coordinate networks, trained while they are looked at: one on the desk, or several in a race."""
