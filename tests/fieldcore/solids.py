"""Shapes with closed forms, for tests."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import trimesh
from torch import Tensor

from fieldcore.signals import Shape, SignalFacts
from fieldcore.signals.mesh_file import Mesh, cleaned_mesh

Formula = Callable[[Tensor], Tensor]


def mesh_of(solid: trimesh.Trimesh, name: str = "solid") -> Mesh:
    return cleaned_mesh(np.asarray(solid.vertices, np.float64), np.asarray(solid.faces, np.int64), name)


def cube(side: float = 2.0) -> trimesh.Trimesh:
    return trimesh.creation.box(extents=(side, side, side))


def cube_distance(x: Tensor) -> Tensor:
    """Signed distance to the cube [-1, 1]^3."""
    beyond = x.abs() - 1
    return beyond.clamp_min(0).norm(dim=-1) + beyond.amax(-1).clamp_max(0)


def ball_distance(radius: float) -> Formula:
    return lambda x: x.norm(dim=-1) - radius


def smoothed_ball_distance(x: Tensor, radius: float, variance: float) -> Tensor:
    """The mean of |X| - radius for X normal around x: that of a noncentral chi distribution with 3 degrees."""
    std, r = math.sqrt(variance), x.double().norm(dim=-1).clamp_min(1e-9)
    bell = std * math.sqrt(2 / math.pi) * torch.exp(-(r**2) / (2 * variance))
    return bell + (r + variance / r) * torch.erf(r / (std * math.sqrt(2))) - radius


class FormulaShape(Shape):
    """A shape whose distance is a formula, everywhere that a mesh's would be."""

    def __init__(self, formula: Formula) -> None:
        super().__init__(mesh_of(cube()))
        self._formula = formula

    @property
    def distance(self) -> Callable[[np.ndarray], np.ndarray]:  # type: ignore[override]
        return lambda points: self._formula(torch.from_numpy(points)).numpy()

    def sampled(self, x: Tensor) -> Tensor:
        return self._formula(x)[:, None]


def shape_facts(**changes: object) -> SignalFacts:
    """Of the cube [-1, 1]^3."""
    facts = {**vars(Shape(mesh_of(cube())).facts), **changes}
    return SignalFacts(**facts)
