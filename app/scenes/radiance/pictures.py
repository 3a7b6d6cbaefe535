"""What the radiance scene shows, as pictures: rendered a few rows at a time, in any thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.exclusive import exclusive
from fieldcore.fields.seen_field import SeenField
from fieldcore.radiance.pixel_rays import camera_rays
from fieldcore.views.camera import Camera as FieldCamera
from fieldcore.views.views import Views

from ...camera.camera import Camera
from ...flip import flip_map
from ...frame_size import Size, coarser, fitted
from ...gl.colormap import COLOUR_MAPS
from .controls import NO_VIEW, RadianceControls
from .photo_pictures import Picture, agreement_map, coloured, outlined, photograph

RAYS_AT_ONCE = 1 << 11
_AXES = {"x": 0, "y": 1, "z": 2}
_MOST_LOG10_DENSITY = 2.5


@dataclass(frozen=True)
class RadianceSubject:
    """What pictures are made of.

    Attributes:
        field: the scene.
        views: its photographs, where they are at hand.
        version: of the weights.
        borrowed: makes the field with another's appearance; None where there is none to borrow.
    """

    field: SeenField
    views: Views | None = None
    version: int = 0
    borrowed: Callable[[], SeenField] | None = None


@dataclass(frozen=True, eq=False)
class RadiancePictures:
    """Outputs as pictures, display-encoded in [0, 1].

    Attributes:
        camera: who sees them.
        size: of the pane that they are for.
        images: by output.
        rays: that were followed for them.
        depth: along the view direction, in domain units, 0 where nothing is seen; None where no depth was needed.
        milliseconds: that drawing took, by kind; for a viewport.
    """

    camera: FieldCamera
    size: Size
    images: Mapping[str, Picture]
    rays: int
    depth: Float[np.ndarray, "h w"] | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)


def seeing_camera(controls: RadianceControls, subject: RadianceSubject, size: Size) -> FieldCamera:
    """Who looks: the camera of a view, as large as it fits into the pane, or the one that flies."""
    if controls.view != NO_VIEW and controls.view < len(subject.field.cameras.names):
        own = subject.field.cameras.camera(controls.view)
        _, _, width, height = fitted((own.width, own.height), size)
        return own.resized(width, height)
    return flying_camera(controls.eye, size)


def flying_camera(camera: Camera, size: Size) -> FieldCamera:
    """A camera of the window as one of views."""
    width, height = size
    focal = height / 2 / math.tan(math.radians(camera.fov_deg) / 2)
    right, up, forward = camera.axes
    pose = np.eye(4)
    pose[:3] = np.stack([right, up, -forward, np.array(camera.position)], 1)
    return FieldCamera(width, height, focal, focal, width / 2, height / 2, torch.tensor(pose))


def picturing(
    subject: RadianceSubject, controls: RadianceControls, size: Size, divisor: int = 1
) -> Iterator[float | RadiancePictures]:
    """Make the pictures that controls need for a pane of that size, so many times coarser.

    Yields:
        the share that is done, and last the pictures.
    """
    camera = seeing_camera(controls, subject, size)
    small = camera.resized(*coarser((camera.width, camera.height), divisor))
    images: dict[str, Picture] = {}
    needed, rays = set(controls.needed), 0
    looked: Looked | None = None
    depth: Float[np.ndarray, "h w"] | None = None
    if needed & {"colour", "depth", "normals", "agreement"}:
        looked = yield from _looking(subject.field, small, controls.variance)
        images, depth = dict(looked.images), looked.depth
        rays = small.width * small.height
    if "borrowed" in needed and subject.borrowed is not None:
        lent = yield from _looking(subject.borrowed(), small, controls.variance)
        images["borrowed"], depth = lent.images["colour"], lent.depth
        rays += small.width * small.height
    if "density" in needed:
        images["density"] = density_slice(subject.field, controls, max(8, min(small.width, small.height)))
        rays += images["density"].shape[0] ** 2
    if subject.views is not None:
        images |= _compared(subject.field, subject.views, controls, looked, small)
    yield RadiancePictures(camera, size, images, max(1, rays), depth)


def _compared(
    field: SeenField, views: Views, controls: RadianceControls, looked: Looked | None, camera: FieldCamera
) -> dict[str, Picture]:
    """What photographs are needed for."""
    images: dict[str, Picture] = {}
    needed = set(controls.needed)
    if "photo" in needed and controls.view != NO_VIEW:
        pixels = photograph(views, controls.view, camera)
        images["photo"] = photo = pixels[..., :3]
        if looked is not None:
            colour = looked.images["colour"]
            if "flip" in needed:
                images["flip"] = coloured(flip_map(colour, photo))
            if "outline" in needed:
                images["outline"] = outlined(pixels, looked.alpha)
    if "agreement" in needed and looked is not None and looked.normals is not None:
        images["agreement"] = agreement_map(field, views, looked.points, looked.normals, looked.depth.shape)
    return images


@dataclass(frozen=True, eq=False)
class Looked:
    """What a camera sees.

    Attributes:
        images: colour, depth and, of surfaces, normals.
        alpha, depth: of each pixel.
        points: of each pixel, NaN where nothing is seen.
        normals: there; None of what has no surface.
    """

    images: dict[str, Picture]
    alpha: Float[np.ndarray, "h w"]
    depth: Float[np.ndarray, "h w"]
    points: Float[torch.Tensor, "n 3"]
    normals: Float[torch.Tensor, "n 3"] | None


def _looking(field: SeenField, camera: FieldCamera, variance: float) -> Generator[float, None, Looked]:
    """Colour and depth, some rows at a time: between two of them a training may take a step."""
    rays = camera_rays(camera, field.device)
    parts, total = [], len(rays.spread)
    with torch.no_grad():
        look_along = field.looking(variance if field.takes_filters else 0.0)
    for part in rays.split(RAYS_AT_ONCE):
        with torch.no_grad(), exclusive(field, training=False):
            parts.append(look_along(part))
        yield len(parts) * RAYS_AT_ONCE / total
    shape = camera.height, camera.width
    distance = torch.cat([part.distance for part in parts])
    along = rays.directions @ -camera.rotation[:, 2].to(rays.directions)
    depth = (distance * along).view(shape).cpu().numpy()
    colour = torch.cat([part.colour for part in parts]).clamp(0, 1).view(*shape, 3).cpu().numpy()
    alpha = torch.cat([part.opacity for part in parts]).view(shape).cpu().numpy()
    images = {"colour": colour, "depth": nearness(depth)[..., None].repeat(3, axis=2)}
    points = rays.origins + torch.where(distance > 0, distance, torch.nan)[:, None] * rays.directions
    each = [part.normals for part in parts if part.normals is not None]
    normals = torch.cat(each) if each else None
    if normals is not None:
        facing = normals.view(*shape, 3)
        known = facing.square().sum(2, keepdim=True) > 0
        images["normals"] = torch.where(known, 0.5 + 0.5 * facing, torch.zeros_like(facing)).cpu().numpy()
    return Looked(images, alpha, depth, points, normals)


def nearness(depth: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Depths as brightness, the same for every frame: white at the camera, a third of it at a depth of 1.5."""
    return np.where(depth > 0, np.exp(-depth / 1.35), 0).astype(np.float32)


def density_slice(field: SeenField, controls: RadianceControls, cells: int) -> Picture:
    """The density on a plane across the box, on a logarithmic scale up to ten to the 2.5 per domain unit."""
    axis = _AXES[controls.slice_axis]
    across = (torch.arange(cells) + 0.5) * (2 / cells) - 1
    down, right = torch.meshgrid(-across, across, indexing="ij")
    plane = torch.full_like(down, controls.slice_position)
    columns = [right, down] if axis != 1 else [right, -down]
    points = torch.stack([*columns[:axis], plane, *columns[axis:]], -1).reshape(-1, 3).to(field.device)
    with torch.no_grad(), exclusive(field, training=False):
        density = field(points, controls.variance if field.takes_filters and controls.variance else None)
    share = (torch.log10(1 + density[:, 0]) / _MOST_LOG10_DENSITY).clamp(0, 1).view(cells, cells).cpu().numpy()
    colours: Picture = COLOUR_MAPS["absolute"]()[(share * 255 + 0.5).astype(int)].astype(np.float32)
    return colours


def lacking(field: SeenField, output: str) -> str:
    """Why a field has no such output; empty where it has."""
    if output == "density" and field.is_distance:
        return f"a {field.kind} field has no density: open it as a shape to cut it open"
    if output == "agreement" and not field.is_distance:
        return f"a {field.kind} field has no surface that photographs could agree on"
    if output == "borrowed" and not field.is_distance:
        return f"a {field.kind} field cannot borrow an appearance: surfaces from photographs can"
    if output == "normals" and not field.is_distance:
        return f"a {field.kind} field has no surface, and so no normals"
    return ""
