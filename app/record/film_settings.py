"""What the window writes when it renders the path."""

from __future__ import annotations

from dataclasses import dataclass

from fieldcore.errors import InputError
from fieldcore.videos.writing import FORMATS, QUALITIES, USUAL_QUALITY, Quality

from ..frame_size import Size, parsed_size
from .frame_range import ALL, check_frames
from .shutter import USUAL_SAMPLES, Shutter

AS_SHOWN = "as shown"
NO_VIDEO = "none"
VIDEOS = (NO_VIDEO, *(suffix.removeprefix(".") for suffix in FORMATS))
DRAFT_DIVISOR = 2
"""How many times less wide and high than the film a draft of it is."""


@dataclass(frozen=True)
class FilmSettings:
    """How a path is rendered.

    Attributes:
        size: of the frames, in pixels: WIDTHxHEIGHT, or ``as shown`` for that of the view.
        frames: the first and the last one, as ``--frames`` takes them, or ``all``.
        png: whether frames are written as PNG files.
        exr: whether they are written as EXR files of linear light instead, which no shutter averages.
        video: the film's suffix without its dot, or ``none``; at least one of the two is written.
        quality: of the film.
        shutter: share of the time between two frames for which it is open.
        shutter_samples: moments that a frame is the mean of then.

    Raises:
        InputError: a setting is none of these.
    """

    size: str = AS_SHOWN
    frames: str = ALL
    png: bool = True
    exr: bool = False
    video: str = "mp4"
    quality: Quality = USUAL_QUALITY
    shutter: float = 0.0
    shutter_samples: int = USUAL_SAMPLES

    def __post_init__(self) -> None:
        if self.size != AS_SHOWN:
            parsed_size(self.size, "size")
        check_frames(self.frames)
        if self.video not in VIDEOS or self.quality not in QUALITIES:
            raise InputError(f"video: expected one of {', '.join(VIDEOS)}, of {', '.join(QUALITIES)} quality")
        if not (self.png or self.exr) and self.video == NO_VIDEO:
            raise InputError("rendering needs PNG files, EXR files or a video; choose at least one")
        if self.exr and self.shutter:
            raise InputError("EXR files hold sharp frames: set the shutter to none, or write no EXR files")
        Shutter(self.shutter, self.shutter_samples)

    def words(self, folder: str, shown_px: Size, draft: bool) -> list[str]:
        """The options of the command line that render into a folder.

        Args:
            folder: where all is written.
            shown_px: size of the view.
            draft: whether only a small film is wanted, to look at the motion.
        """
        size = shown_px if self.size == AS_SHOWN else parsed_size(self.size, "size")
        divisor = DRAFT_DIVISOR if draft else 1
        width, height = (max(1, side // divisor) for side in size)
        words = ["--size", f"{width}x{height}"]
        if self.frames != ALL:
            words += ["--frames", self.frames]
        if draft:
            return [*words, "--video", f"{folder}/draft.mp4", "--quality", "good"]
        if self.png or self.exr:
            words += ["--out", folder]
        if self.exr:
            words += ["--exr"]
        if self.video != NO_VIDEO:
            words += ["--video", f"{folder}/film.{self.video}", "--quality", self.quality]
        if self.shutter:
            words += ["--shutter", f"{self.shutter:g}", "--shutter-samples", str(self.shutter_samples)]
        return words


USUAL_FILM = FilmSettings()
