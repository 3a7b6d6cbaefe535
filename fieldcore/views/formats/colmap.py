"""COLMAP's models: cameras and images as .bin or .txt.

Source: COLMAP's documentation, Output Format (https://colmap.github.io/format.html).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ...errors import InputError
from ...plain_text import decoded
from ..description import Description, Distortion, Lens, Photograph, photograph_of, present
from ..written import WrittenScene, without_skew, write_pictures

_MODELS = ("sparse/0", "sparse", "colmap/sparse/0", ".")
"""Where a scene's folder has a model."""

_PICTURES = ("images", "image", "input")
_MOST = 1 << 20


@dataclass(frozen=True)
class _Placed:
    """A line of images.txt: a name, the number of its camera, and from the world to that."""

    name: str
    camera: int
    quaternion: tuple[float, float, float, float]
    shift: tuple[float, float, float]


class ColmapFormat:
    """Rotations from the world to the camera as quaternions w, x, y, z, in OpenCV's axes."""

    name = "colmap"
    found_by = "sparse/0 with cameras and images, .bin or .txt"

    def find(self, path: Path) -> Path | None:
        """The folder of the model: that itself, or the one in a scene's folder."""
        if path.is_file():
            return path.parent if path.name in ("cameras.bin", "cameras.txt", "images.bin", "images.txt") else None
        others = sorted(folder for folder in (path / "sparse").glob("*") if folder.is_dir())
        return next((folder for folder in (*(path / name for name in _MODELS), *others) if _suffix(folder)), None)

    def read(self, path: Path) -> Description:
        """The images of the model whose pictures are there."""
        suffix = _suffix(path)
        where = f"scene '{path}'"
        if suffix is None:
            raise InputError(f"{where}: expected cameras and images, both .bin or both .txt")
        lenses = _CAMERAS[suffix](path / f"cameras{suffix}")
        placed = _IMAGES[suffix](path / f"images{suffix}")
        if not placed:
            raise InputError(f"{where}: its images{suffix} has no images")
        scene, pictures = _folders(where, path)
        shown, notices = present(where, [(each.name, _photograph(where, each, lenses, pictures)) for each in placed])
        others = [other for other in sorted(path.parent.iterdir()) if other != path and _suffix(other)]
        if path.name == "0" and others:
            notices += (f"{where}: there is also '{others[0]}'; the first model is taken",)
        shown.sort(key=lambda photograph: photograph.path)
        return Description(self.name, path, scene, tuple(shown), notices)

    def write(self, folder: Path, scene: WrittenScene) -> None:
        """Write images/ and sparse/0 as text, with a camera for each image and no points."""
        views = [view for view in scene.views if not view.held_out]
        write_pictures(folder / "images", views, scene.has_masks)
        model = folder / "sparse" / "0"
        model.mkdir(parents=True, exist_ok=True)
        cameras, images = (
            ["# number, model, width, height, fx, fy, cx, cy"],
            ["# number, w, x, y, z, shift, camera, name"],
        )
        for number, view in enumerate(views, 1):
            camera = without_skew(self.name, view)
            lens = (camera.fx, camera.fy, camera.cx, camera.cy)
            cameras.append(f"{number} PINHOLE {camera.width} {camera.height} {_words(lens)}")
            turned = torch.diag(torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64)) @ camera.rotation.T
            pose = (*_quaternion(turned), *(-turned @ camera.centre).tolist())
            images += [f"{number} {_words(pose)} {number} {view.name}.png", ""]
        (model / "cameras.txt").write_text("\n".join(cameras) + "\n", "utf-8")
        (model / "images.txt").write_text("\n".join(images) + "\n", "utf-8")
        (model / "points3D.txt").write_text("# number, x, y, z, r, g, b, error, track\n", "utf-8")


FORMAT = ColmapFormat()


def _suffix(folder: Path) -> str | None:
    """Whether a folder has a model in binary or in text."""
    if not folder.is_dir():
        return None
    kinds = (".bin", ".txt")
    return next((kind for kind in kinds if all((folder / f"{n}{kind}").is_file() for n in ("cameras", "images"))), None)


def _folders(where: str, model: Path) -> tuple[Path, Path]:
    """The scene's folder and that of its pictures: beside the model or above it."""
    for above in (model, *list(model.resolve().parents)[:3]):
        for name in _PICTURES:
            if (above / name).is_dir():
                return above, above / name
    raise InputError(f"{where}: there is no folder '{_PICTURES[0]}' with its pictures beside or above it")


def _photograph(where: str, placed: _Placed, lenses: dict[int, Lens], folder: Path) -> Photograph | None:
    picture = folder / placed.name
    if not picture.is_file():
        return None
    where = f"{where}, image '{placed.name}'"
    if placed.camera not in lenses:
        raise InputError(f"{where}: its camera {placed.camera} is not in the list of cameras")
    pose = torch.eye(4, dtype=torch.float64)
    rotation = _rotation(where, placed.quaternion)
    pose[:3, :3] = rotation.T * torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64)
    pose[:3, 3] = -rotation.T @ torch.tensor(placed.shift, dtype=torch.float64)
    return photograph_of(where, picture, pose, lenses[placed.camera])


def _rotation(where: str, quaternion: tuple[float, float, float, float]) -> Float[Tensor, "3 3"]:
    length = math.hypot(*quaternion)
    if not 1e-6 < length < math.inf:
        raise InputError(f"{where}: its quaternion is {quaternion}, which is no rotation")
    w, x, y, z = (value / length for value in quaternion)
    return torch.tensor(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ],
        dtype=torch.float64,
    )


def _quaternion(rotation: Float[Tensor, "3 3"]) -> tuple[float, ...]:
    """w, x, y, z of a rotation, w not below 0; exact of half turns, too."""
    r = rotation.tolist()
    squares = torch.tensor(
        [
            [r[0][0] + r[1][1] + r[2][2], r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]],
            [0, r[0][0] - r[1][1] - r[2][2], r[1][0] + r[0][1], r[0][2] + r[2][0]],
            [0, 0, r[1][1] - r[0][0] - r[2][2], r[2][1] + r[1][2]],
            [0, 0, 0, r[2][2] - r[0][0] - r[1][1]],
        ],
        dtype=torch.float64,
    )
    _, vectors = torch.linalg.eigh(squares, UPLO="U")
    quaternion = vectors[:, -1]
    return tuple((quaternion if quaternion[0] >= 0 else -quaternion).tolist())


def _words(numbers: Iterable[float]) -> str:
    return " ".join(f"{number:.17g}" for number in numbers)


@dataclass(frozen=True)
class _Model:
    """A model of a lens: its number in binary files, how many parameters it has, and what they are."""

    number: int
    count: int
    lens: Callable[[tuple[int, int], tuple[float, ...]], Lens] | None = None


def _one_focal(size: tuple[int, int], p: tuple[float, ...]) -> Lens:
    return Lens((p[0], p[0]), (p[1], p[2]), size, distortion=Distortion(*p[3:]))


def _two_focals(size: tuple[int, int], p: tuple[float, ...]) -> Lens:
    return Lens((p[0], p[1]), (p[2], p[3]), size, distortion=Distortion(*p[4:]))


_LENSES = {
    "SIMPLE_PINHOLE": _Model(0, 3, _one_focal),
    "PINHOLE": _Model(1, 4, _two_focals),
    "SIMPLE_RADIAL": _Model(2, 4, _one_focal),
    "RADIAL": _Model(3, 5, _one_focal),
    "OPENCV": _Model(4, 8, _two_focals),
    "OPENCV_FISHEYE": _Model(5, 8),
    "FULL_OPENCV": _Model(6, 12),
    "FOV": _Model(7, 5),
    "SIMPLE_RADIAL_FISHEYE": _Model(8, 4),
    "RADIAL_FISHEYE": _Model(9, 5),
    "THIN_PRISM_FISHEYE": _Model(10, 12),
}
"""COLMAP's models of lenses; those without a function are refused by name."""


def _lens(where: str, name: str, size: tuple[int, int], parameters: tuple[float, ...]) -> Lens:
    model = _LENSES.get(name)
    if model is None or model.lens is None:
        known = ", ".join(name for name, known in _LENSES.items() if known.lens)
        raise InputError(
            f"{where}: cameras of the model {name} are not read, only {known}; let COLMAP undistort the pictures"
        )
    if len(parameters) != model.count:
        raise InputError(f"{where}: a {name} has {model.count} parameters, got {len(parameters)}")
    if min(size) < 1:
        raise InputError(f"{where}: it has {size[0]} x {size[1]} pixels")
    return model.lens(size, parameters)


def _cameras_of_text(path: Path) -> dict[int, Lens]:
    lenses = {}
    for number, line in _lines(path):
        where = f"scene '{path}', line {number}"
        words = line.split()
        try:
            key, name, width, height, *parameters = words
            values = tuple(float(word) for word in parameters)
            lenses[int(key)] = _lens(where, name, (int(width), int(height)), values)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(f"{where}: expected a camera's number, model, width, height and parameters") from error
    return lenses


def _images_of_text(path: Path) -> list[_Placed]:
    """Every other line is of points, which may be none."""
    placed: list[_Placed] = []
    of_points = False
    for number, line in _lines(path, also_empty=True):
        if of_points:
            of_points = False
            if len(line.split()) % 3:
                raise InputError(
                    f"scene '{path}', line {number}: expected the points of image '{placed[-1].name}', three numbers "
                    "each; every image has a line of them after its own, which may be empty"
                )
            continue
        if not line.strip():
            continue
        try:
            words = line.split(maxsplit=9)
            w, x, y, z, *shift = (float(word) for word in words[1:8])
            placed.append(_Placed(words[9].strip(), int(words[8]), (w, x, y, z), (shift[0], shift[1], shift[2])))
        except (ValueError, IndexError) as error:
            raise InputError(
                f"scene '{path}', line {number}: expected an image's number, quaternion, shift, camera and name"
            ) from error
        of_points = True
    return placed


def _lines(path: Path, also_empty: bool = False) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(decoded(path.read_bytes()).split("\n"), 1):
        if not line.startswith("#") and (also_empty or line.strip()):
            yield number, line


class _Binary:
    """A binary file that is read from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self._path, self._content, self._place = path, path.read_bytes(), 0

    def numbers(self, layout: str) -> tuple:
        """The next numbers, little-endian."""
        size = struct.calcsize("<" + layout)
        self.skip(size)
        return struct.unpack_from("<" + layout, self._content, self._place - size)

    def count(self) -> int:
        """The next number, of entries that follow."""
        count = int(self.numbers("Q")[0])
        if count > _MOST:
            raise self.cut_short()
        return count

    def name(self) -> str:
        """The next text, up to a zero."""
        end = self._content.find(b"\0", self._place)
        if end < 0:
            raise self.cut_short()
        text = decoded(self._content[self._place : end])
        self._place = end + 1
        return text

    def skip(self, size: int) -> None:
        """Pass over so many bytes."""
        self._place += size
        if self._place > len(self._content):
            raise self.cut_short()

    def cut_short(self) -> InputError:
        """What is wrong where more was expected."""
        return InputError(f"scene '{self._path}': the file is cut short or damaged; copy or export it again")


def _cameras_of_binary(path: Path) -> dict[int, Lens]:
    file = _Binary(path)
    by_number = {model.number: name for name, model in _LENSES.items()}
    lenses = {}
    for _ in range(file.count()):
        key, model, width, height = file.numbers("iiQQ")
        where = f"scene '{path}', camera {key}"
        name = by_number.get(model, f"number {model}")
        parameters = file.numbers("d" * _LENSES[name].count) if name in _LENSES else ()
        lenses[key] = _lens(where, name, (width, height), parameters)
    return lenses


def _images_of_binary(path: Path) -> list[_Placed]:
    file = _Binary(path)
    placed = []
    for _ in range(file.count()):
        _, w, x, y, z, *shift, camera = file.numbers("idddddddi")
        placed.append(_Placed(file.name(), camera, (w, x, y, z), (shift[0], shift[1], shift[2])))
        file.skip(24 * file.count())
    return placed


_CAMERAS = {".bin": _cameras_of_binary, ".txt": _cameras_of_text}
_IMAGES = {".bin": _images_of_binary, ".txt": _images_of_text}
