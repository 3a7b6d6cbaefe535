"""What every scene needs to be drawn into a window."""
