"""OpenGL for all scenes: passes, images laid over a frame, frames without a window."""
