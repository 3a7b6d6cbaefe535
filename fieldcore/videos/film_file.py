"""Films, MP4, MOV, WebM, AVI and many more, by the ffmpeg that imageio-ffmpeg carries."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ..images.faults import Refused
from .film_header import FilmHeader, film_header, input_options
from .frames import Frame, FrameSource

_LEAST_SHARE = 0.95
"""Of the frames that a header promises; where fewer come, the file is cut short."""


def open_film(path: Path) -> FrameSource:
    """Look at a film. Raises Refused if it is none."""
    import imageio_ffmpeg

    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    header = film_header(ffmpeg, path)
    source = FrameSource(header.size, header.count, header.frames_per_second, lambda start, stop: iter(()))
    if header.has_alpha:
        source.notices.append("its transparency is left out")
    if header.is_hdr:
        source.notices.append("its high dynamic range is kept as it is stored, so that colours look pale")
    if header.varies:
        source.notices.append(f"its frame rate varies; it is read at {header.frames_per_second:g} frames a second")

    def frames(start: int, stop: int | None) -> Iterator[Frame]:
        count = 0
        for frame in _decoded([ffmpeg, *input_options(path), *_output_options(header, start, stop)]):
            count += 1
            yield frame
        promised = min(source.count, source.count if stop is None else stop) - start
        if count < _LEAST_SHARE * promised - 1:
            source.notices.append(f"the file is cut short or damaged: {count} of {promised} frames could be read")

    source.frames = frames
    return source


def _output_options(header: FilmHeader, start: int, stop: int | None) -> list[str]:
    """Every frame as a PPM file, at even times, upright, with square pixels; turning is ffmpeg's own default."""
    rate = f"{header.frames_per_second:g}" if header.varies else "source_fps"
    end = "" if stop is None else f":end_frame={stop}"
    matrix = f":in_color_matrix={header.matrix}" if header.matrix else ""
    filters = [
        f"fps={rate}",
        f"trim=start_frame={start}{end}",
        f"scale=w='max(1,round(iw*sar))':h=ih:flags=bicubic+accurate_rnd+full_chroma_int{matrix}",
    ]
    return [
        *("-v", "error", "-map", "0:V:0", "-vf", ",".join(filters), "-fps_mode", "passthrough"),
        *("-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"),
    ]


def _decoded(command: list[str]) -> Iterator[Frame]:
    """The frames that ffmpeg writes. It is stopped when nobody wants more."""
    with tempfile.TemporaryFile() as messages:  # in a session of its own: Ctrl-C is for us, who then stop it
        decoder = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages, start_new_session=True
        )
        assert decoder.stdout is not None
        try:
            while (frame := _next_frame(decoder.stdout)) is not None:
                yield frame
        finally:
            decoder.kill()
            decoder.wait()
            decoder.stdout.close()


def _next_frame(stream: IO[bytes]) -> Frame | None:
    """One PPM file; None at the end. Raises Refused where it breaks off within one."""
    if stream.readline().strip() != b"P6":
        return None
    width, height = map(int, stream.readline().split())
    stream.readline()  # the number that is white, 255
    pixels = stream.read(width * height * 3)
    if len(pixels) < width * height * 3:
        raise Refused("ffmpeg stopped in the middle of a frame; there may not be enough memory")
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
