"""Light stages as signals: photos of one view over the picture's plane and the place of their light."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from ..errors import InputError
from ..filters.filter import Numbers
from ..lights.capture import MOST_VALUES, PhotoNumbers, read_capture
from ..lights.chart import unit_directions
from ..lights.hats import Hats
from ..lights.photos import Photos, Stored, decoding
from ..lights.stage_facts import stage_lights
from ..measures import Measures
from ..monitor import Monitor
from ..registry import deferred
from ..sampling import sobol
from .signal import MONITORED_POINTS, PADDING, Signal, SignalFacts, as_points, folded

_AT_ONCE = 1 << 18
"""Points that are looked up together."""

_SEED_CELLS = 0.999999  # below 1, so that a random number never leads beyond the last


class LightStage(Signal):
    """Photos with one light each as a function of (x, y, u, v): x and y are a picture's, (u, v) is the light.

    Pixels are square and the longer side spans [-1, 1]. A light is a point of the chart of directions: the zenith is
    (0, 0), the horizon has radius 1, v points down. Between pixels values are bilinear, between lights barycentric on
    the triangulation of the chart; beyond the lights' hull they are those of its nearest point. Filters average over
    the light alone, so they have two axes.

    Values are linear light, which adds; with ``encoding="display"`` display-encoded values as they are shown.
    Photos stay in memory as they were stored.

    Args:
        photos: (L, height, width, channels) of uint8, uint16 or floats; an array or a tensor.
        lights: (L, 3) directions x, y, z of any length: x right, y to the photo's top, z to the camera.
        name: for people; usually the folder's name.
        photo_names: of the photos; by default their numbers.
        numbers: what photos' numbers are: ``srgb`` (display-encoded) or ``linear`` light; of floats ``linear``.
        encoding: what is interpolated and averaged.
        exposure_stops: by which the stage is shown brighter; kept in the facts.
        mask: (height, width), true where the subject is: scores and training points are there alone.
        light_disc: (u, v, radius) of the part of the chart that fields are trained on; None is the lights' hull.
        source_resolution: (width, height) of the files, if the photos were shrunk.

    Attributes:
        notices: what was assumed or left out when the photos were read, one sentence each.
        mask: (height, width) or None.

    Raises:
        InputError: another shape or type, fewer than three lights or 2 x 2 pixels, or a light that is no direction.

    Example:
        >>> photos = np.zeros((3, 4, 6, 3), np.uint8)
        >>> photos[1] = 255
        >>> stage = LightStage(photos, [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]])
        >>> stage([[0.0, 0.0, *stage.lights[1]]])
        tensor([[1., 1., 1.]])
    """

    type = "light_stage"
    truth_type = deferred("fieldcore.light_stage_truth:LightStageTruth")
    calibration_log10_variances = (-4.0, -1.5)
    notices: tuple[str, ...] = ()

    def __init__(
        self,
        photos: Any,
        lights: Numbers,
        name: str = "light stage",
        *,
        photo_names: Sequence[str] = (),
        numbers: Stored | None = None,
        encoding: Literal["linear", "display"] = "linear",
        exposure_stops: float | int = 0.0,
        mask: Any = None,
        light_disc: Sequence[float] | None = None,
        source_resolution: tuple[int, int] | None = None,
    ) -> None:
        stored = _as_stored(photos, name)
        count, height, width, channels = stored.shape
        directions = unit_directions(lights)
        if directions.shape != (count, 3):
            raise InputError(f"light stage '{name}': {count} photos and lights of shape {directions.shape}")
        if count < 3:
            raise InputError(f"light stage '{name}': expected at least 3 photos, got {count}")
        if encoding not in ("linear", "display"):
            raise InputError(f"encoding: expected linear or display, got '{encoding}'")
        numbers = numbers or ("linear" if stored.dtype == np.float16 else "srgb")
        longer = max(width, height)
        self.mask = None if mask is None else _as_mask(mask, (height, width), name)
        self.facts = SignalFacts(
            type=self.type,
            name=name,
            digest=_digest(stored, directions, self.mask, (numbers, encoding)),
            half_extent=(width / longer, height / longer, 1.0, 1.0),
            channels=channels,
            resolution=(width, height),
            source_resolution=source_resolution or (width, height),
            encoding=encoding,
            value_range=(0.0, 1.0 if encoding == "display" else 2.0**-exposure_stops),
            border=("mirror", "mirror", "clamp", "clamp"),
            smooth_axes=(2, 3),
            photos=tuple(photo_names) or tuple(str(number) for number in range(count)),
            light_directions=tuple(directions.ravel().tolist()),
            light_disc=() if light_disc is None else tuple(map(float, light_disc)),
            photo_numbers=numbers,
            exposure_stops=float(exposure_stops),
        )
        as_tensor = stored.view(np.int16) if stored.dtype == np.uint16 else stored
        self.photos = Photos(torch.from_numpy(as_tensor), decoding(numbers, encoding, exposure_stops))

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        max_size: int | None = None,
        most_values: int = MOST_VALUES,
        numbers: PhotoNumbers = "auto",
        encoding: Literal["linear", "display"] = "linear",
        exposure_stops: float | int = 0.0,
        mask: Path | str | None = None,
        light_disc: Sequence[float] | None = None,
    ) -> LightStage:
        """Read a folder of photos and the file in it that says where lights are, or that file.

        Args:
            path: a folder with an ``.lp``, or an ``.lp``, ``.dome``, ``.relight`` or ``.csv`` (file,x,y,z).
            max_size: shrink photos so that the longer side has at most this many pixels.
            most_values: of all photos together; larger ones are shrunk, which a notice says.
            numbers: what files hold; ``auto`` is linear light for EXR, HDR and floats, else the sRGB curve.
            encoding, exposure_stops, light_disc: see the class.
            mask: a picture, bright where the subject is; by default ``mask.png`` beside the photos if there is one.

        Raises:
            InputError: naming the photo, line or number that is missing, damaged or does not fit.
        """
        path = Path(path)
        mask = None if mask is None else Path(mask)
        capture = read_capture(path, max_size=max_size, most_values=most_values, numbers=numbers, mask=mask)
        stage = cls(
            capture.pixels,
            capture.directions,
            path.resolve().name,
            photo_names=capture.names,
            numbers=capture.numbers,
            encoding=encoding,
            exposure_stops=exposure_stops,
            mask=capture.mask,
            light_disc=light_disc,
            source_resolution=capture.source_resolution,
        )
        stage.notices = capture.notices
        return stage

    @cached_property
    def lights(self) -> Float[np.ndarray, "l 2"]:
        """The points (u, v) of all photos' lights."""
        return stage_lights(self.facts)

    @cached_property
    def hats(self) -> Hats:
        """What a photo counts at any light."""
        return Hats(self.lights)

    @property
    def device(self) -> torch.device:
        """Where the photos are."""
        return self.photos.stored.device

    @property
    def measures(self) -> Measures:  # type: ignore[override]
        """PSNR, SSIM and FLIP of what is shown, inside the mask."""
        from ..light_stage_scoring import LightStageMeasures

        return LightStageMeasures(self.mask)

    def __call__(self, x: Numbers) -> Float[Tensor, "n c"]:
        """Values at the points ``x`` (n, 4). Raises InputError: see ``as_points``."""
        x = as_points(x, 4, self.device).float()
        return torch.cat([self._values(part) for part in x.split(_AT_ONCE)]) if len(x) else x.new_zeros(0, self._c)

    @property
    def _c(self) -> int:
        return self.facts.channels

    def _values(self, x: Float[Tensor, "n 4"]) -> Float[Tensor, "n c"]:
        places, weights = self.hats.spread(x[:, 2:].double().cpu().numpy())
        index, weights = self.hats.of_lights_at(places, weights)
        on_device = [torch.from_numpy(array).to(x.device) for array in (index, weights.astype(np.float32))]
        return self.photos.at(pixel_positions(x[:, :2], self.facts), *on_device)

    def photo(self, number: int) -> Float[Tensor, "h w c"]:
        """One photo's values."""
        return self.photos.decoded(self.photos.stored[number])

    def without(self, held_out: Sequence[int]) -> LightStage:
        """The stage of all other photos. Raises InputError if fewer than three are left."""
        kept = [number for number in range(len(self.photos)) if number not in set(held_out)]
        stored = self.photos.stored[kept].cpu().numpy()
        part = LightStage(
            stored.view(np.uint16) if stored.dtype == np.int16 else stored,
            np.array(self.facts.light_directions).reshape(-1, 3)[kept],
            self.facts.name,
            photo_names=[self.facts.photos[number] for number in kept],
            numbers=self.facts.photo_numbers,  # type: ignore[arg-type]
            encoding=self.facts.encoding,  # type: ignore[arg-type]
            exposure_stops=self.facts.exposure_stops,
            mask=self.mask,
            light_disc=self.facts.light_disc or None,
            source_resolution=self.facts.source_resolution,  # type: ignore[arg-type]
        )
        return part.to(self.device)

    def draw(self, noise: Float[Tensor, "n 4"]) -> Float[Tensor, "n 4"]:
        """Pixels of the mask, or the padded picture, and lights of the disc, or of the lights' hull; all evenly."""
        return torch.cat([self._drawn_pixels(noise[:, :2]), drawn_lights(self.facts, self.hats, noise[:, 2:])], 1)

    def _drawn_pixels(self, noise: Float[Tensor, "n 2"]) -> Float[Tensor, "n 2"]:
        half = noise.new_tensor(self.facts.half_extent[:2])
        if self.mask is None:
            return (2 * noise - 1) * (half + PADDING)
        inside = self._mask_cells.to(noise.device)
        place = noise[:, 0].clamp_max(_SEED_CELLS) * len(inside)
        cell = inside[place.long()]
        width, height = self.facts.resolution
        within = torch.stack([place - place.floor(), noise[:, 1]], 1)
        corner = torch.stack([cell % width, cell // width], 1)
        return half * (2 * (corner + within) / half.new_tensor([width, height]) - 1)

    @cached_property
    def _mask_cells(self) -> Int[Tensor, "n"]:
        assert self.mask is not None
        return torch.from_numpy(np.flatnonzero(self.mask))

    def monitor(self, field: Any) -> Monitor:
        """PSNR of the unfiltered field at fixed points and lights where it trains."""
        x = self.draw(sobol(MONITORED_POINTS, 4, seed=0).float())
        low, high = self.facts.value_range
        return Monitor(field, x.to(field.device), self(x.to(self.device)).to(field.device), high - low)

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> LightStage:
        """The same photos, in the same size, with the same exposure."""
        return cls.open(
            source,
            max_size=max(facts.resolution),
            numbers=facts.photo_numbers,  # type: ignore[arg-type]
            encoding=facts.encoding,  # type: ignore[arg-type]
            exposure_stops=facts.exposure_stops,
            light_disc=facts.light_disc or None,
        )

    @classmethod
    def calibration_points(cls, field: Any, seed: int) -> Float[Tensor, "n 4"]:
        """64 points of the picture and of the lights that are trained on."""
        noise = sobol(64, 4, seed).float()
        half = torch.tensor(field.facts.half_extent[:2])
        lights = drawn_lights(field.facts, Hats(stage_lights(field.facts)), noise[:, 2:])
        return torch.cat([(2 * noise[:, :2] - 1) * half, lights], 1)

    def to(self, device: torch.device | str) -> LightStage:
        """The same stage with its photos on ``device``."""
        moved = object.__new__(type(self))
        moved.__dict__.update(self.__dict__)
        moved.photos = self.photos if self.device == torch.device(device) else self.photos.to(device)
        return moved

    def shown_at(self, exposure_stops: float | int) -> LightStage:
        """The same stage shown so much brighter; of display-encoded values that is another stage."""
        moved = object.__new__(type(self))
        moved.__dict__.update(self.__dict__)
        high = 1.0 if self.facts.encoding == "display" else 2.0**-exposure_stops
        moved.facts = replace(self.facts, exposure_stops=float(exposure_stops), value_range=(0.0, high))
        of_photos = decoding(self.facts.photo_numbers, self.facts.encoding, exposure_stops)  # type: ignore[arg-type]
        moved.photos = Photos(self.photos.stored, of_photos)
        return moved


def pixel_positions(x: Float[Tensor, "n 2"], facts: SignalFacts) -> Float[Tensor, "n 2"]:
    """Columns and rows of points, counted from the first pixel's centre, mirrored at the border."""
    half = x.new_tensor(facts.half_extent[:2])
    size = x.new_tensor(facts.resolution)
    plane = picture_facts(facts)
    return ((folded(x, plane) / half + 1) * size - 1) / 2


def picture_facts(facts: SignalFacts) -> SignalFacts:
    """The facts of the picture that a stage is at one light."""
    return SignalFacts(
        type="picture",
        name=facts.name,
        digest=facts.digest,
        half_extent=facts.half_extent[:2],
        channels=facts.channels,
        resolution=facts.resolution,
        source_resolution=facts.source_resolution,
        encoding=facts.encoding,
        value_range=facts.value_range,
    )


def drawn_lights(facts: SignalFacts, hats: Hats, noise: Float[Tensor, "n 2"]) -> Float[Tensor, "n 2"]:
    """Lights spread evenly over the disc that is trained on, or over the lights' hull, from uniform noise."""
    if facts.light_disc:
        u, v, radius = facts.light_disc
        angle = 2 * math.pi * noise[:, 1]
        way = torch.stack([angle.cos(), angle.sin()], 1)
        return noise.new_tensor([u, v]) + radius * noise[:, :1].sqrt() * way
    if hats.on_a_line:
        ends = noise.new_tensor(hats.places[[0, -1]])
        return torch.lerp(ends[:1], ends[1:], noise[:, :1])
    corners = torch.from_numpy(hats.places[hats.triangles]).to(noise)
    side = corners[:, 1:] - corners[:, :1]
    area = (side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0]).abs()
    share = (area / area.sum()).cumsum(0)
    chosen = torch.searchsorted(share, noise[:, 0].contiguous().clamp_max(_SEED_CELLS)).clamp_max(len(share) - 1)
    before = share[chosen] - (area / area.sum())[chosen]
    within = ((noise[:, 0] - before) / (area / area.sum())[chosen]).clamp(0, 1)
    root = within.sqrt()
    weights = torch.stack([1 - root, root * (1 - noise[:, 1]), root * noise[:, 1]], 1)
    return (weights[..., None] * corners[chosen]).sum(1)


def _as_stored(photos: Any, name: str) -> Shaped[np.ndarray, "l h w c"]:
    """Photos as bytes, 16 bits or half precision."""
    array = photos.detach().cpu().numpy() if isinstance(photos, Tensor) else np.asarray(photos)
    array = array[..., None] if array.ndim == 3 else array
    if array.ndim != 4 or array.shape[3] not in (1, 3) or min(array.shape[1:3], default=0) < 2:
        raise InputError(
            f"light stage '{name}': expected photos of shape (photos, height, width, 3) from 2 x 2 pixels, "
            f"got {array.shape}"
        )
    if array.dtype in (np.uint8, np.uint16, np.float16):
        return np.ascontiguousarray(array)
    if array.dtype.kind != "f":
        raise InputError(f"light stage '{name}': expected uint8, uint16 or floats, got {array.dtype}")
    if not np.isfinite(array).all() or float(array.min()) < 0:
        raise InputError(f"light stage '{name}': expected finite values from 0")
    return array.astype(np.float16)


def _as_mask(mask: Any, shape: tuple[int, int], name: str) -> Bool[np.ndarray, "h w"]:
    found = np.asarray(mask).astype(bool)
    if found.shape != shape or not found.any():
        raise InputError(f"light stage '{name}': expected a mask of shape {shape} that is not empty, got {found.shape}")
    return found


def _digest(
    stored: Shaped[np.ndarray, "l h w c"],
    directions: Float[np.ndarray, "l 3"],
    mask: Bool[np.ndarray, "h w"] | None,
    said: tuple[str, ...],
) -> str:
    digest = hashlib.sha256(f"{stored.shape}{stored.dtype}{said}".encode())
    digest.update(np.ascontiguousarray(stored).data)
    digest.update(np.round(directions, 9).tobytes())
    digest.update(b"" if mask is None else np.packbits(mask).tobytes())
    return digest.hexdigest()
