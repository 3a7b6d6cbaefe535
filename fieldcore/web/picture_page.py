"""A solved pyramid of a picture or a texture as a page.

The page holds the field's samples, from which the levels follow (fields/pyramid.py), and applies one Gaussian to the
whole picture as the field does in torch: the nearest level, and the rest as sums over its vertices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from jaxtyping import Float

from ..errors import InputError
from ..field_image import image
from ..fields.compact_samples import STEPS, compacted, rounded
from ..fields.field import Field
from ..fields.integral import Integral
from ..fields.pyramid import Pyramid
from ..filter_sets import VARIANCES
from ..filters import Gaussian
from ..images.shrinking import shrunk
from ..measures import psnr, shown_values
from ..provenance import open_as_seen
from ..signals import Signal, SignalFacts
from .blocks import Block, block_of, still_of
from .document import Document
from .page_files import Parts, page_shaders
from .pages import Page, PageKind, PageSettings

FORMAT = 1
"""Of the header; a page always has the script that reads it."""

_PARTS = Parts(
    body="picture.html",
    scripts=("taps.js", "smoothing.js", "plane.js", "gaussian.js", "picture_drawing.js", "ellipse.js", "picture.js"),
    styles=("plane.css", "picture.css"),
)
_WINDOW_SHADERS = ("fullscreen.vert", "picture.frag")
_OWN_SHADERS = ("axis.frag", "slant.frag")

_LONGEST_SIDE = 8160  # of textures that nearly all browsers have, less the vertices beyond the box
_MEASURED_PIXELS = 512
_STILL_PIXELS = 640
_TRUTH = "truth"
_SAMPLES = "samples"


def picture_page(field: Field, settings: PageSettings) -> Page:
    """The page of a solved pyramid in 2-D.

    Raises:
        InputError: the field is another, is too large for a browser's textures, or the truth is of another shape.
    """
    pyramid = _checked(field)
    shown = shrunk_field(pyramid, settings.size)
    block = block_of(shown.samples, lossy=settings.lossy, exact=settings.exact)
    page_field = with_samples(shown, torch.from_numpy(block.values).permute(2, 0, 1))
    truth = None if settings.truth is None else _truth(shown.facts, settings.truth)
    blocks = {_SAMPLES: block, **_truth_block(truth, block, settings)}
    still = blocks[_SAMPLES] if "image" in block.facts["mime"] else still_of_field(page_field)
    if still is not block:
        blocks["small"] = still
    decibels = _measured(page_field, pyramid if truth is None else truth, shown)
    sides = block.facts["width"], block.facts["height"]
    facts = {
        "samples": sides,
        "levels": len(shown.geometry.lines),
        "packed": block.way,
        "compared with": "the field" if truth is None else "the truth",
        "dB": {f"{variance:g}": value for variance, value in decibels.items()},
    }
    document = Document(
        title=shown.facts.name,
        about=_about(shown, truth),
        facts=_sentences(shown, facts, decibels, settings.file),
        header=_header(shown, blocks, truth is not None, "small" if still is not block else _SAMPLES),
        shaders=picture_shaders(shown.facts),
        parts=_PARTS,
        blocks=blocks,
        embedded=settings.embedded,
    )
    return Page(document, facts, max(sides) if shown.facts.resolution else None)


def picture_shaders(facts: SignalFacts) -> dict[str, str]:
    """Those that smooth a picture and show it, by name."""
    return page_shaders(_WINDOW_SHADERS, _OWN_SHADERS, *defines_of(facts))


def defines_of(facts: SignalFacts) -> tuple[str, ...]:
    """What shaders that show a signal's colours have to know of them."""
    return ("VALUES_ARE_LINEAR",) if facts.encoding == "linear" else ()


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
    if field.facts.channels > 4:
        raise InputError(f"a page shows up to 4 channels, got {field.facts.channels}")
    if longer > _LONGEST_SIDE and not field.facts.resolution:
        raise InputError(f"the field has {longer} vertices a side, browsers hold {_LONGEST_SIDE}; solve a coarser one")
    return field


_Sampled = TypeVar("_Sampled", Pyramid, Integral)
"""A field that is its samples."""


def shrunk_field(field: _Sampled, size: int | None) -> _Sampled:
    """The field of a smaller picture, if it is larger than that."""
    longer = max(field.samples.shape[1:])
    if size is None or size >= longer:
        if longer > _LONGEST_SIDE:
            raise InputError(f"{longer} samples a side are more than browsers hold; give --size {_LONGEST_SIDE}")
        return field
    if not field.facts.resolution:
        raise InputError("--size: has no effect on the field of a formula; leave it out")
    samples = compacted(field.samples.cpu())
    is_bytes = samples.dtype == torch.uint8
    values = samples.float() / STEPS if is_bytes else samples.float()
    small = shrunk(np.ascontiguousarray(values.permute(1, 2, 0).numpy()), size)
    if is_bytes:
        small = np.rint(small.clip(0, 1) * STEPS) / np.float32(STEPS)
    height, width = small.shape[:2]
    half = (width / max(width, height), height / max(width, height))
    facts = replace(field.facts, resolution=(width, height), half_extent=half)
    return _solved(field, facts, torch.from_numpy(small.astype(np.float32)).permute(2, 0, 1))


def with_samples(field: _Sampled, samples: torch.Tensor) -> _Sampled:
    """The field that the page has, which may have been packed with loss."""
    if torch.equal(samples, _floats(field.samples.cpu())):
        return field
    return _solved(field, field.facts, samples)


def _solved(field: _Sampled, facts: SignalFacts, samples: torch.Tensor) -> _Sampled:
    solved = type(field)(replace(field.recipe, held="floats"), facts)
    solved.samples.copy_(samples)
    return solved


def _floats(samples: torch.Tensor) -> torch.Tensor:
    return samples.float() / STEPS if samples.dtype == torch.uint8 else samples


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


def _header(field: Pyramid, blocks: dict[str, Block], has_truth: bool, still: str) -> dict[str, Any]:
    facts = field.facts
    described = {name: {"id": name, **block.facts} for name, block in blocks.items()}
    truth: Any = described.get(_TRUTH, _SAMPLES) if has_truth else None
    return {
        "format": FORMAT,
        "title": facts.name,
        **header_of_levels(field, blocks[_SAMPLES]),
        "truth": truth,
        "still": described[still],
        "still_shows": "the picture, not smoothed",
    }


def header_of_levels(field: Pyramid, samples: Block) -> dict[str, Any]:
    """What a page's script derives the levels of a pyramid from, and how its values are shown."""
    facts = field.facts
    return {
        "half_extent": facts.half_extent,
        "channels": facts.channels,
        "value_range": facts.value_range,
        "encoding": facts.encoding,
        "samples": {"id": _SAMPLES, **samples.facts},
        "levels": [
            {"variance": variance, "lines": [vars(line) for line in lines]}
            for lines, variance in zip(field.geometry.lines, field.geometry.variances, strict=True)
        ],
    }


def _measured(page_field: Pyramid, judge: Pyramid | Signal, shown: Pyramid) -> dict[float, float]:
    """dB of what the page computes, by variance, against the truth or against the field that was exported."""
    size = min(_MEASURED_PIXELS, max(shown.facts.resolution or (_MEASURED_PIXELS,)))
    return {
        variance: psnr(image(page_field, variance, size=size), _judged(judge, variance, size, shown), _range(shown))
        for variance in VARIANCES
    }


def _judged(judge: Pyramid | Signal, variance: float, size: int, shown: Pyramid) -> Float[np.ndarray, "h w c"]:
    if isinstance(judge, Pyramid):
        height_width = image(shown, variance, size=size).shape[:2]
        return image(judge, variance, size=(height_width[1], height_width[0]))
    from ..grid import Grid

    return judge.truth().values(Gaussian(variance), Grid.covering(shown.facts.half_extent, size))


def _range(field: Pyramid) -> tuple[float, float]:
    return field.facts.value_range


def still_of_field(field: Pyramid) -> Block:
    """A small picture of what is not smoothed."""
    values: np.ndarray = shown_values(image(field, size=_STILL_PIXELS), field.facts).clip(0, 1)
    return still_of(values)


def _about(field: Pyramid, truth: Signal | None) -> str:
    facts = field.facts
    what = f"A {facts.type.replace('_', ' ')} as a neural field of the kind {field.kind}, smoothed by any Gaussian"
    size = f", {by(facts.resolution)} samples" if facts.resolution else ""
    wipe = " Drag the last slider to wipe it against the exactly smoothed picture." if truth is not None else ""
    return f"{what}{size}. Drag the ellipse's handles or the scale slider.{wipe}"


def _sentences(field: Pyramid, facts: dict[str, Any], decibels: dict[float, float], file: str) -> str:
    per_variance = "; ".join(f"variance {variance:g}: {decibel_words(value)}" for variance, value in decibels.items())
    source = Path(field.facts.name).name
    return (
        f"Signal: {source}. Field: {f'{file}, ' if file else ''}{field.kind}, {by(facts['samples'])} samples, "
        f"{facts['levels']} levels, {facts['packed']}. "
        f"Measured at export against {facts['compared with']}: {per_variance}. "
        "The picture's rights are those of its author; the code of this page is under the MIT licence (Fieldscope)."
    )


def decibel_words(value: float) -> str:
    """Decibels for people."""
    return "equal" if value >= 199 else f"{value:.1f} dB"


def by(sides: Sequence[int]) -> str:
    """Sides of a picture for people."""
    return " x ".join(map(str, sides))
