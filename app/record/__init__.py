"""Frames on disk: recorded from the window, or rendered without one."""
