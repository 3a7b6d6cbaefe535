"""Surfaces from photographs: how near the hull and the trained surface come to the true mesh. Prints Markdown.

    python -m benchmarks.surface [--models FILE ...] [--steps 600 1000] [--networks 0] [--views 36] [--size 256]

Photographs are drawn of each model (``fieldscope --render-views``), 8 of them from other directions and never trained
on. With --networks the other embeddings are trained on the first model for so many steps. Steps are what is compared;
seconds are of the machine that is printed first, and of whatever else ran on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import tyro

from benchmarks.machine import machine_description
from fieldcore.fields import build_field
from fieldcore.fields.surface import Surface
from fieldcore.fields.surface_embeddings import EMBEDDINGS
from fieldcore.fields.surface_recipe import SurfaceRecipe
from fieldcore.fitting import Training, fit
from fieldcore.meshing import in_domain_units
from fieldcore.signals.mesh_file import Mesh, read_mesh
from fieldcore.surface_scoring import TruthScore, truth_score
from fieldcore.views.views import Views
from fieldcore.views_scoring import mean_view_score, view_scores

DATA = Path(__file__).parents[2] / "shared" / "data"
SHARED = (
    DATA / "textured" / "spot" / "spot_triangulated.obj",
    DATA / "shapes" / "bunny.obj",
    DATA / "shapes" / "rocker-arm.obj",
)
_HEAD = "| {} | steps | s | Chamfer x 1e-3 | F(0.01) | IoU | normals | unseen views dB | silhouettes |"


@dataclass(frozen=True)
class Options:
    """Benchmark surfaces from photographs."""

    models: tuple[Path, ...] = tuple(path for path in SHARED if path.exists())
    """Meshes, with or without a texture."""
    steps: tuple[int, ...] = (600, 1000)
    """Lengths of the trainings."""
    networks: int = 0
    """Steps of each other embedding, on the first model; 0 leaves them out."""
    views: int = 36
    """Photographs to train on."""
    size: int = 256
    """Pixels a side."""


@dataclass(frozen=True)
class Scene:
    """Photographs with the true mesh in their domain."""

    name: str
    views: Views
    truth: Mesh


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    print(f"Machine: {machine_description()}, {torch.get_num_threads()} threads\n")
    with tempfile.TemporaryDirectory() as folder:
        for number, model in enumerate(options.models):
            scene = _drawn(model, Path(folder) / model.stem, options)
            print(f"{_HEAD.format(scene.name)}\n|{'---|' * 9}")
            print(_row("hull", 0, 0.0, truth_score(scene.views.hull().mesh, scene.truth), ""), flush=True)
            for steps in options.steps:
                print(_trained(scene, SurfaceRecipe(steps=steps)), flush=True)
            if number == 0 and options.networks:
                for recipe in _networks(options.networks):
                    print(_trained(scene, recipe), flush=True)
            print()


def _networks(steps: int) -> Iterator[SurfaceRecipe]:
    for name in EMBEDDINGS:
        yield SurfaceRecipe.from_dict({**SurfaceRecipe(steps=steps).to_dict(), "embedding": name})
    for without in ("no_view", "no_normal"):
        yield replace(SurfaceRecipe.from_dict({**SurfaceRecipe(steps=steps).to_dict(), "appearance": without}))


def _drawn(model: Path, folder: Path, options: Options) -> Scene:
    size = f"{options.size}x{options.size}"
    words = ["--render-views", str(model), "--out", str(folder), "--views", str(options.views), "--size", size]
    subprocess.run([sys.executable, "-m", "app", *words], check=True, stdout=subprocess.DEVNULL)
    views = Views.open(folder)
    return Scene(model.stem, views, in_domain_units(read_mesh(folder / "truth.ply"), views.facts))


def _trained(scene: Scene, recipe: SurfaceRecipe) -> str:
    """A row of the table."""
    field = build_field(recipe, scene.views.facts)
    assert isinstance(field, Surface)
    training = Training(field)
    for _ in fit(training, scene.views):
        pass
    seen = mean_view_score(list(view_scores(field, scene.views).values()))
    name = recipe.embedding if recipe.appearance == "full" else f"{recipe.embedding}, {recipe.appearance}"
    pictures = f"{seen.psnr:.2f} | {seen.mask_iou:.4f}"
    return _row(name, recipe.steps, training.elapsed, truth_score(field.surface_mesh(), scene.truth), pictures)


def _row(name: str, steps: int, seconds: float, found: TruthScore, pictures: str) -> str:
    numbers = f"{1e3 * found.chamfer:.2f} | {found.f_score:.3f} | {found.iou:.4f} | {found.normal_consistency:.4f}"
    return f"| {name} | {steps} | {seconds:.0f} | {numbers} | {pictures or '|'} |"


if __name__ == "__main__":
    main()
