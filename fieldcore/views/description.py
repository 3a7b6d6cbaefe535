"""What a scene's folder says of its photographs: the same for every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from .camera import Camera, pose_fault
from .picture_header import PictureHeader, picture_header

FEWEST_VIEWS = 3

_SAME_PLACE = 1e-9
"""How far cameras may be apart, as a share of their distance from the scene's origin, and stand in one place."""

_ROUNDED_PIXELS = 2.0
"""By how much a picture that was shrunk may be off its camera's shape."""


@dataclass(frozen=True)
class Distortion:
    """How a lens bends straight lines: OpenCV's radial k1, k2 and tangential p1, p2.

    Source: D. C. Brown, Decentering Distortion of Lenses, 1966; https://docs.opencv.org/4.x/d9/d0c (camera model).
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    def __bool__(self) -> bool:
        return any((self.k1, self.k2, self.p1, self.p2))


@dataclass(frozen=True)
class Lens:
    """How a camera projects, in pixels.

    Attributes:
        focal: fx and fy.
        principal: cx and cy, from the upper left corner of the picture.
        size: width and height that this is for; None is the picture's own.
        skew: see ``Camera``.
        distortion: beside all that.
    """

    focal: tuple[float, float]
    principal: tuple[float, float]
    size: tuple[int, int] | None = None
    skew: float = 0.0
    distortion: Distortion = Distortion()


@dataclass(frozen=True)
class Photograph:
    """One photograph as a scene's files describe it.

    Attributes:
        name: for people, and what its mask is found by: its file's name without folder and suffix where that is
            enough to tell it from the others.
        path: its file.
        header: of that.
        camera: in the scene's own coordinates, in the house's axes, of the pixels that are read.
        distortion: of the lens; the picture is straightened when it is read.
        as_stored: whether the camera sees the pixels as the file stores them, or upright, as it says they are turned.
        rescaled: whether the camera was described for a picture of another size.
        described: width and height that the camera was described for, if these are of another shape; else None.
        mask: its file, or None.
        held_out: whether the scene itself keeps it for testing.
    """

    name: str
    path: Path
    header: PictureHeader
    camera: Camera
    distortion: Distortion = Distortion()
    as_stored: bool = True
    rescaled: bool = False
    described: tuple[int, int] | None = None
    mask: Path | None = None
    held_out: bool = False

    @property
    def has_mask(self) -> bool:
        """Whether it has a mask's file, or alpha."""
        return self.mask is not None or self.header.has_alpha


@dataclass(frozen=True)
class Description:
    """A scene as its files describe it.

    Attributes:
        format: the reader's name.
        path: the file that describes the cameras.
        folder: of the scene.
        photographs: in the file's order, under names that differ.
        notices: what was assumed or left out, one sentence each.

    Raises:
        InputError: it has fewer than three photographs.
    """

    format: str
    path: Path
    folder: Path
    photographs: tuple[Photograph, ...]
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        once = _once(self.photographs)
        again = len(self.photographs) - len(once)
        if again:
            more = f"scene '{self.path}': {again} pictures are listed more than once; the first entry of each is taken"
            object.__setattr__(self, "notices", (*self.notices, more))
            object.__setattr__(self, "photographs", once)
        count = len(self.photographs)
        if count < FEWEST_VIEWS:
            why = "; one view has no depth" if count == 1 else ""
            found = "1 view" if count == 1 else f"{count} views"
            raise InputError(f"scene '{self.path}': it has {found}, expected at least {FEWEST_VIEWS}{why}")
        _check_places(str(self.path), self.photographs)
        object.__setattr__(self, "photographs", told_apart(self.photographs))


def photograph_of(where: str, path: Path, pose: Float[Tensor, "h w"], lens: Lens) -> Photograph:
    """A photograph with the camera of its pixels.

    Cameras are those of pixels as files store them, as programs that find cameras read them, unless the size says that
    they are of the picture as it stands upright. A picture that has another number of pixels than its camera but the
    same shape was shrunk; of another shape it keeps its camera.

    Args:
        where: file and view, as messages begin.
        path: the picture's file.
        pose: from the camera's frame, in the house's axes, to the scene's; its rotation may be rounded.
        lens: as it is described.

    Raises:
        InputError: the picture cannot be read, or this is no camera; see ``Camera``.
    """
    header = picture_header(path)
    fault = pose_fault(pose)
    if fault:
        raise InputError(f"{where}: {fault}")
    size = lens.size or header.stored
    try:
        camera = Camera(*size, *lens.focal, *lens.principal, nearest_pose(pose), lens.skew)
    except InputError as error:
        raise InputError(f"{where}: {str(error).removeprefix('camera: ')}") from error
    as_stored = _same_shape(size, header.stored) or not _same_shape(size, header.upright)
    actual = header.stored if as_stored else header.upright
    same_shape = _same_shape(size, actual)
    rescaled = size != actual and same_shape
    camera = camera.resized(*actual) if rescaled else replace(camera, width=actual[0], height=actual[1])
    described = None if same_shape else size
    return Photograph(path.stem, path, header, camera, lens.distortion, as_stored, rescaled, described)


def _same_shape(size: tuple[int, int], other: tuple[int, int]) -> bool:
    across, down = (one / another for one, another in zip(size, other, strict=True))
    return abs(across - down) * max(other) <= _ROUNDED_PIXELS * max(across, 1.0)


def _once(photographs: Sequence[Photograph]) -> tuple[Photograph, ...]:
    """Each picture once; one that is held out anywhere is held out."""
    held_out = {each.path.resolve() for each in photographs if each.held_out}
    first: dict[Path, Photograph] = {}
    for each in photographs:
        path = each.path.resolve()
        first.setdefault(path, replace(each, held_out=path in held_out))
    return tuple(first.values())


def _check_places(where: str, photographs: Sequence[Photograph]) -> None:
    """Raise InputError where all cameras stand in one place: nothing would say how far away anything is."""
    places = torch.stack([each.camera.centre for each in photographs])
    if float((places - places[0]).abs().max()) <= _SAME_PLACE * float(places.abs().max()):
        raise InputError(
            f"scene '{where}': all {len(photographs)} cameras stand in one place, so there is no depth; expected "
            "photographs from several places"
        )


def nearest_pose(pose: Float[Tensor, "4 4"]) -> Float[Tensor, "4 4"]:
    """The same matrix with the rotation that is nearest to its upper left corner."""
    exact = pose.double().clone()
    left, _, right = torch.linalg.svd(exact[:3, :3])
    exact[:3, :3] = left @ right
    exact[3] = torch.tensor([0.0, 0.0, 0.0, 1.0])
    return exact


def told_apart(photographs: Sequence[Photograph]) -> tuple[Photograph, ...]:
    """Photographs under names that differ: with their folder, or their number, where the file's name is not enough."""
    names = [each.name for each in photographs]
    with_folder = [f"{each.path.parent.name}/{each.name}" for each in photographs]
    named = []
    for number, each in enumerate(photographs):
        name = each.name if names.count(each.name) == 1 else with_folder[number]
        unique = name == each.name or with_folder.count(name) == 1
        named.append(replace(each, name=name if unique else f"{name} ({number})"))
    return tuple(named)


def present(where: str, frames: Sequence[tuple[str, Photograph | None]]) -> tuple[list[Photograph], tuple[str, ...]]:
    """The photographs that are there, and a sentence on those that are not.

    Args:
        where: the file that lists them, as messages begin.
        frames: of each its name in that file, and the photograph, None where its picture is not there.

    Raises:
        InputError: none is there.
    """
    shown = [photograph for _, photograph in frames if photograph is not None]
    missing = [name for name, photograph in frames if photograph is None]
    if not shown:
        raise InputError(f"{where}: none of its {len(missing)} pictures is there, such as '{missing[0]}'")
    if not missing:
        return shown, ()
    return shown, (
        f"{where}: {len(missing)} of its {len(frames)} pictures are not there ('{missing[0]}' is the first); "
        f"the other {len(shown)} are used",
    )
