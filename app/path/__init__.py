"""Paths: keyframes, the curves through them, and their files."""
