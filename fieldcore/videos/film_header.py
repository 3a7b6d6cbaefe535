"""What ffmpeg says of a film before it decodes it: size, length, rate, and how it is to be shown."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..images.faults import Refused

_READ_BY = (
    *("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "flv", "ogg", "asf"),
    *("h264", "hevc", "obu", "ivf", "dv", "mxf", "nut", "yuv4mpegpipe", "rm", "wtv", "mjpeg"),
)
"""Formats that are films. Others that ffmpeg knows are pictures, texts, or lists of further files and addresses."""

_ALPHA = re.compile(r"\b(yuva\w+|rgba\w*|argb\w*|bgra\w*|abgr\w*|gbrap\w*|ya8|ya16\w*|pal8)\b|alpha_mode\s*: 1")
_USUAL_RATE = 25.0


def input_options(path: Path) -> list[str]:
    """How ffmpeg is told what to read: this file alone, and never another one that it names."""
    return [
        *("-nostdin", "-hide_banner", "-protocol_whitelist", "file", "-format_whitelist", ",".join(_READ_BY)),
        *("-i", f"file:{path}"),  # without "file:", "a:b.mp4" would be a protocol
    ]


@dataclass(frozen=True)
class FilmHeader:
    """What a film's header says.

    Attributes:
        size: (width, height) as it is shown, turned and with square pixels.
        seconds: how long it is; None where it does not say.
        frames_per_second: on average.
        varies: whether frames follow one another at different times.
        has_alpha: whether it is transparent somewhere.
        is_hdr: whether its colours are in the curves of high dynamic range.
        matrix: ffmpeg's name of how colours are stored, where the file does not say and the size decides; else empty.
    """

    size: tuple[int, int]
    seconds: float | None
    frames_per_second: float
    varies: bool
    has_alpha: bool
    is_hdr: bool
    matrix: str

    @property
    def count(self) -> int:
        """Frames that it should have; 0 where it does not say."""
        return round((self.seconds or 0) * self.frames_per_second)


def film_header(ffmpeg: str, path: Path) -> FilmHeader:
    """Look at a file. Raises Refused if it is no film."""
    looked = subprocess.run([ffmpeg, *input_options(path)], capture_output=True, check=False, start_new_session=True)
    return header_in(looked.stderr.decode(errors="replace"))


def header_in(text: str) -> FilmHeader:
    """The header in ffmpeg's words. Raises Refused if they tell of no film."""
    if "Input #0" not in text:
        raise Refused("it cannot be read as a video: the file is cut short or damaged, or no film; export it again")
    streams = re.split(r"^ +Stream #0:", text, flags=re.MULTILINE)[1:]
    films = [stream for stream in streams if _is_film(stream.splitlines()[0])]
    if not films:
        raise Refused("it holds no moving pictures; give a file with a video stream")
    film = films[0]
    line = film.splitlines()[0]
    size = re.search(r", (\d+)x(\d+)\b", line)
    if size is None:
        raise Refused("its video stream is damaged, or of a kind that is not known; export it as H.264")
    width, height = int(size[1]), int(size[2])
    aspect = re.search(r"SAR (\d+):(\d+)", line)
    if aspect is not None and int(aspect[2]):
        width = max(1, round(width * int(aspect[1]) / int(aspect[2])))
    rate, ticks = _number(line, "fps"), _number(line, "tbr")
    return FilmHeader(
        size=(height, width) if _is_turned(film) else (width, height),
        seconds=_seconds(text),
        frames_per_second=rate or ticks or _USUAL_RATE,
        varies=bool(rate and ticks) and abs(rate - ticks) > 0.011,  # they are printed with two digits
        has_alpha=_ALPHA.search(film) is not None,
        is_hdr="smpte2084" in line or "arib-std-b67" in line,
        matrix="bt709" if max(width, height) >= 1280 and not re.search(r"\b(bt|smpte|fcc|gbr|rgb)", line) else "",
    )


def _is_film(line: str) -> bool:
    return ": Video: " in line and "(attached pic)" not in line


def _number(line: str, unit: str) -> float:
    """The number before a unit, such as 29.97 fps or 15k tbr; 0 where there is none."""
    found = re.search(rf"([\d.]+)(k?) {unit}\b", line)
    return float(found[1]) * (1000 if found[2] else 1) if found else 0.0


def _is_turned(film: str) -> bool:
    """Whether a camera that was held upright lies on its side in the file."""
    found = re.search(r"rotation of (-?[\d.]+) degrees", film)
    return found is not None and abs(abs(float(found[1])) % 180 - 90) < 45


def _seconds(text: str) -> float | None:
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", text)
    return None if found is None else 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])
