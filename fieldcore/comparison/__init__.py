"""Comparing coordinate networks fairly: the same pictures, time, batches and measures for all."""
