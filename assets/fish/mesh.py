"""The mesh: body, fins and eyes, bent as a swimming fish is, in one list of triangles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from . import atlas
from .body import EYE_RADIUS, Body
from .fins import Fin, fins

_BODY_ROWS, _BODY_COLUMNS = 87, 45
_EYE_RINGS, _EYE_SPOKES = 8, 28
_EYE_BULGE, _EYE_SUNK = 0.030, 0.014
_LEAST_AREA = 1e-9


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles, counter-clockwise from outside.

    Attributes:
        positions: x toward the snout, y up.
        normals: unit, outward.
        uv: in [0, 1], v up.
        triangles: indices of corners.
    """

    positions: Float[np.ndarray, "v 3"]
    normals: Float[np.ndarray, "v 3"]
    uv: Float[np.ndarray, "v 2"]
    triangles: Int[np.ndarray, "t 3"]


def fish_mesh(body: Body) -> Mesh:
    """The whole fish, centred, its longest side from -1 to 1."""
    sheets = [_body_sheet(body), *_eye_sheets(body)]
    for fin in fins(body):
        sheets += _fin_sheets(fin)
    return _normalised(_joined([_smooth(sheet) for sheet in sheets]))


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A grid of points; rows x columns counter-clockwise from outside."""

    positions: Float[np.ndarray, "rows columns 3"]
    uv: Float[np.ndarray, "rows columns 2"]


def _body_sheet(body: Body) -> _Sheet:
    a, b = np.meshgrid(np.linspace(0, 1, _BODY_ROWS), np.linspace(0, 1, _BODY_COLUMNS), indexing="ij")
    # The last column is the first one come round again.
    return _Sheet(body.at(a, np.where(b == 1, 0, b)), atlas.BODY.uv(a, b))


def _fin_sheets(fin: Fin) -> list[_Sheet]:
    """Two skins that meet at the edge."""
    rows, columns = fin.middle.shape[:2]
    a, b = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    across = np.cross(np.gradient(fin.middle, axis=0), np.gradient(fin.middle, axis=1))
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    round_the_rim = np.sqrt(np.minimum(1, 6 * np.minimum(np.minimum(a, 1 - a), 1 - b)))
    offset = across * (fin.thickness * (1 - 0.8 * b) * round_the_rim)[..., None]
    uv = fin.patch.uv(a, b)
    other = _Sheet((fin.middle - offset)[:, ::-1], uv[:, ::-1])
    return [_Sheet(fin.middle + offset, uv), other]


def _eye_sheets(body: Body) -> list[_Sheet]:
    """A dome on each side; both look up the same picture, so that both have their glint in front and above."""
    center = body.eye_center()
    out = _skin_normal(body, center)
    forward = np.cross([0, 1, 0], out)
    forward /= np.linalg.norm(forward)
    up = np.cross(out, forward)
    radius, turn = np.meshgrid(np.linspace(1, 0, _EYE_RINGS), np.linspace(0, 2 * np.pi, _EYE_SPOKES + 1), indexing="ij")
    x, y = radius * np.cos(turn), radius * np.sin(turn)
    bulge = _EYE_BULGE * np.sqrt(1 - (0.97 * radius) ** 2) - _EYE_SUNK
    right = center + EYE_RADIUS * (x[..., None] * forward + y[..., None] * up) + bulge[..., None] * out
    share = atlas.EYE_RADIUS / np.array(atlas.EYE.inner)
    uv = atlas.EYE.uv(0.5 - x * share[0], 0.5 + y * share[1])
    return [_Sheet(right[:, ::-1], uv[:, ::-1]), _Sheet(right * (1, 1, -1), uv)]


def _skin_normal(body: Body, near: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """Outward, of the patch of skin that an eye sits in."""
    points = body.positions[:, body.positions.shape[1] // 2 :].reshape(-1, 3)
    points = points[np.linalg.norm(points - near, axis=-1) < EYE_RADIUS]
    normal = np.linalg.svd(points - points.mean(0), full_matrices=False)[2][2]
    return normal * np.sign(normal[2])


def _smooth(sheet: _Sheet) -> Mesh:
    """A bent sheet with the normals of the surface; the same ones on both sides of a seam."""
    rows, columns = sheet.positions.shape[:2]
    positions = _bent(sheet.positions.reshape(-1, 3))
    corner = np.arange(rows * columns).reshape(rows, columns)
    here, right, above, beyond = corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]
    triangles = np.concatenate([np.stack([here, above, right], -1), np.stack([right, above, beyond], -1)])
    triangles = triangles.reshape(-1, 3)
    facing = np.cross(*(positions[triangles[:, k]] - positions[triangles[:, 0]] for k in (1, 2)))
    kept = np.linalg.norm(facing, axis=-1) > 2 * _LEAST_AREA
    triangles, facing = triangles[kept], facing[kept]
    _, same = np.unique(positions.round(7), axis=0, return_inverse=True)
    sums = np.zeros((same.max() + 1, 3))
    for k in range(3):
        np.add.at(sums, same.ravel()[triangles[:, k]], facing)
    lengths = np.linalg.norm(sums, axis=-1, keepdims=True)
    normals = (sums / np.maximum(lengths, 1e-12))[same.ravel()]
    return Mesh(positions, normals, sheet.uv.reshape(-1, 2), triangles)


def _bent(rest: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """The spine as an S seen from above; what stands across it turns with it."""
    back = (1 - rest[:, 0]) / 2
    spine, step = _spine(back), 1e-4
    slope = -(_spine(back + step) - _spine(back - step)) / (4 * step)
    length = np.hypot(1, slope)
    x = rest[:, 0] - rest[:, 2] * slope / length
    return np.stack([x, rest[:, 1], spine + rest[:, 2] / length], -1)


def _spine(back: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """How far aside the spine lies, by the distance from the snout; the fish is 1 long."""
    return 0.19 * np.maximum(back, 0) ** 1.7 * np.sin(1.4 * np.pi * back)


def _joined(parts: Sequence[Mesh]) -> Mesh:
    starts = np.cumsum([0, *(len(part.positions) for part in parts)])
    triangles = np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)])
    columns = [[part.positions, part.normals, part.uv] for part in parts]
    positions, normals, uv = (np.concatenate(column) for column in zip(*columns, strict=True))
    used, triangles = np.unique(triangles, return_inverse=True)
    return Mesh(positions[used], normals[used], uv[used], triangles.reshape(-1, 3))


def _normalised(mesh: Mesh) -> Mesh:
    low, high = mesh.positions.min(0), mesh.positions.max(0)
    positions = (mesh.positions - (low + high) / 2) * (2 / (high - low).max())
    return Mesh(positions, mesh.normals, mesh.uv, mesh.triangles)
