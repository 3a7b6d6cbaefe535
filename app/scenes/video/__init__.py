"""Videos: a plane with time, smoothed along both and compared with the clip itself."""
