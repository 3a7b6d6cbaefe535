"""The picture and the short film of the fly-through in docs/: ``flythrough.png``, four ways of shading one frame,
enlarged, with their agreement; ``flythrough.mp4``, the shipped flight by the neural texture.

    python -m benchmarks.textured_mesh_figures [--out docs/images] [--field FILE] [--seconds 30]

Trains the fish's texture first unless a field is given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import tyro

from app.gl.offscreen import offscreen
from app.path.path_file import read_path
from app.scenes.textured_mesh.agreement import Albedo, flip, psnr
from app.scenes.textured_mesh.controls import Shading, TexturedMeshControls
from app.scenes.textured_mesh.shading import Shot, read_albedo
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore.checkpoint import load_field
from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel, load_model

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

ASSETS = Path(__file__).parents[1] / "assets"
SIZE, SHOWN_S = (640, 360), 1.5
PANELS: dict[str, Shading] = {
    "single sample": "single",
    "trilinear mipmaps": "mipmap",
    "16 x 16 samples (judge)": "supersampled",
    "neural texture, filtered once": "neural",
}
CROPS = ((slice(100, 190), slice(190, 350)), (slice(175, 265), slice(340, 500)))
"""Rows and columns of the frame that are shown enlarged."""

_INK, _PAPER = "#e8e8ea", "#16171b"


@dataclass(frozen=True)
class Options:
    """Make the picture and the film."""

    out: Path = Path("docs/images")
    """Folder to write to."""
    field: Path | None = None
    """Field of the fish's texture; trained first if there is none."""
    seconds: float = 30.0
    """Training time."""


def main() -> None:
    """Train if need be, then draw and film."""
    options = tyro.cli(Options)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        field = options.field or Path(folder) / "fish.safetensors"
        if options.field is None:
            _run("fieldcore", "fit", "texture", ASSETS / "fish.glb", "--seconds", options.seconds, "--out", field)
        plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _INK})
        picture = options.out / "flythrough.png"
        _figure(load_model(ASSETS / "fish.glb"), load_field(field)).savefig(picture, dpi=110, facecolor=_PAPER)
        print(picture)
        film = options.out / "flythrough.mp4"
        _run(
            "app", "--render-path", ASSETS / "flight.json", "--out", Path(folder) / "frames", "--field", field,
            "--passes", "neural", "--size", "640x360", "--video", film, "--overwrite",
        )  # fmt: skip
        print(film)


def _run(module: str, *arguments: object) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def _figure(model: TexturedModel, field: Field) -> Figure:
    pictures = _shaded(model, field)
    judge = pictures["supersampled"]
    figure, axes = plt.subplots(len(CROPS), len(PANELS), figsize=(13, 4.2), facecolor=_PAPER)
    for column, (title, shading) in enumerate(PANELS.items()):
        picture = pictures[shading]
        figures = (
            "" if shading == "supersampled" else f"\n{psnr(picture, judge):.1f} dB, FLIP {flip(picture, judge):.3f}"
        )
        axes[0, column].set_title(title + figures, color=_INK, pad=6)
        shown = picture[..., :3] * picture[..., 3:] + 0.12 * (1 - picture[..., 3:])
        for row, crop in enumerate(CROPS):
            axes[row, column].imshow(shown[crop].clip(0, 1), interpolation="nearest")
            axes[row, column].set_axis_off()
    figure.subplots_adjust(left=0.004, right=0.996, top=0.88, bottom=0.01, wspace=0.02, hspace=0.03)
    return figure


def _shaded(model: TexturedModel, field: Field) -> dict[Shading, Albedo]:
    path = read_path(ASSETS / "flight.json")
    assert isinstance(path.still, TexturedMeshControls)
    camera = path.at(path.keyframes[0].time + SHOWN_S).camera
    controls = TexturedMeshControls(model="", camera=camera, samples=16)
    pictures: dict[Shading, Albedo] = {}
    with offscreen(SIZE) as surface:
        shadings = Shadings(surface.context, model, field=field)
        shot = Shot(shadings.geometry_pass, camera, SIZE)
        for name in PANELS.values():
            for _ in shadings[name].shade(shot, controls):
                pass
            pictures[name] = np.ascontiguousarray(read_albedo(shadings[name].albedo))
        shadings.release()
    return pictures


if __name__ == "__main__":
    main()
