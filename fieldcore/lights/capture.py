"""Reading the photos of a light stage: which there are, where their lights are, and what is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Shaped

from ..errors import InputError
from ..images import SUFFIXES as PICTURE_SUFFIXES
from ..images import Image, composited, display_from_linear, linear_from_display, read_image
from ..images.shrinking import shrunk
from .chart import FULL_SPHERE_SCALE, chart_from_direction
from .light_list import SUFFIXES, LightList, read_light_list
from .photos import Stored
from .polynomials import are_on_a_curve

PhotoNumbers = Literal["auto", "srgb", "linear"]
"""What photos' files hold; ``auto`` is linear light for EXR, HDR and other floats, else the sRGB curve."""

MOST_LIGHTS = 1000
MOST_VALUES = 1 << 30
"""Of all photos together: a gigabyte of bytes. More are shrunk, which a notice says."""

MASK = "mask.png"
_RAW = (".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2", ".pef", ".srw")
_BLACK = (0.0, 0.0, 0.0)
_ENCODINGS = {"srgb": "display", "linear": "linear"}


@dataclass(frozen=True)
class Capture:
    """The photos of a stage as they were read.

    Attributes:
        names: of the photos.
        directions: (L, 3) unit directions of their lights.
        pixels: (L, h, w, c) uint8, uint16 or float16.
        numbers: what these are.
        mask: (h, w), where the subject is; None is everywhere.
        source_resolution: (width, height) before any shrinking.
        notices: what was assumed or left out, one sentence each.
    """

    names: tuple[str, ...]
    directions: Float[np.ndarray, "l 3"]
    pixels: Shaped[np.ndarray, "l h w c"]
    numbers: Stored
    mask: Bool[np.ndarray, "h w"] | None
    source_resolution: tuple[int, int]
    notices: tuple[str, ...]


def read_capture(
    source: Path,
    *,
    max_size: int | None = None,
    most_values: int = MOST_VALUES,
    numbers: PhotoNumbers = "auto",
    mask: Path | None = None,
) -> Capture:
    """Read a stage.

    Args:
        source: a folder with photos and one file that says where lights are, or that file.
        max_size: shrink photos, in linear light, so that the longer side has at most this many pixels.
        most_values: of all photos together; they are shrunk so far that there are no more.
        numbers: what the files hold.
        mask: a picture that is bright where the subject is; by default ``mask.png`` beside the photos, if there is one.

    Raises:
        InputError: naming what is missing, cannot be read or does not fit together.
    """
    listing = find_light_list(source)
    listed = read_light_list(listing)
    folder = listing.parent / listed.folder if listed.folder else listing.parent
    mask = mask if mask is not None else _mask_beside(folder)
    paths = _photo_paths(listed, listing, folder, mask)
    directions, notices = _checked_directions(listed, listing)
    reader = _PhotoReader(max_size, most_values // len(paths), numbers)
    pixels = reader.read(paths)
    subject = None if mask is None else _mask(mask, pixels.shape[1:3], reader.source_resolution)
    _check_light(pixels, listing)
    return Capture(
        names=tuple(path.name for path in paths),
        directions=directions,
        pixels=pixels,
        numbers=reader.numbers_found,
        mask=subject,
        source_resolution=reader.source_resolution,
        notices=(*listed.notices, *notices, *reader.notices),
    )


def find_light_list(source: Path) -> Path:
    """The file that says where lights are: that itself, or the one in a folder. Raises InputError unless it is one."""
    if not source.is_dir():
        if not source.is_file():
            raise InputError(f"light stage '{source}': no such file or folder")
        return source
    try:
        entries = sorted(entry for entry in source.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise InputError(f"light stage '{source}': cannot be read ({error.strerror})") from error
    for suffix in SUFFIXES:
        found = [entry for entry in entries if entry.suffix.lower() == suffix]
        if len(found) > 1:
            names = ", ".join(entry.name for entry in found)
            raise InputError(f"light stage '{source}': it has several {suffix} files, {names}; name the one to take")
        if found:
            return found[0]
    never = next((entry.name for entry in entries if entry.suffix.lower() in (".pt", ".npy", ".pkl", ".npz")), None)
    hint = f" ('{never}' may be a pickle, which is never opened)" if never else ""
    raise InputError(
        f"light stage '{source}': it has no .lp file{hint}; write one: a line with the count, "
        "then 'photo.jpg x y z' a line, x right, y to the photo's top, z to the camera"
    )


def is_light_stage(path: Path) -> bool:
    """Whether a path is a light list, or a folder with one."""
    if path.is_dir():
        try:
            return any(entry.suffix.lower() == ".lp" for entry in path.iterdir())
        except OSError:
            return False
    return path.suffix.lower() in (".lp", ".relight", ".dome")


def _photo_paths(listed: LightList, listing: Path, folder: Path, mask: Path | None) -> list[Path]:
    """The files of the photos, in the list's order."""
    where = f"lights '{listing}'"
    there = _photos_in(folder, mask, where)
    if not listed.names:  # a dome has none: its lights are in the photos' order
        if len(there) != len(listed.directions):
            raise InputError(f"{where}: it has {len(listed.directions)} lights, and the folder has {len(there)} photos")
        return there
    by_name = {path.name.lower(): path for path in there}
    paths, missing = [], []
    for name in listed.names:
        found = _located(name, folder, by_name)
        if found is None:
            missing.append(name)
        else:
            paths.append(found)
    if missing:
        others = f"the other {len(paths)} are there" if paths else "nor is any other"
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(f"{where}: photo '{missing[0]}' is not in '{folder}'{more}; {others}")
    _check_once(paths, where)
    left = [path.name for path in there if path not in paths and path.suffix == paths[0].suffix]
    if left and all(path.parent == folder for path in paths):
        more = f", nor have {len(left) - 1} more" if len(left) > 1 else ""
        raise InputError(f"{where}: photo '{left[0]}' has no light in it{more}; add a line, or move the photo away")
    return paths


def _photos_in(folder: Path, mask: Path | None, where: str) -> list[Path]:
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise InputError(f"{where}: the folder '{folder}' of its photos cannot be read ({error.strerror})") from error
    raw = next((entry.name for entry in entries if entry.suffix.lower() in _RAW), None)
    found = [
        entry for entry in entries if entry.suffix.lower() in PICTURE_SUFFIXES and entry.name != MASK and entry != mask
    ]
    if not found and raw is not None:
        raise InputError(
            f"{where}: '{raw}' is a camera's raw file; develop the photos to 16-bit TIFF, say with dcraw or rawpy"
        )
    return found


def _located(name: str, folder: Path, by_name: dict[str, Path]) -> Path | None:
    """A photo by its name as it is written: beside the list, or by its last part alone, in any case of letters."""
    plain = name.replace("\\", "/")
    base = plain.rsplit("/", 1)[-1]
    if not re.match(r"^(?:[A-Za-z]:)?/", plain):
        try:
            beside = folder / plain
            if beside.is_file():
                return beside
        except (OSError, ValueError):
            return None
    return by_name.get(base.lower())


def _check_once(paths: list[Path], where: str) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path in seen:
            raise InputError(f"{where}: photo '{path.name}' has two lines; a photo has one light")
        seen.add(path)


def _checked_directions(listed: LightList, listing: Path) -> tuple[Float[np.ndarray, "l 3"], list[str]]:
    where, directions = f"lights '{listing}'", listed.directions
    names = listed.names or tuple(f"number {number + 1}" for number in range(len(directions)))
    if len(directions) > MOST_LIGHTS:
        raise InputError(f"{where}: it has {len(directions)} lights, and at most {MOST_LIGHTS} are read; take fewer")
    if len(directions) < 3:
        raise InputError(f"{where}: expected at least 3 lights, got {len(directions)}")
    length = np.linalg.norm(directions, axis=1)
    for name, direction, size in zip(names, directions, length, strict=True):
        if not (np.isfinite(direction).all() and size > 1e-9):
            shown = " ".join(f"{value:g}" for value in direction)
            raise InputError(f"{where}: the light of '{name}' is {shown}, which is no direction")
    notices = []
    if np.abs(length - 1).max() > 1e-3:
        lengths = f"{length.min():.4g} to {length.max():.4g}"
        notices.append(f"{where}: its directions are not of length 1 ({lengths}); they are scaled to it")
    directions = directions / length[:, None]
    below = int((directions[:, 2] < 0).sum())
    if below:
        lights = "1 light is" if below == 1 else f"{below} lights are"
        notices.append(f"{where}: {lights} below the horizon, behind the subject")
    return directions, notices + _on_a_curve(directions, where) + _pairs(directions, names, where)


def _on_a_curve(directions: Float[np.ndarray, "l 3"], where: str) -> list[str]:
    """A note of lights that surround nothing, or lie all around it alike: on a line of the chart, or on one ring."""
    scale = 1.0 if (directions[:, 2] >= 0).all() else FULL_SPHERE_SCALE
    if len(directions) > 3 and are_on_a_curve(chart_from_direction(directions, scale), scale):
        return [f"{where}: its lights are on one line or ring, which is enough for the bases photos and kriging only"]
    return []


def _pairs(directions: Float[np.ndarray, "l 3"], names: tuple[str, ...], where: str) -> list[str]:
    """A note of lights that are nearly the same."""
    near = directions @ directions.T > np.cos(np.radians(0.1))
    pairs = np.argwhere(np.triu(near, 1))
    if len(pairs) == 0:
        return []
    one, other = (names[number] for number in pairs[0])
    more = f", and {len(pairs) - 1} more such pairs" if len(pairs) > 1 else ""
    return [f"{where}: '{one}' and '{other}' have the same light to 0.1 degrees{more}; both are kept and averaged"]


class _PhotoReader:
    """Reads photos one after the other into one array, so that memory holds no more than what is kept."""

    def __init__(self, max_size: int | None, most_values: int, numbers: PhotoNumbers) -> None:
        self._max_size, self._most_values, self._wanted = max_size, most_values, numbers
        self.numbers_found: Stored = "srgb"
        self.source_resolution = (0, 0)
        self.notices: list[str] = []

    def read(self, paths: list[Path]) -> Shaped[np.ndarray, "l h w c"]:
        """The photos, in as few bytes as hold what their files do."""
        first = _photo(paths[0], self._note_once)
        encoding = first.encoding if self._wanted == "auto" else _ENCODINGS[self._wanted]
        self.numbers_found = "srgb" if encoding == "display" else "linear"
        self.source_resolution = (first.values.shape[1], first.values.shape[0])
        self._shrink_to_memory(first)
        pixels: np.ndarray | None = None
        counts = {1: 0, 3: 0}
        for number, path in enumerate(paths):
            photo = first if number == 0 else _photo(path, self._note_once)
            self._check_like(first, paths[0].name, photo, path)
            counts[photo.values.shape[2]] += 1
            pixels = _widened(pixels, photo, len(paths), self._shape(photo))
            pixels[number] = _quantised(self._kept(photo), pixels.dtype)
        assert pixels is not None, "a stage has photos"
        if all(counts.values()):
            self.notices.append(f"{counts[1]} of its photos are grey and {counts[3]} have colours; grey is grey in all")
        height, width = pixels.shape[1:3]
        if (width, height) != self.source_resolution:
            self.notices.append(f"{len(paths)} photos are shrunk to {width} x {height} pixels")
        return pixels

    def _shrink_to_memory(self, photo: Image) -> None:
        """Photos that together would be too large are shrunk as far as they need be."""
        height, width, channels = photo.values.shape
        share = math.sqrt(self._most_values / (height * width * channels))
        if share < 1:
            most = max(2, int(max(height, width) * share))
            self._max_size = most if self._max_size is None else min(most, self._max_size)

    def _note_once(self, what: str, notice: str) -> None:
        if not any(what in known for known in self.notices):
            self.notices.append(notice)

    def _check_like(self, first: Image, first_name: str, photo: Image, path: Path) -> None:
        height, width = photo.values.shape[:2]
        if (width, height) != self.source_resolution:
            expected = " x ".join(map(str, self.source_resolution))
            raise InputError(
                f"photo '{path}': it is {width} x {height} pixels, and '{first_name}' is {expected}; "
                "photos of a stage are of one size"
            )
        if photo.encoding != first.encoding and self._wanted == "auto":
            raise InputError(
                f"photo '{path}': it holds {photo.encoding} values, and '{first_name}' {first.encoding} ones; "
                "say --photos srgb or --photos linear"
            )

    def _shape(self, photo: Image) -> tuple[int, int]:
        height, width = photo.values.shape[:2]
        longer = max(height, width)
        if self._max_size is None or longer <= self._max_size:
            return height, width
        return max(2, round(height * self._max_size / longer)), max(2, round(width * self._max_size / longer))

    def _kept(self, photo: Image) -> Float[np.ndarray, "h w c"]:
        """The values, shrunk in linear light."""
        if self._max_size is None or max(photo.values.shape[:2]) <= self._max_size:
            return photo.values
        if self.numbers_found == "linear":
            return shrunk(photo.values, self._max_size)
        return display_from_linear(shrunk(linear_from_display(photo.values), self._max_size))


def _photo(path: Path, note_once: Callable[[str, str], None]) -> Image:
    """A photo without alpha, of one channel or three, whose values are numbers from 0."""
    if path.suffix.lower() in _RAW:
        raise InputError(f"photo '{path}': a camera's raw file; develop it to 16-bit TIFF, say with dcraw or rawpy")
    image = read_image(path)
    if image.alpha != "none":
        note_once("transparent", f"photo '{path.name}': transparent parts are put on black, as in all photos")
    values = composited(image, _BLACK)
    if not np.isfinite(values).all():
        raise InputError(f"photo '{path}': it has NaN or infinite values; export it again")
    if float(values.min(initial=0.0)) < 0:
        note_once("negative", f"photo '{path.name}': negative values count as 0, as in all photos")
        values = np.maximum(values, 0)
    if min(values.shape[:2]) < 2:
        raise InputError(f"photo '{path}': it is {values.shape[1]} x {values.shape[0]} pixels; expected 2 x 2 or more")
    channels = 1 if values.shape[2] < 3 else 3
    return Image(values[..., :channels], image.encoding)


def _widened(
    pixels: np.ndarray | None, photo: Image, count: int, shape: tuple[int, int]
) -> Shaped[np.ndarray, "l h w c"]:
    """The array of all photos, of as many bits and channels as this one needs as well."""
    channels = photo.values.shape[2]
    dtype = np.float16 if photo.encoding == "linear" else np.uint8 if _in_bytes(photo.values) else np.uint16
    if pixels is None:
        return np.zeros((count, *shape, channels), dtype)
    if channels > pixels.shape[3]:
        pixels = np.repeat(pixels, channels, axis=3)
    if pixels.dtype == np.uint8 and dtype != np.uint8:
        pixels = pixels.astype(np.uint16) * np.uint16(257)
    return pixels


def _in_bytes(values: Float[np.ndarray, "*shape"]) -> bool:
    scaled = values * np.float32(255)
    return bool(np.abs(scaled - np.rint(scaled)).max() < 1e-2)


def _quantised(values: Float[np.ndarray, "h w c"], dtype: np.dtype) -> Shaped[np.ndarray, "h w c"]:
    if dtype == np.float16:
        return np.minimum(values, 65504).astype(np.float16)
    steps = np.float32(np.iinfo(dtype).max)
    return np.rint(values.clip(0, 1) * steps).astype(dtype)


def _mask_beside(folder: Path) -> Path | None:
    found = folder / MASK
    return found if found.is_file() else None


def _mask(path: Path, shape: tuple[int, ...], source_resolution: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    values = composited(read_image(path), _BLACK)
    height, width = values.shape[:2]
    if (width, height) != source_resolution and (height, width) != shape:
        expected = " x ".join(map(str, source_resolution))
        raise InputError(f"mask '{path}': it is {width} x {height} pixels, and the photos are {expected}")
    grey = values[..., :3].mean(2, keepdims=True)
    if (height, width) != shape:
        grey = shrunk(grey, max(shape))
    found = grey[..., 0] > 0.5
    if not found.any():
        raise InputError(f"mask '{path}': it is black everywhere; expected white where the subject is")
    return found


def _check_light(pixels: Shaped[np.ndarray, "l h w c"], listing: Path) -> None:
    if not any(photo.any() for photo in pixels):
        raise InputError(f"lights '{listing}': all its photos are black; expected light in some of them")
