"""A picture of kind ``integral`` as a page: box, tent and quadratic kernels of any size, and a fovea.

One kernel for the whole picture is exact there. Where its size grows away from the pointer, it is read from a ladder of
sizes (kernels.js, ladder.frag).
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from ..errors import InputError
from ..field_image import image
from ..fields.field import Field
from ..fields.integral import Integral
from ..filters import Kernel
from ..filters.profile import Profile
from ..measures import psnr, shown_values
from .blocks import Block, block_of, still_of
from .document import Document
from .page_files import Parts, page_shaders
from .pages import Page, PageKind, PageSettings
from .picture_page import by, decibel_words, shrunk_field, with_samples

FORMAT = 1

_PARTS = Parts(
    body="integral.html",
    scripts=("taps.js", "smoothing.js", "plane.js", "kernels.js", "integral_drawing.js", "integral.js"),
    styles=("plane.css", "integral.css"),
)
_HALF_SIZES = (0.0, 0.01, 0.1)
_MEASURED_PIXELS = 512
_STILL_PIXELS = 640
_SAMPLES, _STILL = "samples", "small"


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
    if field.facts.channels > 4:
        raise InputError(f"a page shows up to 4 channels, got {field.facts.channels}")
    shown = shrunk_field(field, settings.size)
    block = block_of(shown.samples, lossy=settings.lossy, exact=settings.exact)
    page_field = with_samples(shown, torch.from_numpy(block.values).permute(2, 0, 1))
    decibels = _measured(page_field, field)
    sides = block.facts["width"], block.facts["height"]
    told = {
        "samples": sides,
        "packed": block.way,
        "dB": {f"{half_size:g}": value for half_size, value in decibels.items()},
    }
    blocks = {_SAMPLES: block, _STILL: _still(page_field)}
    facts = shown.facts
    document = Document(
        title=facts.name,
        about=f"A {facts.type.replace('_', ' ')} as a neural field of the kind integral, {by(sides)} samples, under "
        "box, tent and quadratic kernels of any size, which may grow away from the pointer.",
        facts=_sentences(shown, told, decibels, settings.file),
        header=_header(shown, blocks),
        shaders=page_shaders(
            ("fullscreen.vert", "picture.frag"),
            ("axis.frag", "centred.frag", "ladder.frag"),
            *(("VALUES_ARE_LINEAR",) if facts.encoding == "linear" else ()),
        ),
        parts=_PARTS,
        blocks=blocks,
        embedded=settings.embedded,
    )
    return Page(document, told, max(sides) if facts.resolution else None)


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


def _still(field: Integral) -> Block:
    return still_of(shown_values(image(field, size=_STILL_PIXELS), field.facts).clip(0, 1))


def _header(field: Integral, blocks: dict[str, Block]) -> dict[str, Any]:
    facts = field.facts
    return {
        "format": FORMAT,
        "title": facts.name,
        "half_extent": facts.half_extent,
        "channels": facts.channels,
        "value_range": facts.value_range,
        "lines": [vars(line) for line in field.lines],
        "samples": {"id": _SAMPLES, **blocks[_SAMPLES].facts},
        "still": {"id": _STILL, **blocks[_STILL].facts},
        "still_shows": "the picture, not filtered",
    }


def _sentences(field: Integral, told: dict[str, Any], decibels: dict[float, float], file: str) -> str:
    per_size = "; ".join(f"half size {size:g}: {decibel_words(value)}" for size, value in decibels.items())
    return (
        f"Signal: {field.facts.name}. Field: {f'{file}, ' if file else ''}integral, {by(told['samples'])} samples, "
        f"{told['packed']}. Measured at export against the field, under tents: {per_size}. "
        "The picture's rights are those of its author; the code of this page is under the MIT licence (Fieldscope)."
    )
