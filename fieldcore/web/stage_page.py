"""A light stage as a page: its photos, or principal pictures, as layers of bytes that the page sums under any light.

What each counts is computed in the page exactly (lights.js). The bytes are photos as they were stored where these are
bytes; of other numbers and of principal pictures they are the nearest of 256 steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..errors import InputError
from ..fields.field import Field
from ..fields.relight import Relight
from ..images import display_from_linear, linear_from_display
from ..images.shrinking import shrunk
from ..lights.as_shown import POINT_VARIANCE, share_of_shown
from ..lights.hats import Hats
from ..lights.photos import decoding
from ..lights.stage_facts import chart_scale, stage_directions, stage_lights
from ..measures import shown_values
from ..signals import SignalFacts
from .blocks import Block, block_of, still_of
from .document import Document
from .page_files import Parts, page_shaders
from .page_samples import colour_defines, shrunk_facts
from .page_words import by, decibels, foot
from .pages import Page, PageKind, PageSettings

_PARTS = Parts(
    body="stage.html",
    scripts=(
        "taps.js",
        "plane.js",
        "gaussian.js",
        "lights.js",
        "stage_drawing.js",
        "ellipse.js",
        "disc.js",
        "stage.js",
    ),
    styles=("plane.css", "stage.css"),
)
_MOST_LAYERS = 256
"""Of a texture, in every browser that has WebGL 2."""

_PRINCIPAL = 64
"""Pictures that stand for more photos than that."""

_MEASURED = (0.0, 1e-3, 1e-2)
"""Variances of the light."""

_MEASURED_LIGHTS = np.array([[0.0, 0.0], [-0.4, -0.3], [0.45, -0.2], [0.2, 0.5]])
_MEASURED_PIXELS = 256
_RING_ANGLES_DEG = (30.0, 60.0, 90.0)
_USUAL_LIGHT, _USUAL_VARIANCE = (-0.35, -0.35), 1e-3
_STILL = "small"


class StagePages(PageKind):
    """Pages of light stages that are sums of photos or of their principal pictures."""

    options = ("size", "lossy")
    instead: ClassVar = {"light_stage": "solve one: fieldcore fit light-stage STAGE"}

    def shows(self, field: Field, settings: PageSettings) -> bool:
        """As the base."""
        return isinstance(field, Relight)

    def page(self, field: Field, settings: PageSettings) -> Page:
        """As the base."""
        assert isinstance(field, Relight)
        return stage_page(field, settings)


STAGE = StagePages()


def stage_page(field: Relight, settings: PageSettings) -> Page:
    """The page of a light stage, of principal pictures where it has too many photos.

    Raises InputError where it is no sum of photos.
    """
    _check(field)
    held = field.with_principal_pictures(_PRINCIPAL) if len(field.samples) > _MOST_LAYERS else field
    exact, facts = _shrunk(field, settings.size)
    samples = exact if held is field else _shrunk(held, settings.size)[0]
    layers = Layers.of(held, samples, lossy=settings.lossy)
    measured = _measured(field, exact, held, layers)
    blocks = {f"picture-{number}": block for number, block in enumerate(layers.blocks)}
    blocks[_STILL] = _still(field)
    told = {
        "samples": facts.resolution,
        "photos": len(facts.photos),
        "pictures": len(layers.blocks),
        "packed": layers.blocks[0].way,
        "dB": {f"{variance:g}": value for variance, value in measured.items()},
    }
    document = Document(
        title=facts.name,
        about=_about(told),
        facts=foot(facts.name, _field_words(held, told), _measured_words(measured), "photos", file=settings.file),
        header=_header(held, facts, layers, blocks),
        shaders=page_shaders(("fullscreen.vert", "picture.frag"), ("axis.frag", "lit.frag"), *colour_defines(facts)),
        parts=_PARTS,
        blocks=blocks,
        embedded=settings.embedded,
    )
    return Page(document, told, max(facts.resolution))


@dataclass(frozen=True)
class Layers:
    """Pictures as bytes.

    Attributes:
        blocks: a picture each.
        meaning: what each byte stands for.
        peaks: what each picture is multiplied by.
    """

    blocks: Sequence[Block]
    meaning: Float[np.ndarray, "256"]
    peaks: Float[np.ndarray, "k"]

    @classmethod
    def of(cls, field: Relight, samples: Tensor, *, lossy: bool) -> Layers:
        """Those of a field with these samples, (k, height, width, channels)."""
        steps = np.arange(256, dtype=np.float32) / np.float32(255)
        peaks = np.ones(len(samples))
        if not field.keeps_photos:
            part = (np.arange(256, dtype=np.float32) - 128) / 127
            meaning = part * np.abs(part)  # finer about 0, where most values are
            peaks = np.array([max(float(one.float().abs().max()), 1e-12) for one in samples])
        elif field.facts.encoding == "display" or samples.dtype == torch.uint8:
            meaning = _decoded(field.facts, steps)
        else:
            peak = max(float(_numbers(one).max()) for one in samples)
            meaning = linear_from_display(steps) * np.float32(max(peak, 1e-12))
        blocks = []
        for one, peak in zip(samples, peaks, strict=True):
            stored = one.numpy() if one.dtype == torch.uint8 else _nearest(_values(field, one) / peak, meaning)
            blocks.append(block_of(torch.from_numpy(stored).permute(2, 0, 1), lossy=lossy, quickly=True))
        return cls(blocks, meaning.astype(np.float32), peaks)

    def values(self, every: int) -> Iterator[Float[np.ndarray, "h w c"]]:
        """What the page sums, of every so many pixels along both sides."""
        for block, peak in zip(self.blocks, self.peaks, strict=True):
            steps = np.rint(block.values[::every, ::every] * 255).astype(np.uint8)
            yield self.meaning[steps] * np.float32(peak)


def _check(field: Relight) -> None:
    recipe = field.recipe
    if recipe.lobes or field.basis_name != "photos":
        what = "lobes" if recipe.lobes else field.basis_name
        raise InputError(
            f"field of '{field.facts.name}': a page sums photos or their principal pictures, not {what}; "
            "solve one: fieldcore fit light-stage STAGE --basis photos"
        )
    if len(field.samples) > _MOST_LAYERS and recipe.between == "shown":
        raise InputError(
            f"field of '{field.facts.name}': {len(field.samples)} photos as shown are more than the {_MOST_LAYERS} "
            f"that browsers hold; solve one: fieldcore fit light-stage STAGE --pictures {_PRINCIPAL}"
        )
    if field.facts.channels not in (1, 3):
        raise InputError(f"a page of a light stage has 1 or 3 channels, got {field.facts.channels}")


def _shrunk(field: Relight, size: int | None) -> tuple[Tensor, SignalFacts]:
    """The samples and facts of smaller pictures, averaged as light, if they are larger than that."""
    samples, facts = field.samples.cpu(), field.facts
    if size is None or size >= max(facts.resolution):
        return samples, facts
    of_light = decoding(facts.photo_numbers, "linear") if field.keeps_photos else None  # type: ignore[arg-type]
    small = []
    for one in samples:
        numbers = _numbers(one).astype(np.float32)
        light = shrunk(of_light(numbers) if of_light else numbers, size)
        small.append(_stored_as(display_from_linear(light) if of_light else light, samples.dtype))
    return torch.stack(small), shrunk_facts(facts, small[0].numpy())


def _numbers(stored: Tensor) -> np.ndarray:
    """Stored numbers, steps as shares of the whole range."""
    if stored.dtype == torch.uint8:
        return stored.numpy() / np.float32(255)
    if stored.dtype == torch.int16:
        return stored.numpy().view(np.uint16) / np.float32(65535)
    return stored.float().numpy()


def _stored_as(numbers: np.ndarray, dtype: torch.dtype) -> Tensor:
    if dtype == torch.uint8:
        return torch.from_numpy(np.rint(numbers.clip(0, 1) * 255).astype(np.uint8))
    if dtype == torch.int16:
        return torch.from_numpy(np.rint(numbers.clip(0, 1) * 65535).astype(np.uint16).view(np.int16))
    return torch.from_numpy(numbers).to(dtype)


def _decoded(facts: SignalFacts, numbers: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """What photos' numbers stand for."""
    decode = decoding(facts.photo_numbers, facts.encoding, facts.exposure_stops)  # type: ignore[arg-type]
    return numbers if decode is None else decode(numbers)


def _values(field: Relight, stored: Tensor) -> Float[np.ndarray, "*shape"]:
    """What is summed."""
    numbers = _numbers(stored)
    return _decoded(field.facts, numbers) if field.keeps_photos else numbers


def _nearest(values: Float[np.ndarray, "*shape"], meaning: Float[np.ndarray, "256"]) -> UInt8[np.ndarray, "*shape"]:
    """The steps that stand for what is nearest; their meaning ascends."""
    middles = (meaning[1:] + meaning[:-1]) / 2
    found: np.ndarray = np.searchsorted(middles, values).astype(np.uint8)
    return found


def _measured(field: Relight, exact: Tensor, held: Relight, layers: Layers) -> dict[float, float]:
    """dB of what is shown, of the page against the field, by the variance of the light; over some lights and pixels.

    Args:
        field: that was exported.
        exact: its samples.
        held: the field of the page, if that has other pictures.
        layers: these.
    """
    every = max(1, max(exact.shape[1:3]) // _MEASURED_PIXELS)
    cases = [(variance, light) for variance in _MEASURED for light in _MEASURED_LIGHTS]
    page = _sums(held, cases, layers.values(every))
    true = _sums(field, cases, (_values(field, one[::every, ::every]) for one in exact))
    errors: dict[float, list[float]] = {variance: [] for variance in _MEASURED}
    for (variance, _), *pair in zip(cases, page, true, strict=True):
        got, wanted = (shown_values(values, field.facts).reshape(-1) for values in pair)
        errors[variance].append(float(np.square(got - wanted).mean()))
    return {variance: _decibels(float(np.mean(squares))) for variance, squares in errors.items()}


def _sums(
    field: Relight, cases: Sequence[tuple[float, np.ndarray]], pictures: Iterable[Float[np.ndarray, "h w c"]]
) -> Float[np.ndarray, "n h w c"]:
    """Of pictures, under variances and lights: what the field makes of its own."""
    shares = np.array([_share_of_shown(field, variance) for variance, _ in cases])
    of_light = np.stack([field.weights(light, variance) for variance, light in cases])
    of_point = np.stack([field.weights(light) for _, light in cases])
    counts = of_light - shares[:, None] * of_point
    gain = 2.0**field.facts.exposure_stops
    light = shown = np.zeros(())
    for one, own, point in zip(pictures, counts.T, of_point.T, strict=True):
        light = light + np.multiply.outer(own, one)
        if shares.any():
            shown = shown + np.multiply.outer(point, display_from_linear(one * gain))
    return light + shares[:, None, None, None] * linear_from_display(np.asarray(shown)) / gain


def _share_of_shown(field: Relight, variance: float) -> float:
    """What is interpolated as shown counts so much under a light of that variance."""
    if field.recipe.between == "light":
        return 0.0
    return float(share_of_shown(variance * np.eye(2), chart_scale(field.facts)))


def _decibels(mean_square: float) -> float:
    return 200.0 if mean_square < 1e-20 else float(-10 * np.log10(mean_square))


def _header(field: Relight, facts: SignalFacts, layers: Layers, blocks: dict[str, Block]) -> dict[str, Any]:
    described = {name: {"id": name, **block.facts} for name, block in blocks.items()}
    scale = chart_scale(facts)
    angles = [*_RING_ANGLES_DEG, *([180.0] if scale < 1 else [])]
    sides = zip(facts.half_extent, facts.resolution, strict=False)
    mix = None if field.keeps_photos else field.mixed.cpu().numpy() * layers.peaks
    return {
        "half_extent": facts.half_extent[:2],
        "channels": facts.channels,
        "encoding": facts.encoding,
        "value_range": facts.value_range,
        "lines": [
            {"first": half / n - half, "cell": 2 * half / n, "count": n, "border": "mirror"} for half, n in sides
        ],
        "pictures": [described[name] for name in blocks if name != _STILL],
        "meaning": layers.meaning.tolist(),
        "photos": facts.photos,
        "has_photos": field.keeps_photos,
        "as_shown": _as_shown_told(field, layers),
        "lights": stage_lights(facts).tolist(),
        "directions": stage_directions(facts).tolist(),
        "scale": scale,
        "rings": [scale * float(np.sqrt(1 - np.cos(np.radians(angle)))) for angle in angles],
        "hats": hats_told(field.hats, mix),
        "still": described[_STILL],
        "still_shows": "the stage under one light",
    }


def _as_shown_told(field: Relight, layers: Layers) -> dict[str, Any] | None:
    """How photos are interpolated as they are shown (lights/as_shown.py), if they are."""
    if field.recipe.between == "light":
        return None
    gain = 2.0**field.facts.exposure_stops
    shown = display_from_linear(layers.meaning * np.float32(gain))
    return {"gain": gain, "meaning": shown.tolist(), "variance": POINT_VARIANCE * chart_scale(field.facts) ** 2}


def hats_told(hats: Hats, mix: Float[np.ndarray, "l k"] | None = None) -> dict[str, Any]:
    """What the page's own hats are made of, with the mix of the pictures that stand for photos, if any do."""
    pieces, owners = hats.pieces
    return {
        "places": hats.places.tolist(),
        "place_of": hats.place_of.tolist(),
        "triangles": hats.triangles.tolist(),
        "rim": hats.rim.tolist(),
        "pieces": pieces.reshape(-1, 6).tolist(),
        "owners": owners.tolist(),
        "mix": None if mix is None else mix.tolist(),
    }


def _still(field: Relight) -> Block:
    lit = field.lit(_USUAL_LIGHT, _USUAL_VARIANCE).cpu().numpy()
    return still_of(shown_values(shrunk(lit, 640), field.facts))


def _about(told: dict[str, Any]) -> str:
    return (
        f"A light stage of {told['photos']} photos as a neural field of the kind relight, lit from anywhere by a light "
        "of any size. Drag the light on the picture or in the disc."
    )


def _field_words(field: Relight, told: dict[str, Any]) -> str:
    principal = "" if field.keeps_photos else f" as {told['pictures']} principal pictures"
    between = ", interpolated as shown" if field.recipe.between == "shown" else ""
    return f"relight, {told['photos']} photos{principal} of {by(told['samples'])} pixels{between}, {told['packed']}"


def _measured_words(measured: dict[float, float]) -> str:
    return f"Measured at export against the field, as shown: {decibels('light of variance', measured)}"
