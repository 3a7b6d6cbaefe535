"""cameras.npz, as IDR, NeuS and the DTU scenes that were prepared for them have it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Float

from ...errors import InputError
from ...images import SUFFIXES, write_image
from ..camera import Camera, similarity_parts
from ..description import Description, Lens, Photograph, photograph_of
from ..written import WrittenScene, straight_alpha

_FILES = ("cameras.npz", "cameras_sphere.npz")
_PICTURES = ("image", "images", "rgb")
_HALF_A_PIXEL = 0.5
"""Of this format a pixel's centre is at whole numbers."""


class IdrFormat:
    """Projections ``world_mat_i`` from the world to pixels, and ``scale_mat_i`` from a unit sphere to the world."""

    name = "idr"
    found_by = "cameras.npz or cameras_sphere.npz, and a folder image"

    def find(self, path: Path) -> Path | None:
        """The archive itself, or the one in a folder."""
        if path.is_file():
            return path if path.suffix.lower() in (".npz", ".npy") else None
        return next((path / name for name in _FILES if (path / name).is_file()), None)

    def read(self, path: Path) -> Description:
        """Cameras of all numbers for which the archive has a projection, each with the picture of its number."""
        where = f"scene '{path}'"
        matrices = _matrices(path)
        numbers = sorted(int(name.removeprefix("world_mat_")) for name in matrices if _is_world(name))
        if not numbers:
            raise InputError(f"{where}: it has no world_mat_0, so it describes no cameras")
        pictures = _paired(where, numbers, path.parent)
        world_from_unit = _similarity(where, matrices, numbers[0])
        photographs = []
        for number, picture in zip(numbers, pictures, strict=True):
            of_view = f"{where}, camera {number} ('{picture.name}')"
            projection = _array(of_view, matrices, f"world_mat_{number}") @ _similarity(where, matrices, number)
            photographs.append(_photograph(of_view, picture, projection, world_from_unit))
        return Description(self.name, path, path.parent, tuple(photographs))

    def write(self, folder: Path, scene: WrittenScene) -> None:
        """Write image/, mask/ and cameras.npz, all by number; the unit sphere has the object in it."""
        for name in ("image", "mask")[: 1 + scene.has_masks]:
            (folder / name).mkdir(parents=True, exist_ok=True)
        unit = np.diag([scene.radius] * 3 + [1.0])
        unit[:3, 3] = scene.centre
        matrices: dict[str, Any] = {}
        for number, view in enumerate(view for view in scene.views if not view.held_out):
            write_image(folder / "image" / f"{number:03d}.png", straight_alpha(view.pixels)[..., :3])
            if scene.has_masks:
                write_image(folder / "mask" / f"{number:03d}.png", view.pixels[..., 3])
            matrices |= {f"world_mat_{number}": projection_of(view.camera), f"scale_mat_{number}": unit}
        np.savez(folder / _FILES[0], **matrices)


FORMAT = IdrFormat()


@dataclass(frozen=True)
class Projection:
    """What a projection matrix is made of.

    Attributes:
        lens: (3, 3) upper triangular, 1 in the last place.
        rotation: (3, 3) from the world to the camera, in OpenCV's axes.
        centre: of the camera in the world.
    """

    lens: Float[np.ndarray, "3 3"]
    rotation: Float[np.ndarray, "3 3"]
    centre: Float[np.ndarray, "3"]


def decomposed(projection: Float[np.ndarray, "3 4"]) -> Projection | None:
    """Lens, rotation and centre of a projection matrix of any scale; None of one that is singular or not finite.

    The rotation of a mirrored one has determinant -1. Source: R. Hartley, A. Zisserman, Multiple View Geometry, 6.2.4.
    """
    corner = projection[:, :3]
    if not np.isfinite(projection).all() or abs(np.linalg.det(corner)) <= 1e-12 * np.linalg.norm(corner) ** 3:
        return None
    flip = np.eye(3)[::-1]
    q, r = np.linalg.qr((flip @ corner).T)
    lens, rotation = flip @ r.T @ flip, flip @ q.T
    signs = np.sign(np.diag(lens))
    lens, rotation = lens * signs, rotation * signs[:, None]
    return Projection(lens / lens[2, 2], rotation, -np.linalg.solve(corner, projection[:, 3]))


def _photograph(
    where: str, picture: Path, projection: Float[np.ndarray, "4 4"], world_from_unit: Float[np.ndarray, "4 4"]
) -> Photograph:
    parts = decomposed(projection[:3])
    if parts is None:
        raise InputError(f"{where}: its projection is singular or not finite")
    scale, turned, shift = similarity_parts(torch.from_numpy(world_from_unit))
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3] = turned @ torch.from_numpy(parts.rotation.T * [1.0, -1.0, -1.0])
    pose[:3, 3] = scale * turned @ torch.from_numpy(parts.centre) + shift
    lens = parts.lens
    focal = float(lens[0, 0]), float(lens[1, 1])
    principal = float(lens[0, 2]) + _HALF_A_PIXEL, float(lens[1, 2]) + _HALF_A_PIXEL
    return photograph_of(where, picture, pose, Lens(focal, principal, skew=float(lens[0, 1])))


def _is_world(name: str) -> bool:
    return re.fullmatch(r"world_mat_(0|[1-9]\d*)", name) is not None


def _matrices(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an archive, none of which is unpickled."""
    where = f"scene '{path}'"
    try:
        loaded = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            raise InputError(
                f"{where}: it is a single array (.npy), not an archive of arrays world_mat_0, scale_mat_0 and so on"
            )
        with loaded as archive:
            return {name: archive[name] for name in archive.files if re.fullmatch(r"(world|scale)_mat_\d+", name)}
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        if "pickle" in str(error) and path.read_bytes()[:2] == b"PK":
            raise InputError(f"{where}: it holds pickled objects, which are never opened; save plain arrays") from error
        raise InputError(f"{where}: it is no archive of arrays (.npz), or damaged") from error


def _array(where: str, matrices: dict[str, np.ndarray], name: str) -> Float[np.ndarray, "4 4"]:
    matrix = matrices[name]
    if matrix.dtype.kind not in "fiu" or matrix.shape not in ((4, 4), (3, 4)):
        raise InputError(f"{where}: its {name} is {matrix.dtype} of shape {matrix.shape}; expected numbers (4, 4)")
    whole = np.eye(4)
    whole[: len(matrix)] = matrix
    return whole


def _similarity(where: str, matrices: dict[str, np.ndarray], number: int) -> Float[np.ndarray, "4 4"]:
    """From the unit sphere to the world; without one they are the same."""
    name = f"scale_mat_{number}"
    if name not in matrices:
        return np.eye(4)
    matrix = _array(where, matrices, name)
    try:
        similarity_parts(torch.from_numpy(matrix))
    except InputError as error:
        raise InputError(f"{where}: its {name} is no similarity; expected one scale, a rotation and a shift") from error
    return matrix


def _paired(where: str, numbers: list[int], scene: Path) -> list[Path]:
    """The pictures of cameras: by the number in their names where all have one, else in the order of their names."""
    folder = next((scene / name for name in _PICTURES if (scene / name).is_dir()), None)
    if folder is None:
        raise InputError(f"{where}: there is no folder '{_PICTURES[0]}' with its pictures beside it")
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    by_number = {int(digits[-1]): path for path in pictures if (digits := re.findall(r"\d+", path.stem))}
    if len(by_number) == len(pictures) and set(numbers) <= set(by_number):
        if len(pictures) > len(numbers):
            raise InputError(_unequal(where, numbers, folder, pictures))
        return [by_number[number] for number in numbers]
    if len(pictures) != len(numbers):
        raise InputError(_unequal(where, numbers, folder, pictures))
    return pictures


def _unequal(where: str, numbers: list[int], folder: Path, pictures: list[Path]) -> str:
    return (
        f"{where}: it has {len(numbers)} cameras, and '{folder}' has {len(pictures)} pictures; "
        "expected one picture for each camera"
    )


def projection_of(camera: Camera) -> Float[np.ndarray, "4 4"]:
    """From the scene to pixels whose centres are at whole numbers."""
    shifted = np.array([[1, 0, -_HALF_A_PIXEL], [0, 1, -_HALF_A_PIXEL], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3] = shifted @ camera.matrix.numpy()
    return matrix
