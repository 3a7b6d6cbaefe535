"""What all parts of the report are measured with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fieldcore.fields import KINDS, build_field, default_preset, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.recipe import Recipe
from fieldcore.signals import Picture, Shape, SignalFacts
from fieldcore.signals.mesh_file import cleaned_mesh


@dataclass(frozen=True)
class Setting:
    """Where, and how large.

    Attributes:
        device: what is measured.
        small: whether all is so small that a processor does it in a moment, for trying out the parts themselves.
        seconds: after which a part is ended; one that takes all that there is leaves before.
    """

    device: torch.device
    small: bool = False
    seconds: float = math.inf

    def pick(self, large: int, small: int) -> int:
        """A size: the one that is measured, or the one that is only tried."""
        return small if self.small else large

    def picture(self) -> Picture:
        """A picture with detail at all scales, made here: 512 x 512."""
        side = self.pick(512, 32)
        return Picture(wavy_pixels(side), "waves").to(self.device)

    def shape(self) -> Shape:
        """A torus, made here, of 20 000 triangles."""
        return torus(self.pick(200, 12), self.pick(50, 8)).to(self.device)

    def recipe(self, kind: str, facts: SignalFacts, **changes: Any) -> Recipe:
        """Of the publication's size where there is one, else as is usual; narrow where all is small.

        Args:
            kind: of field.
            facts: of the signal.
            changes: of settings that this kind has; others are left out.
        """
        presets = KINDS[kind].presets
        preset = "paper" if "paper" in presets and not self.small else default_preset(kind, facts.type)
        recipe = preset_recipe(kind, preset, facts)
        narrow = {"width": 16, "points_per_step": 64} if self.small else {}
        there = {name: value for name, value in {**changes, **narrow}.items() if vars(recipe).get(name)}
        return replace(recipe, **there)

    def field(self, kind: str, facts: SignalFacts, **changes: Any) -> Field:
        """An untrained field of seeded weights, ready to be evaluated, on the device. Arguments as of ``recipe``."""
        return build_field(self.recipe(kind, facts, **changes), facts).to(self.device).eval()


def wavy_pixels(side: int) -> NDArray[np.float32]:
    """(side, side, 3), in [0, 1]: waves whose length falls from the left to the right, and noise of a seed."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(2 * np.pi * (3 + 40 * x) * x), np.cos(60 * x * y), np.sin(2 * np.pi * 9 * y)]
    noise = np.random.default_rng(0).normal(size=(side, side, 3))
    return (0.5 + 0.3 * np.stack(waves, -1) + 0.05 * noise).clip(0, 1).astype(np.float32)


def torus(around: int, across: int) -> Shape:
    """With radii 1 and 0.4, of ``2 around across`` triangles."""
    u, v = np.meshgrid(np.arange(around), np.arange(across), indexing="ij")
    a, b = 2 * np.pi * u.ravel() / around, 2 * np.pi * v.ravel() / across
    ring = 1 + 0.4 * np.cos(b)
    vertices = np.stack([ring * np.cos(a), ring * np.sin(a), 0.4 * np.sin(b)], 1)

    def corner(du: int, dv: int) -> NDArray[np.int64]:
        return ((u + du) % around * across + (v + dv) % across).ravel()

    first = np.stack([corner(0, 0), corner(1, 0), corner(1, 1)], 1)
    second = np.stack([corner(0, 0), corner(1, 1), corner(0, 1)], 1)
    return Shape(cleaned_mesh(vertices, np.concatenate([first, second]), "torus"))
