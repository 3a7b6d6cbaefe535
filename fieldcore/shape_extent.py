"""How far shapes reach; a module of its own, since it is asked for where nothing else of them is."""

HALF_EXTENT = 1.2
"""Shapes fill [-1, 1]^3, and their distances are known a little around it."""
