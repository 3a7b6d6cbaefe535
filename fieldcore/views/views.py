"""Photographs of a scene as what a field is trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..errors import InputError
from ..signals.signal import Dataset, SignalFacts
from .camera import Camera, similarity_parts
from .checks import described_notices, mask_notices, unseen_notice
from .description import FEWEST_VIEWS, Description, Photograph
from .domain import cameras_cube
from .formats import read_description
from .hull import VERTICES, Hull, visual_hull
from .masks import NO_MASKS, are_full, check_masks, with_masks
from .reading import camera_of_pixels, read_pixels, recentred
from .scene_box import object_cube
from .view import LazyPixels, View, read_all
from .written import WrittenScene, WrittenView

if TYPE_CHECKING:
    from ..fields.field import Field
    from ..signals.shape import Shape
else:
    Field = Shape = Any

HOLDOUT = 8
"""Every so many views, one is held out."""

_FEWEST_TRAINED = 2
_COARSE_VERTICES = 65

FROM_BACKGROUND = "background"
"""What facts say of masks that were made from pictures' backgrounds."""


@dataclass(frozen=True)
class Opening:
    """How a scene's files become views; see ``Views.open``."""

    size: int | None = None
    masks: str = ""
    mask_from_background: bool = False
    recentre: bool = False

    @property
    def facts_masks(self) -> str:
        """What facts say of the masks."""
        return FROM_BACKGROUND if self.mask_from_background else self.masks

    def photographs(self, described: Description) -> tuple[Photograph, ...]:
        """The photographs with their masks and their cameras."""
        found = described.photographs
        if not self.mask_from_background:
            found = with_masks(described, Path(self.masks) if self.masks else None)
        return tuple(recentred(each) for each in found) if self.recentre else found


class Views(Dataset):
    """Photographs of one scene with their cameras.

    The domain [-1, 1]^3 is a cube of the scene. With masks it is the visual hull's, without it is where the cameras
    look. A field of views answers one number at a point of it, a signed distance or a density; a domain unit is
    ``facts.value_scale`` source units.

    Args:
        cameras: in the scene's own coordinates.
        pixels: of each camera: (height, width, 4) bytes, colours times alpha and alpha; or what reads them.
        name: for people; usually the folder's name.
        names: of the views; by default their numbers.
        held_out: which of them are kept for testing.
        holdout: where that is not given, every so many views one; 0 for none.
        has_masks: whether alpha tells object from background.
        source_from_scene: from the domain to the scene's coordinates; by default see above.
        digest: of what the pixels are read from; by default of the pixels.

    Attributes:
        views: all of them.
        has_masks: see above.
        format: of the files that they were read from.
        folder: of these; None of views in memory.
        has_test_views: whether the views that are held out are the scene's own test views.
        source_from_scene: (4, 4) float64, a similarity from domain coordinates to the scene's own.
        notices: what was assumed or left out, one sentence each.

    Raises:
        InputError: fewer than three views, other numbers of cameras and pixels, or a picture of another size.

    Example:
        >>> poses = torch.eye(4, dtype=torch.float64).repeat(3, 1, 1)
        >>> poses[:, :3, 3] = torch.tensor([[0.0, 0, 3], [0.5, 0, 3], [0, 0.5, 3]])
        >>> cameras = [Camera(8, 8, 20.0, 20.0, 4.0, 4.0, pose) for pose in poses]
        >>> views = Views(cameras, [np.full((8, 8, 4), 255, np.uint8)] * 3, holdout=0)
        >>> views.views[0].pixels().shape
        torch.Size([8, 8, 4])
    """

    type = "views"
    format = "memory"
    folder: Path | None = None
    has_test_views = False

    def __init__(
        self,
        cameras: Sequence[Camera],
        pixels: Sequence[UInt8[np.ndarray, "_ _ 4"] | LazyPixels],
        name: str = "views",
        *,
        names: Sequence[str] = (),
        held_out: Sequence[bool] = (),
        holdout: int = HOLDOUT,
        has_masks: bool = False,
        source_from_scene: Float[Tensor, "4 4"] | None = None,
        digest: str = "",
    ) -> None:
        count = len(cameras)
        if len(pixels) != count:
            raise InputError(f"views '{name}': {count} cameras and {len(pixels)} pictures")
        if count < FEWEST_VIEWS:
            why = "; one view has no depth" if count == 1 else ""
            raise InputError(f"views '{name}': expected at least {FEWEST_VIEWS} views, got {count}{why}")
        names = tuple(names) or tuple(str(number) for number in range(count))
        stored = [each if isinstance(each, LazyPixels) else _kept(each, name) for each in pixels]
        held = tuple(held_out) or held_out_of(count, holdout)
        self.notices: tuple[str, ...] = ()
        self.has_masks = has_masks and self._masks_say_something(name, names, stored)
        if source_from_scene is None:
            source_from_scene = self._domain(name, names, cameras, stored, held)
        self.source_from_scene = source_from_scene.double()
        scale, axes, centre = similarity_parts(self.source_from_scene)
        scene_from_source = torch.linalg.inv(self.source_from_scene)
        moved = [camera.moved(scene_from_source) for camera in cameras]
        self.views = tuple(View(*each) for each in zip(names, moved, held, stored, strict=True))
        if self.has_masks and self.training:
            self.notices += unseen_notice(f"views '{name}'", [view.camera for view in self.training])
        self.facts = SignalFacts(
            type=self.type,
            name=name,
            digest=digest or _digest_of(cameras, stored),
            half_extent=(1.0, 1.0, 1.0),
            channels=1,
            value_range=(-1.0, 1.0),
            value_scale=scale,
            source_center=tuple(centre.tolist()),
            source_axes=tuple(axes.reshape(-1).tolist()),
            views=names,
            held_out_views=tuple(name for name, kept in zip(names, held, strict=True) if kept),
            longest_side_px=max(max(camera.width, camera.height) for camera in cameras),
        )

    def _masks_say_something(self, name: str, names: Sequence[str], stored: Sequence[LazyPixels]) -> bool:
        """Whether masks are not full everywhere. Raises InputError if some are, or are empty."""
        pixels = read_all(stored)
        if are_full(pixels):
            self.notices += (f"views '{name}': masks are full in all views, so they are taken for none",)
            return False
        check_masks(f"views '{name}'", names, pixels)
        self.notices += mask_notices(f"views '{name}'", names, pixels)
        return True

    def _domain(
        self,
        name: str,
        names: Sequence[str],
        cameras: Sequence[Camera],
        stored: Sequence[LazyPixels],
        held_out: Sequence[bool],
    ) -> Float[Tensor, "4 4"]:
        """The cube around the object, by the masks of the training views; without masks where cameras look."""
        if not self.has_masks:
            domain, sentence = cameras_cube(cameras)
            self.notices += (f"views '{name}': {sentence}",)
            return domain
        used = [number for number, held in enumerate(held_out) if not held]
        pixels = [stored[number].bytes for number in used]
        of_used = [cameras[number] for number in used]
        return object_cube(f"views '{name}'", of_used, pixels, [names[number] for number in used])

    @classmethod
    def open(
        cls,
        path: Path | str,
        size: int | None = None,
        holdout: int = HOLDOUT,
        *,
        masks: Path | str | None = None,
        mask_from_background: bool = False,
        recentre: bool = False,
    ) -> Views:
        """Read a scene's folder, or the file in it that describes the cameras.

        Pictures without masks are read when they are first asked for, others now.

        Args:
            path: see docs/views.md for the formats.
            size: pictures are shrunk so that the longer side has at most so many pixels.
            holdout: every so many views one is kept for testing, 0 for none; where the scene has test views of its
                own, these are.
            masks: a folder with a mask for each picture, of the same name; by default pictures' alpha, the masks that
                the scene's files name, or its folder ``mask`` or ``masks``.
            mask_from_background: make masks of pictures whose background is of one colour.
            recentre: move each principal point to its picture's centre.

        Raises:
            InputError: it is no scene, a file is missing or wrong, or cameras and pictures do not fit together.
        """
        path = Path(path)
        if size is not None and size < 4:
            raise InputError(f"--size: expected at least 4 pixels, got {size}")
        if holdout < 0 or holdout == 1:
            raise InputError(f"--holdout: expected 0 or a number from 2, got {holdout}")
        opening = Opening(size, str(masks or ""), mask_from_background, recentre)
        described = read_description(path)
        photographs = tuple(each for each in opening.photographs(described) if holdout or not each.held_out)
        own = [photograph.held_out for photograph in photographs]
        held_out = own if any(own) else held_out_of(len(own), holdout)
        left = len(own) - sum(held_out)
        if left < _FEWEST_TRAINED:
            raise InputError(
                f"scene '{path}': {sum(held_out)} of its {len(own)} views are kept for testing, and one view has no "
                f"depth; expected at least {_FEWEST_TRAINED} others (--holdout 0 keeps none for testing)"
            )
        views = cls._of(described, photographs, opening, held_out=held_out)
        views.has_test_views = any(own)
        return views

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str, masks: Path | str | None = None) -> Views:
        """A scene as a field saw it: in the same domain and size, with the same views held out.

        It may have other views too, which are then held out as well.
        """
        from_background = masks is None and facts.masks == FROM_BACKGROUND
        folder = "" if from_background else str(masks or facts.masks)
        opening = Opening(facts.longest_side_px or None, folder, from_background, facts.recentred)
        described = read_description(Path(source))
        photographs = opening.photographs(described)
        trained = set(facts.views) - set(facts.held_out_views)
        held_out = [photograph.name not in trained for photograph in photographs]
        return cls._of(described, photographs, opening, held_out=held_out, source_from_scene=domain_of_facts(facts))

    @classmethod
    def _of(cls, described: Description, photographs: Sequence[Photograph], opening: Opening, **details: Any) -> Views:
        """Views of photographs, whose pixels are read when they are asked for."""
        cameras = [camera_of_pixels(photograph, opening.size) for photograph in photographs]
        name = described.folder.resolve().name
        views = cls(
            cameras,
            [
                LazyPixels(partial(read_pixels, each, opening.size, opening.mask_from_background))
                for each in photographs
            ],
            name,
            names=[photograph.name for photograph in photographs],
            has_masks=opening.mask_from_background or all(each.has_mask for each in photographs),
            digest=_digest_of_files(cameras, photographs),
            **details,
        )
        views.format, views.folder = described.format, described.folder
        of_files = described_notices(f"views '{name}'", photographs, opening.recentre)
        views.notices = (*described.notices, *of_files, *views.notices)
        views.facts = replace(views.facts, masks=opening.facts_masks, recentred=opening.recentre)
        return views

    def known_truth(self) -> Shape | None:
        """The distance to the scene's true mesh, where its folder has a ``truth.ply``; read once.

        One that cannot be read counts as none, which is said in ``notices``.
        """
        return self._true_shape

    @cached_property
    def _true_shape(self) -> Shape | None:
        from .true_mesh import true_shape  # which imports what most readers of views never need

        try:
            return None if self.folder is None else true_shape(self.folder, self.facts)
        except InputError as error:
            self.notices += (f"{error}; so there is no truth to compare with",)
            return None

    def prepare(self) -> None:
        """Read all pictures."""
        for view in self.views:
            _ = view.stored.bytes

    @property
    def training(self) -> tuple[View, ...]:
        """The views that fields are trained on."""
        return tuple(view for view in self.views if not view.held_out)

    @property
    def held_out(self) -> tuple[View, ...]:
        """The views that are kept for testing."""
        return tuple(view for view in self.views if view.held_out)

    def hull(self) -> Hull:
        """The largest object within the masks of the training views; made once.

        Raises:
            InputError: the views have no masks, or these share no point in space.
        """
        return self._hull

    @cached_property
    def _hull(self) -> Hull:
        return self.hull_of(VERTICES)

    def hull_of(self, vertices: int) -> Hull:
        """The same, on a lattice with so many vertices along each axis; made anew each time."""
        if not self.has_masks:
            raise InputError(f"views '{self.facts.name}': {NO_MASKS}")
        return visual_hull(f"views '{self.facts.name}'", self.training, vertices)

    def written(self) -> WrittenScene:
        """The scene as formats write it: pictures as they are read, cameras in the scene's own coordinates."""
        read_all([view.stored for view in self.views])
        views = [
            WrittenView(
                view.name.replace("/", "_"),
                view.camera.moved(self.source_from_scene),
                view.stored.bytes.numpy(),
                view.held_out and self.has_test_views,
            )
            for view in self.views
        ]
        reach = 1.0
        if self.has_masks:
            reach = float(np.linalg.norm(self.hull_of(_COARSE_VERTICES).mesh.vertices, axis=1).max())
        x, y, z = self.source_from_scene[:3, 3].tolist()
        return WrittenScene(views, self.has_masks, (x, y, z), 1.02 * reach * self.facts.value_scale)

    def monitor(self, field: Field) -> Callable[[], float]:
        """How well a field that renders shows a view; see the field's own ``views_monitor``.

        Raises:
            InputError: fields of its kind do not render.
        """
        of_field = getattr(field, "views_monitor", None)
        if of_field is None:
            raise InputError(f"kind: a {field.kind} field is not trained on views")
        return of_field(self)


def domain_of_facts(facts: SignalFacts) -> Float[Tensor, "4 4"]:
    """``source_from_scene`` of the views with these facts."""
    matrix = torch.eye(4, dtype=torch.float64)
    axes = torch.tensor(facts.source_axes or torch.eye(3).reshape(-1).tolist(), dtype=torch.float64)
    matrix[:3, :3] = facts.value_scale * axes.reshape(3, 3)
    matrix[:3, 3] = torch.tensor(facts.source_center or (0.0,) * 3, dtype=torch.float64)
    return matrix


def held_out_of(count: int, holdout: int) -> tuple[bool, ...]:
    """Which of so many views are held out: the first and every ``holdout``-th after it; 0 holds out none."""
    return tuple(holdout > 0 and number % holdout == 0 for number in range(count))


def _kept(pixels: UInt8[np.ndarray, "h w 4"], name: str) -> LazyPixels:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 4:
        raise InputError(
            f"views '{name}': expected bytes of shape (height, width, 4), got {pixels.dtype} of shape {pixels.shape}"
        )
    return LazyPixels(lambda: pixels)


def _digest_of_files(cameras: Sequence[Camera], photographs: Sequence[Photograph]) -> str:
    """SHA-256 of the cameras and of the files of pictures and masks."""
    content = hashlib.sha256()
    for camera, photograph in zip(cameras, photographs, strict=True):
        content.update(_numbers(camera))
        for path in filter(None, (photograph.path, photograph.mask)):
            with path.open("rb") as file:
                while part := file.read(1 << 20):
                    content.update(part)
    return content.hexdigest()


def _digest_of(cameras: Sequence[Camera], stored: Sequence[LazyPixels]) -> str:
    content = hashlib.sha256()
    for camera, pixels in zip(cameras, stored, strict=True):
        content.update(_numbers(camera))
        content.update(pixels.bytes.numpy().tobytes())
    return content.hexdigest()


def _numbers(camera: Camera) -> bytes:
    lens = (camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy, camera.skew)
    return np.array([*lens, *camera.world_from_camera.reshape(-1).tolist()], np.float64).tobytes()
