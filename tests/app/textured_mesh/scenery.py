"""Small models in closed form, and what a pinhole camera sees of a plane and of a cylinder, in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.camera.camera import Camera
from fieldcore.models import Sheet, TexturedModel

UNIT_BOX = ((0.0, 0.0, 1.0, 1.0),)


def model_of(
    vertices: Sequence,
    uv: Sequence,
    triangles: Sequence,
    pixels: np.ndarray | None = None,
    wraps: tuple = (("repeat", "repeat"),),
    boxes: Sequence = UNIT_BOX,
    materials: Sequence | None = None,
    normals: Sequence | None = None,
) -> TexturedModel:
    vertices = np.array(vertices, np.float32)
    triangles = np.array(triangles, np.int32)
    if normals is None:
        corners = vertices[triangles]
        faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.zeros_like(vertices)
        for corner in range(3):
            np.add.at(normals, triangles[:, corner], faces)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    pixels = asymmetric_pixels() if pixels is None else pixels
    return TexturedModel(
        name="test",
        vertices=vertices,
        normals=np.array(normals, np.float32),
        uv=np.array(uv, np.float32),
        triangles=triangles,
        materials=np.zeros(len(triangles), np.int32) if materials is None else np.array(materials, np.int32),
        sheet=Sheet(pixels.astype(np.float32), np.array(boxes, np.float64), wraps, "0" * 64),
        source_from_model=np.eye(4),
        notices=(),
    )


def quad(uv: Sequence = ((0, 0), (1, 0), (1, 1), (0, 1)), half: float = 1.0, **options) -> TexturedModel:
    """The square [-half, half]^2 at z = 0, its front towards +z; u grows along x, v along y."""
    corners = [(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)]
    return model_of(corners, uv, [(0, 1, 2), (0, 2, 3)], **options)


def cylinder(segments: int, radius: float = 0.6, pixels: np.ndarray | None = None) -> TexturedModel:
    """About the y axis from -1 to 1: u once around from the +z side to the right, v from below to above; one seam."""
    u = np.linspace(0, 1, segments + 1)
    angle = 2 * np.pi * u
    ring = np.stack([radius * np.sin(angle), np.zeros_like(u), radius * np.cos(angle)], -1)
    vertices = np.concatenate([ring - np.eye(3)[1], ring + np.eye(3)[1]])
    uv = np.concatenate([np.stack([u, np.zeros_like(u)], -1), np.stack([u, np.ones_like(u)], -1)])
    below = np.arange(segments)
    above = below + segments + 1
    triangles = np.concatenate([np.stack([below, below + 1, above + 1], -1), np.stack([below, above + 1, above], -1)])
    normals = np.concatenate([ring, ring]) / radius
    return model_of(vertices, uv, triangles, pixels, normals=normals)


def asymmetric_pixels(width: int = 8, height: int = 4) -> np.ndarray:
    """No two pixels alike: red grows to the right, green downwards, blue marks the corner on top left."""
    y, x = np.mgrid[0:height, 0:width]
    corner = ((x < width // 2) & (y < height // 2)).astype(float)
    return np.stack([x / (width - 1), y / (height - 1), corner], -1).astype(np.float32)


def ray_directions(camera: Camera, size: tuple[int, int], shift_px: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Of each pixel's centre, top row first, one unit long along the view axis."""
    width, height = size
    right, up, forward = camera.axes
    by_pixel = 2 * np.tan(np.radians(camera.fov_deg) / 2) / height
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = x + 0.5 + shift_px[0] - width / 2, y + 0.5 + shift_px[1] - height / 2
    return forward + by_pixel * (x[..., None] * right - y[..., None] * up)


def plane_seen(camera: Camera, size: tuple[int, int], shift_px: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """The x, y of the plane z = 0 that each pixel's centre sees."""
    rays, eye = ray_directions(camera, size, shift_px), np.array(camera.position)
    hit = eye + rays * (-eye[2] / rays[..., 2])[..., None]
    return hit[..., :2]


def cylinder_seen(
    camera: Camera, size: tuple[int, int], shift_px: tuple[float, float] = (0.0, 0.0), radius: float = 0.6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The u, v of ``cylinder`` that each pixel sees from outside; the cosine of incidence; NaN where it is missed."""
    rays, eye = ray_directions(camera, size, shift_px), np.array(camera.position)
    flat, start = rays[..., [0, 2]], eye[[0, 2]]
    a, b, c = (flat**2).sum(-1), flat @ start, start @ start - radius**2
    with np.errstate(invalid="ignore"):
        distance = (-b - np.sqrt(b**2 - a * c)) / a
    hit = eye + rays * distance[..., None]
    u = np.arctan2(hit[..., 0], hit[..., 2]) / (2 * np.pi) % 1
    normal = hit * (1, 0, 1) / radius
    cosine = -(normal * rays).sum(-1) / np.linalg.norm(rays, axis=-1)
    inside = np.abs(hit[..., 1]) < 1
    uv = np.where(inside[..., None], np.stack([u, (hit[..., 1] + 1) / 2], -1), np.nan)
    return uv, cosine, hit


def derivative_by_pixel(seen, camera: Camera, size: tuple[int, int], step: float = 1e-4) -> np.ndarray:
    """d(u, v)/d(x, y) of what ``seen`` gives, by central differences in float64."""
    columns = []
    for shift in ((step, 0.0), (0.0, step)):
        after, before = seen(camera, size, shift), seen(camera, size, (-shift[0], -shift[1]))
        difference = after - before
        difference -= np.round(difference)  # across the seam
        columns.append(difference / (2 * step))
    return np.stack(columns, -1)
