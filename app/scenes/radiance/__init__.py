"""Radiance fields, seen by a camera while they are learned from photographs."""
