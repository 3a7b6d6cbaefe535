"""Shapes: distances a second, quality for training time, bakes, drawing, and what a GPU makes of them. Prints Markdown.

    python -m benchmarks.shapes [--mesh FILE] [--seconds 60] [--parts distances quality bakes drawing cuda]

Draws without a window. Run it on an otherwise idle machine; the one it ran on is printed first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import tyro
from torch import Tensor

from app.covariance import Covariance
from app.scenes.shape.bake import Bake
from app.scenes.shape.baking import baked_tiles
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.exact_surface import finding_surface
from app.scenes.shape.sight import Sight
from benchmarks.machine import fastest, machine_description
from benchmarks.window.shape_measuring import measured_frames
from fieldcore import (
    Field,
    Gaussian,
    Grid,
    Shape,
    Stop,
    build_field,
    choose_device,
    default_preset,
    evaluate,
    fit,
    preset_recipe,
)
from fieldcore.filter_sets import standard_filters
from fieldcore.scoring import score
from fieldcore.signals.mesh_file import cleaned_mesh
from fieldcore.sphere_tracing import answered

SHARED_MESH = Path(__file__).parents[2] / "shared" / "data" / "shapes" / "bunny.obj"
NO_FILTER: Covariance = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
FRAMES: dict[str, dict[str, Any]] = {
    "material, shadows, grid": {},
    "curvature": {"colouring": "curvature"},
    "error": {"left": "error"},
    "cut open": {"slice": "x"},
    "wipe": {"layout": "wipe"},
    "two-up": {"layout": "two_up"},
}
Part = Literal["distances", "quality", "bakes", "drawing", "cuda"]


@dataclass(frozen=True)
class Options:
    """Benchmark fields of shapes."""

    mesh: Path | None = SHARED_MESH if SHARED_MESH.exists() else None
    """Mesh to train on; by default the bunny, or a knot where that is not at hand."""
    seconds: float = 60.0
    """Training time of the pyramid."""
    parts: tuple[Part, ...] = ("distances", "quality", "bakes", "drawing", "cuda")
    """What to measure."""


def main() -> None:
    """Measure what was asked for and print it."""
    options = tyro.cli(Options)
    shape = _knot() if options.mesh is None else Shape.open(options.mesh)
    print(f"Machine: {machine_description()}\n")
    print(f"Shape: {shape.facts.name}, {len(shape.mesh.triangles)} triangles\n")
    if "distances" in options.parts:
        _distances(shape)
    if {"quality", "bakes", "drawing"} & set(options.parts):
        _pyramid(shape, options)
    if "cuda" in options.parts:
        _cuda(shape)


def _knot() -> Shape:
    """A knotted tube around (2 + cos 3t) (cos 2t, sin 2t) + sin 3t, for machines that have nothing else."""
    count, sides = 300, 16
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    ring = 2 + np.cos(3 * t)
    path = np.concatenate([ring * np.cos(2 * t), ring * np.sin(2 * t), np.sin(3 * t)], 1)
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    across = np.cross(along, path)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    beside = np.cross(along, across)
    beside /= np.linalg.norm(beside, axis=1, keepdims=True)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)[:, None, None]
    vertices = (path + 0.4 * (np.cos(angle) * across + np.sin(angle) * beside)).reshape(-1, 3)
    side, place = np.meshgrid(np.arange(sides), np.arange(count), indexing="ij")
    a, b, c, d = (
        ((side + s) % sides * count + (place + p) % count).ravel() for s, p in ((0, 0), (0, 1), (1, 1), (1, 0))
    )
    triangles = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    return Shape(cleaned_mesh(vertices, triangles, "knot"))


def _distances(shape: Shape, count: int = 200_000) -> None:
    generator = np.random.default_rng(0)
    uniform = generator.uniform(-1.2, 1.2, (count, 3))
    corners = shape.mesh.vertices[shape.mesh.triangles[generator.integers(0, len(shape.mesh.triangles), count)]]
    on = (corners * generator.dirichlet((1, 1, 1), count)[..., None]).sum(1)
    device = torch.device("cpu")
    print("| exact signed distances at | a second |\n|---|---|")
    kinds = {"uniform": uniform, "near (deviation 0.1)": on + 0.1 * generator.standard_normal(on.shape), "on it": on}
    for name, points in kinds.items():
        seconds = fastest(lambda points=points: shape.distance(points), device, repeats=3)  # type: ignore[misc]
        print(f"| {name} | {count / seconds:,.0f} |")
    started = time.perf_counter()
    shape.prepare()
    print(f"\nGrid of distances for training: {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    pool = shape.fill_pool()
    seconds = time.perf_counter() - started
    print(f"Pool of {pool:,} training samples: {seconds:.1f} s, {pool / seconds:,.0f} a second")
    x = torch.from_numpy(uniform).float()
    print(f"Interpolated distances: {count / fastest(lambda: shape.sampled(x), device):,.0f} a second\n")


def _pyramid(shape: Shape, options: Options) -> None:
    field = _field("pyramid", shape)
    *_, last = fit(field, shape, stop=Stop(seconds=options.seconds))
    print(f"Pyramid ({field.parameter_count:,} parameters), {last.step} steps in {last.elapsed:.1f} s:\n")
    if "quality" in options.parts:
        print("| variance | IoU at 128^3 | MSE | Chamfer |\n|---|---|---|---|")
        filters = standard_filters()
        for filter, found in zip(filters, score(field, shape, filters), strict=True):
            iou, chamfer = (f"{value:.5f}" if value is not None else "-" for value in (found.iou, found.chamfer))
            print(f"| {float(filter.variance):g} | {iou} | {found.mse:.1e} | {chamfer} |")
        print()
    if "bakes" in options.parts:
        _bakes(field)
    if "drawing" in options.parts:
        _drawing(field)


def _bakes(field: Field) -> None:
    """What a bake takes that was never asked for, and with another filter after that, as while a slider is dragged."""
    print("| bake | unfiltered | variance 1e-4 | 1e-3 | 1e-2 | 1e-4, along x 1e-2 |\n|---|---|---|---|---|---|")
    filters = [*map(Gaussian, (0.0, 1e-4, 1e-3, 1e-2)), Gaussian(torch.diag(torch.tensor([1e-2, 1e-4, 1e-4])))]
    for cells in (32, 64, 128):
        for name, forget in (("for the first time", field.train), ("filtered anew", field.eval)):
            times = [_bake(field, cells, gaussian, forget) for gaussian in filters]
            print(f"| {cells}^3 {name} | " + " | ".join(f"{seconds:.4f} s" for seconds in times) + " |")
    print()


def _drawing(field: Field) -> None:
    """What the window does for a frame, and what a final one takes that asks the field itself along every ray."""
    size = (640, 360)
    print(f"| frame of {size[0]} x {size[1]} | milliseconds |\n|---|---|")
    *_, bake = baked_tiles(field, NO_FILTER, 128)
    assert isinstance(bake, Bake)
    for name, changes in FRAMES.items():
        times = measured_frames(bake, replace(ShapeControls(field=""), **changes), size)
        print(f"| {name} | {times.frame_ms:.0f} |")
    print(f"| exact surface, before it is lit | {1e3 * _exact_surface(field, size):.0f} |")
    print(f"\nBake of 128^3, drawn by {times.renderer}; {times.upload_ms:.0f} ms to upload, "
          f"at most {times.slab_ms:.1f} ms at once\n")  # fmt: skip


def _exact_surface(field: Field, size: tuple[int, int]) -> float:
    def distance(points: Tensor) -> Tensor:
        with torch.no_grad():
            return field(points, None)[:, 0]

    finding = partial(finding_surface, Sight.of(ShapeControls(field="")), size, device=field.device)
    return fastest(lambda: answered(finding(), distance), field.device, repeats=2)


def _cuda(shape: Shape) -> None:
    if not torch.cuda.is_available():
        print("No CUDA device here.")
        return
    device = choose_device("cuda")
    print(f"On {torch.cuda.get_device_name()}:\n")
    print("| field, untrained | bake of 128^3 | of 256^3 | exact surface at 1920 x 1080 |\n|---|---|---|---|")
    for kind, preset in (("pyramid", "shape"), ("spectral", "paper"), ("scale_space", "paper")):
        field = build_field(preset_recipe(kind, preset, shape.facts), shape.facts).to(device).eval()
        times = [_bake(field, cells, Gaussian(1e-3), field.train) for cells in (128, 256)]
        times.append(_exact_surface(field, (1920, 1080)))
        print(f"| {kind} ({preset}) | " + " | ".join(f"{1000 * seconds:.1f} ms" for seconds in times) + " |")


def _field(kind: str, shape: Shape) -> Field:
    return build_field(preset_recipe(kind, default_preset(kind, "shape"), shape.facts), shape.facts)


def _bake(field: Field, cells: int, gaussian: Gaussian, before: Callable[[], object] = lambda: None) -> float:
    """Seconds; ``before`` is done first. A field keeps what it was asked for until it trains."""
    grid = Grid.covering(field.facts.half_extent, cells)

    def bake() -> None:
        before()
        evaluate(field, grid, gaussian)

    return fastest(bake, field.device, repeats=2)


if __name__ == "__main__":
    main()
