"""Pictures: a field on a plane, smoothed and compared with the truth."""
