"""The shipped shape: an ammonite, a ribbed tube in a logarithmic spiral, made from nothing but the numbers here.

    python -m assets.ammonite

writes ``ammonite.ply``, the mesh, and ``shape.safetensors``, a small field of its signed distance.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.devices import choose_device
from fieldcore.fields import Pyramid, build_field
from fieldcore.fitting import fit
from fieldcore.meshing import write_mesh
from fieldcore.signals import Shape
from fieldcore.signals.mesh_file import Mesh, read_mesh

FOLDER = Path(__file__).parent

TURNS = 4.0
GROWTH = 2.0
"""How many times wider the spiral gets with each turn."""

THICKNESS = 0.42
"""Radius of the tube as a share of its distance from the axis: neighbouring whorls overlap and grow together."""

RIBS, RIB_HEIGHT = 26, 0.09
"""Ribs a turn, and how far they stand out, as a share of the tube's radius."""

NODES, NODE_HEIGHT = 13, 0.16
"""The same of the knobs along the outer edge."""

ALONG, AROUND = 720, 40


def main() -> None:
    """Make the mesh, and solve for its field."""
    file = FOLDER / "ammonite.ply"
    write_mesh(file, Mesh(*_tube(), "ammonite"))
    shape = Shape(read_mesh(file)).to(choose_device("auto"))
    # Smaller than the preset's, so that it is quick to download.
    recipe = dataclasses.replace(Pyramid.presets["shape"], formula_cells=96)
    field = build_field(recipe, shape.facts).to(shape.device)
    *_, last = fit(field, shape)
    facts = TrainingFacts(
        steps=last.step, seconds=last.elapsed, device=str(shape.device), stopped_by=last.stopped_by or "solved"
    )
    save_field(FOLDER / "shape.safetensors", field, facts)
    print(f"{file} and its field, {field.parameter_count:,} values, {last.elapsed:.0f} s")


def _tube() -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "t 3"]]:
    """Rings around the spiral, joined, and closed at both ends. It lies in the plane of x and y."""
    turn = np.linspace(-TURNS, 0, ALONG)[:, None]
    angle = 2 * np.pi * turn
    radius = GROWTH**turn
    around = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)[None]
    outward, sideways = np.cos(around), np.sin(around)
    tube = THICKNESS * radius * (1 + _relief(turn, around))
    # A little flatter than round, as most of them are.
    distance = radius + tube * outward
    ring = np.stack([distance * np.cos(angle), distance * np.sin(angle), 0.85 * tube * sideways], -1)
    ends = np.stack([ring[0].mean(0), ring[-1].mean(0)])
    return np.concatenate([ring.reshape(-1, 3), ends]), np.concatenate([_sides(), _cap(0, 0), _cap(ALONG - 1, 1)])


def _relief(turn: Float[np.ndarray, "n 1"], around: Float[np.ndarray, "1 m"]) -> Float[np.ndarray, "n m"]:
    """Ribs that lean forwards on their way out, forked towards the edge, and knobs where they meet it."""
    outside = (1 + np.cos(around)) / 2
    lean = 0.018 * np.cos(around)
    rib = np.cos(2 * np.pi * RIBS * (turn - lean))
    fork = np.cos(4 * np.pi * RIBS * (turn - lean))
    ribs = RIB_HEIGHT * ((1 - outside**3) * rib + 0.7 * outside**3 * fork)
    knob = np.cos(np.pi * NODES * turn) ** 16 * np.exp(-(((np.abs(np.sin(around)) - 0.75) / 0.18) ** 2))
    return ribs + NODE_HEIGHT * knob * (np.cos(around) > 0)


def _sides() -> Int[np.ndarray, "t 3"]:
    ring, place = np.meshgrid(np.arange(ALONG - 1), np.arange(AROUND), indexing="ij")
    following = (place + 1) % AROUND
    a, b = ring * AROUND + place, ring * AROUND + following
    c, d = a + AROUND, b + AROUND
    return np.concatenate([np.stack([a, d, b], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)


def _cap(ring: int, end: int) -> Int[np.ndarray, "t 3"]:
    place = np.arange(AROUND)
    first, second = ring * AROUND + place, ring * AROUND + (place + 1) % AROUND
    middle = np.full(AROUND, ALONG * AROUND + end)
    return np.stack([first, second, middle] if end == 0 else [second, first, middle], -1)


if __name__ == "__main__":
    main()
