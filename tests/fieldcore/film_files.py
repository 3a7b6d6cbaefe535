"""Small films and animated pictures for tests, made by ffmpeg and Pillow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

SEED = 5


def moving_frames(count: int = 6, height: int = 36, width: int = 48, seed: int = SEED) -> np.ndarray:
    """Smooth coloured frames, each different: uint8 (count, height, width, 3)."""
    phases = np.random.default_rng(seed).random(3) * 6
    y, x = np.mgrid[:height, :width]
    frames = [
        np.stack([127 + 100 * np.sin(x / 7 + y / 9 + 0.6 * i + phase) for phase in phases], -1) for i in range(count)
    ]
    return np.asarray(frames).round().astype(np.uint8)


def ffmpeg(*arguments: object, data: bytes = b"") -> str:
    """Run ffmpeg and return what it said."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-hide_banner", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stderr.decode()


def write_clip(path: Path, frames: np.ndarray, *options: object, rate: float = 10) -> Path:
    """A film of these frames, nearly lossless, in the format that the suffix says."""
    _, height, width, _ = frames.shape
    codecs = {
        ".mp4": ("-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"),
        ".mov": ("-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"),
        ".webm": ("-c:v", "libvpx-vp9", "-lossless", "1", "-pix_fmt", "yuv444p"),
        ".avi": ("-c:v", "ffv1", "-pix_fmt", "bgr0"),
        ".mkv": ("-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"),
    }
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", rate, "-i", "-")
    ffmpeg(*raw, *codecs[path.suffix], *options, f"file:{path}", data=frames.tobytes())
    return path


def write_animation(path: Path, frames: np.ndarray, milliseconds: int | list[int] = 100, **options: object) -> Path:
    """A GIF, PNG or WebP that moves."""
    pictures = [Image.fromarray(frame) for frame in frames]
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0, **lossless, **options
    )
    return path
