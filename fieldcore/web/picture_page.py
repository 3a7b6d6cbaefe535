"""A solved pyramid of a picture or a texture as a page.

The page holds the field's samples, from which the levels follow (fields/pyramid.py), and applies one Gaussian to the
whole picture as the field does in torch: the nearest level, and the rest as sums over its vertices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..field_image import image
from ..fields.compact_samples import rounded
from ..fields.field import Field
from ..fields.pyramid import Pyramid
from ..filter_sets import VARIANCES
from ..filters import Gaussian
from ..measures import psnr
from ..provenance import open_as_seen
from ..signals import Signal, SignalFacts
from .blocks import Block, block_of
from .document import Document
from .page_files import Parts, page_shaders
from .page_samples import LONGEST_SIDE, SAMPLES, PageSamples, colour_defines
from .page_words import by, decibels, foot
from .pages import Page, PageKind, PageSettings

_PARTS = Parts(
    body="picture.html",
    scripts=(
        "taps.js",
        "halvings.js",
        "smoothing.js",
        "plane.js",
        "gaussian.js",
        "picture_drawing.js",
        "ellipse.js",
        "picture.js",
    ),
    styles=("plane.css", "picture.css"),
)
_MEASURED_PIXELS = 512
_TRUTH = "truth"


def picture_page(field: Field, settings: PageSettings) -> Page:
    """The page of a solved pyramid in 2-D.

    Raises:
        InputError: the field is another, is too large for a browser's textures, or the truth is of another shape.
    """
    pyramid = _checked(field)
    held = PageSamples.of(pyramid, settings)
    truth = None if settings.truth is None else _truth(held.field.facts, settings.truth)
    blocks = {**held.blocks, **_truth_block(truth, held.block, settings)}
    measured = _measured(held.page_field, pyramid if truth is None else truth, held.field)
    facts = {
        "samples": held.sides,
        "levels": len(held.field.geometry.lines),
        "packed": held.block.way,
        "compared with": "the field" if truth is None else "the truth",
        "dB": {f"{variance:g}": value for variance, value in measured.items()},
    }
    signal = held.field.facts
    document = Document(
        title=signal.name,
        about=_about(held.field, truth),
        facts=foot(
            Path(signal.name).name,
            f"{pyramid.kind}, {by(held.sides)} samples, {facts['levels']} levels, {held.block.way}",
            f"Measured at export against {facts['compared with']}: {decibels('variance', measured)}",
            "picture",
            file=settings.file,
        ),
        header={
            **held.header("the picture, not smoothed"),
            "levels": levels_told(held.field),
            "truth": _truth_told(truth, blocks),
        },
        shaders=page_shaders(("fullscreen.vert", "picture.frag"), ("axis.frag", "slant.frag"), *colour_defines(signal)),
        parts=_PARTS,
        blocks=blocks,
        embedded=settings.embedded,
    )
    return Page(document, facts, held.size)


class PicturePages(PageKind):
    """Pages of solved pyramids in 2-D."""

    options = ("truth", "size", "lossy", "exact")
    notebook_size = 1024
    instead: ClassVar = {
        "picture": "solve one: fieldcore fit picture PHOTO --kind pyramid",
        "texture": "solve one: fieldcore fit texture MODEL --kind pyramid",
        "ackley": "solve one: fieldcore fit ackley --kind pyramid",
        "video": "write it as a film with 'fieldcore evaluate', or solve one of its frames as a picture",
    }

    def shows(self, field: Field, settings: PageSettings) -> bool:
        """As the base."""
        return isinstance(field, Pyramid) and field.dim == 2

    def page(self, field: Field, settings: PageSettings) -> Page:
        """As the base."""
        return picture_page(field, settings)


PICTURE = PicturePages()


def _checked(field: Field) -> Pyramid:
    if not isinstance(field, Pyramid) or field.dim != 2:
        raise InputError(f"a page shows solved pyramids of pictures, not a {field.kind} field of a {field.facts.type}")
    longer = max(field.geometry.finest_size)
    if longer > LONGEST_SIDE and not field.facts.resolution:
        raise InputError(f"the field has {longer} vertices a side, browsers hold {LONGEST_SIDE}; solve a coarser one")
    return field


def _truth(facts: SignalFacts, source: str) -> Signal:
    signal = open_as_seen(facts, source)
    if signal.facts.resolution != facts.resolution or signal.facts.channels != facts.channels:
        raise InputError(
            f"--truth '{source}': expected a picture of {by(facts.resolution)} pixels and {facts.channels} channels, "
            f"that of the field, got {by(signal.facts.resolution)} and {signal.facts.channels}"
        )
    return signal


def _truth_block(truth: Signal | None, samples: Block, settings: PageSettings) -> dict[str, Block]:
    """The truth's own samples, unless the page holds them already."""
    own = None if truth is None else truth.own_samples()
    if own is None:
        return {}
    block = block_of(rounded(own.cpu()), exact=settings.exact)
    return {} if np.array_equal(block.values, samples.values) else {_TRUTH: block}


def _truth_told(truth: Signal | None, blocks: dict[str, Block]) -> Any:
    """The truth's own block, or the name of that of the samples, or None."""
    if truth is None:
        return None
    return {"id": _TRUTH, **blocks[_TRUTH].facts} if _TRUTH in blocks else SAMPLES


def levels_told(field: Pyramid) -> list[dict[str, Any]]:
    """What a page's script derives the levels of a pyramid from."""
    return [
        {"variance": variance, "lines": [vars(line) for line in lines]}
        for lines, variance in zip(field.geometry.lines, field.geometry.variances, strict=True)
    ]


def _measured(page_field: Pyramid, judge: Pyramid | Signal, shown: Pyramid) -> dict[float, float]:
    """dB of what the page computes, by variance, against the truth or against the field that was exported."""
    size = min(_MEASURED_PIXELS, max(shown.facts.resolution or (_MEASURED_PIXELS,)))
    return {
        variance: psnr(
            image(page_field, variance, size=size), _judged(judge, variance, size, shown), shown.facts.value_range
        )
        for variance in VARIANCES
    }


def _judged(judge: Pyramid | Signal, variance: float, size: int, shown: Pyramid) -> Float[np.ndarray, "h w c"]:
    if isinstance(judge, Pyramid):
        height_width = image(shown, variance, size=size).shape[:2]
        return image(judge, variance, size=(height_width[1], height_width[0]))
    from ..grid import Grid

    return judge.truth().values(Gaussian(variance), Grid.covering(shown.facts.half_extent, size))


def _about(field: Pyramid, truth: Signal | None) -> str:
    facts = field.facts
    what = f"A {facts.type.replace('_', ' ')} as a neural field of the kind {field.kind}, smoothed by any Gaussian"
    size = f", {by(facts.resolution)} samples" if facts.resolution else ""
    wipe = " Drag the last slider to wipe it against the exactly smoothed picture." if truth is not None else ""
    return f"{what}{size}. Drag the ellipse's handles or the scale slider.{wipe}"
