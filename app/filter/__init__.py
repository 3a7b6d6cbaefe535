"""Filters as values with entries: what a scene averages over, and how a person says it."""
