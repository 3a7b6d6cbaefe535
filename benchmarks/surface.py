"""Surfaces from photographs: how near the hull and the trained surface come to the true mesh. Prints Markdown.

    python -m benchmarks.surface [--models FILE ...] [--steps 600 1000] [--networks 0]

Photographs are drawn of each model (``fieldscope --render-views``), 8 of them from other directions and never trained
on. With --networks the first model is also trained with the other embeddings, with one input of the appearance left
out, and with cameras that are off by some pixels, each for so many steps. Steps are what is compared; seconds are of
the machine that is printed first, and of whatever else ran on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
import tyro

from benchmarks.machine import machine_description
from fieldcore.fields import build_field
from fieldcore.fields.surface import Surface
from fieldcore.fields.surface_embeddings import EMBEDDINGS
from fieldcore.fields.surface_recipe import AppearanceInputs, SurfaceRecipe
from fieldcore.fitting import Training, fit
from fieldcore.meshing import in_domain_units
from fieldcore.signals.mesh_file import Mesh, read_mesh
from fieldcore.surface_scoring import TruthScore, truth_score
from fieldcore.views.alignment import aligning, exact_cameras
from fieldcore.views.views import Views
from fieldcore.views_scoring import mean_view_score, view_scores

DATA = Path(__file__).parents[2] / "shared" / "data"
SHARED = (
    DATA / "textured" / "spot" / "spot_triangulated.obj",
    DATA / "shapes" / "bunny.obj",
    DATA / "shapes" / "rocker-arm.obj",
)
_INEXACT = {"grid, inexact cameras": {}, "grid, cameras refined": {"refine_cameras": True}}
"""By name what is changed where cameras are off."""
_HEAD = "| {} | steps | s | Chamfer x 1e-3 | F(0.01) | IoU | normals | unseen views dB | silhouettes |"


@dataclass(frozen=True)
class Options:
    """Benchmark surfaces from photographs."""

    models: tuple[Path, ...] = tuple(path for path in SHARED if path.exists())
    """Meshes, with or without a texture."""
    steps: tuple[int, ...] = (600, 1000)
    """Lengths of the trainings."""
    networks: int = 0
    """Steps of each other embedding and of each ablation, on the first model; 0 leaves them out."""
    rows: tuple[str, ...] = ()
    """Of the rows of --networks those to make, by their names; all unless some are named."""
    views: int = 36
    """Photographs to train on."""
    size: int = 256
    """Pixels a side."""
    pose_noise_deg: float = 0.74
    """By how much the inexact cameras are turned, and moved by 0.4 of that arc."""


@dataclass(frozen=True)
class Scene:
    """Photographs with the true mesh in their domain."""

    name: str
    folder: Path
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
                print(_trained(scene, SurfaceRecipe(steps=steps), "grid"), flush=True)
            if number == 0 and options.networks:
                _print_others(scene, dict(_others()), options)
                noisy = _drawn(model, Path(folder) / "noisy", options, "--pose-noise-deg", str(options.pose_noise_deg))
                _print_others(noisy, _INEXACT, options)
            print()


def _others() -> Iterator[tuple[str, dict[str, Any]]]:
    """By name what is changed in the recipe, one setting each."""
    for name in ("grid", *EMBEDDINGS):
        yield name, {"embedding": name}
    for inputs in get_args(AppearanceInputs):
        if inputs != "full":
            yield f"grid, {inputs}", {"appearance": inputs}


def _print_others(scene: Scene, changes: Mapping[str, dict[str, Any]], options: Options) -> None:
    for name, changed in changes.items():
        if name in (options.rows or changes):
            print(_trained(scene, _recipe(options.networks, changed), name), flush=True)


def _recipe(steps: int, changes: dict[str, Any]) -> SurfaceRecipe:
    return SurfaceRecipe.from_dict({**SurfaceRecipe(steps=steps).to_dict(), **changes})


def _drawn(model: Path, folder: Path, options: Options, *more: str) -> Scene:
    size = f"{options.size}x{options.size}"
    words = ["--render-views", str(model), "--out", str(folder), "--views", str(options.views), "--size", size, *more]
    subprocess.run([sys.executable, "-m", "app", *words], check=True, stdout=subprocess.DEVNULL)
    views = Views.open(folder)
    return Scene(model.stem, folder, views, in_domain_units(read_mesh(folder / "truth.ply"), views.facts))


def _trained(scene: Scene, recipe: SurfaceRecipe, name: str) -> str:
    """A row of the table."""
    field = build_field(recipe, scene.views.facts)
    assert isinstance(field, Surface)
    training = Training(field)
    for _ in fit(training, scene.views):
        pass
    exact = exact_cameras(scene.views, scene.folder) if recipe.refine_cameras else {}
    own = [field.cameras.camera(field.cameras.number_of(name)) for name in exact]
    similarity = aligning(own, list(exact.values())) if exact else None
    seen = mean_view_score(list(view_scores(field, scene.views, similarity).values()))
    pictures = f"{seen.psnr:.2f} | {seen.mask_iou:.4f}"
    return _row(name, recipe.steps, training.elapsed, truth_score(field.surface_mesh(), scene.truth), pictures)


def _row(name: str, steps: int, seconds: float, found: TruthScore, pictures: str) -> str:
    numbers = f"{1e3 * found.chamfer:.2f} | {found.f_score:.3f} | {found.iou:.4f} | {found.normal_consistency:.4f}"
    return f"| {name} | {steps} | {seconds:.0f} | {numbers} | {pictures or '|'} |"


if __name__ == "__main__":
    main()
