"""``fieldcore fit picture``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from ..samples import sample_names
from .common import require_between
from .fit import FitOptions

if TYPE_CHECKING:
    from ..signals import Picture

MOST_PIXELS_A_SIDE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class FitPicture(FitOptions):
    """Train a field on a picture, or one on each of several pictures."""

    what: ClassVar[str] = "picture"
    settled: ClassVar[tuple[str, ...]] = ("size", "encoding", "background", "layer")
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit picture photo.jpg",
        "fieldcore fit picture sample:astronaut --kind spectral --seconds 60",
        "fieldcore fit picture *.png --out fields/",
        "curl -s https://example.org/a.png | fieldcore fit picture - -o a.safetensors",
        "fieldcore fit picture photo.jpg --continue photo.safetensors --steps 500",
    )

    sources: tuple[str, ...] = argument(
        "PNG, JPEG, TIFF, EXR, HDR or other picture file; http(s):// address; - for standard input; or sample:NAME.",
        metavar="PHOTO",
        more=lambda: f"Samples: {', '.join(sample_names())}.",
    )
    size: int | None = option(
        "Shrink the picture so that its longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group="picture",
    )
    encoding: str = option(
        "Filter display-encoded colours or linear light; auto takes what the file stores.",
        default="auto",
        metavar="NAME",
        choices=lambda: ("auto", "display", "linear"),
        group="picture",
    )
    background: tuple[float, float, float] = option(
        "Colour behind transparent parts, as on the screen, each from 0 to 1.",
        default=(1.0, 1.0, 1.0),
        metavar="R G B",
        group="picture",
    )

    layer: str | None = option(
        "Layer, part or channel of an EXR file, by its name.", default=None, metavar="NAME", group="picture"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_size(self.size)
        for channel in self.background:
            require_between("--background", channel, 0, 1)

    def open(self, source: str) -> Picture:
        """Read the picture."""
        from ..signals import Picture

        encoding: Any = self.encoding
        picture = Picture.open(
            source, max_size=self.size, encoding=encoding, background=self.background, layer=self.layer
        )
        note(*picture.notices)
        return picture


def check_size(size: int | None) -> None:
    """Refuse ``--size`` before anything is read."""
    if size is not None and size < 2:
        raise InputError(f"--size: expected at least 2 pixels, got {size}")
