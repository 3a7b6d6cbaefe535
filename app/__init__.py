"""The instrument: scenes, their controls, and frames with or without a window."""
