"""A picture of kind ``integral`` as a page: box, tent and quadratic kernels of any size, and a fovea.

One kernel for the whole picture is exact there. Where its size grows away from the pointer, it is read from a ladder of
sizes (ladder.js, ladder.frag).
"""

from __future__ import annotations

from typing import ClassVar

from ..field_image import image
from ..fields.field import Field
from ..fields.integral import Integral
from ..filters import Kernel
from ..filters.profile import Profile
from ..measures import psnr
from .document import Document
from .page_files import Parts, page_shaders
from .page_samples import PageSamples, colour_defines
from .page_words import by, decibels, foot
from .pages import Page, PageKind, PageSettings

_PARTS = Parts(
    body="integral.html",
    scripts=(
        "taps.js",
        "smoothing.js",
        "plane.js",
        "kernels.js",
        "ladder.js",
        "integral_drawing.js",
        "curve.js",
        "integral.js",
    ),
    styles=("plane.css", "integral.css"),
)
_HALF_SIZES = (0.0, 0.01, 0.1)
_MEASURED_PIXELS = 512


class IntegralPages(PageKind):
    """Pages of solved fields of kind ``integral`` in 2-D."""

    options = ("size", "lossy", "exact")
    instead: ClassVar = {}

    def shows(self, field: Field, settings: PageSettings) -> bool:
        """As the base."""
        return isinstance(field, Integral) and field.dim == 2

    def page(self, field: Field, settings: PageSettings) -> Page:
        """As the base."""
        assert isinstance(field, Integral)
        return integral_page(field, settings)


INTEGRAL = IntegralPages()


def integral_page(field: Integral, settings: PageSettings) -> Page:
    """The page of a solved field. Raises InputError where it has too many channels or samples."""
    held = PageSamples.of(field, settings)
    measured = _measured(held.page_field, field)
    told = {
        "samples": held.sides,
        "packed": held.block.way,
        "dB": {f"{half_size:g}": value for half_size, value in measured.items()},
    }
    signal = held.field.facts
    document = Document(
        title=signal.name,
        about=f"A {signal.type.replace('_', ' ')} as a neural field of the kind integral, {by(held.sides)} samples, "
        "under kernels of any size, which may grow away from the pointer.",
        facts=foot(
            signal.name,
            f"integral, {by(held.sides)} samples, {held.block.way}",
            f"Measured at export against the field, under tents: {decibels('half size', measured)}",
            "picture",
            file=settings.file,
        ),
        header={**held.header("the picture, not filtered"), "lines": [vars(line) for line in held.field.lines]},
        shaders=page_shaders(
            ("fullscreen.vert", "picture.frag"),
            ("axis.frag", "sum.frag", "centred.frag", "ladder.frag"),
            *colour_defines(signal),
        ),
        parts=_PARTS,
        blocks=held.blocks,
        embedded=settings.embedded,
    )
    return Page(document, told, held.size)


def _measured(page_field: Integral, field: Integral) -> dict[float, float]:
    """dB of what the page computes against the field that was exported, by the half size of a tent."""
    size = min(_MEASURED_PIXELS, max(field.facts.resolution or (_MEASURED_PIXELS,)))
    found = {}
    for half_size in _HALF_SIZES:
        kernel = Kernel(Profile.tent(), half_size)
        true = image(field, kernel, size=size)
        found[half_size] = psnr(
            image(page_field, kernel, size=(true.shape[1], true.shape[0])), true, field.facts.value_range
        )
    return found
