"""The fly-through: filtering the field once a pixel against supersampling it, and against OpenGL's own ways.

    python -m benchmarks.textured_mesh [--model assets/fish.glb] [--seconds 30] [--field FILE]
        [--parts frame flight large]

Prints Markdown; every figure of docs/benchmarks.md's section on the fly-through comes from here. It draws without a
window. Run it on an otherwise idle machine.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Literal

import moderngl
import numpy as np
import torch
import tyro
from jaxtyping import Bool, Float

from app.frame_size import parsed_size
from app.gl.offscreen import Offscreen, is_software, offscreen
from app.path.keyframes import KeyframePath
from app.path.path_file import read_path
from app.record.frame import Frame
from app.record.frame_renderer import whole
from app.record.report import Report, ReportFormat
from app.scenes.textured_mesh.agreement import Albedo, flip, psnr
from app.scenes.textured_mesh.controls import TEXTURED_MESH_PASSES, Shading, TexturedMeshControls
from app.scenes.textured_mesh.edges import Look
from app.scenes.textured_mesh.footprint import sample_offsets_px
from app.scenes.textured_mesh.geometry_pass import Geometry, GeometryArrays, read_attachment, read_geometry
from app.scenes.textured_mesh.open_model import TexturedMeshSubject
from app.scenes.textured_mesh.pyramid_shading import PyramidShading
from app.scenes.textured_mesh.renderer import TexturedMeshRenderer
from app.scenes.textured_mesh.report import TexturedMeshMeasure
from app.scenes.textured_mesh.shading import Shot, read_albedo
from app.scenes.textured_mesh.shading_set import Shadings
from app.work.asking import EvaluateHere
from app.work.slices import completed
from benchmarks.machine import machine_description, synchronize
from fieldcore import Gaussian, Stop, build_field, choose_device, fit, preset_recipe
from fieldcore.checkpoint import load_field
from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel, load_model
from fieldcore.signals.texture import Texture, domain_from_uv

ASSETS = Path(__file__).parents[1] / "assets"
PASSES: tuple[Shading, ...] = ("neural", "shader", "single", "mipmap", "anisotropic")
EVERY_WAY: tuple[Shading, ...] = (*PASSES, "supersampled")
JUDGE_SAMPLES = 16
FIELD_SAMPLES = (4, 5, 6, 8)
"""Squared, how often the field is sampled a pixel instead of being filtered once."""
SHOWN_S = 1.5
"""The moment of the flight whose frame is looked at closely."""


@dataclass(frozen=True)
class Options:
    """Benchmark the fly-through."""

    model: Path = ASSETS / "fish.glb"
    """Textured model."""
    flight: Path = ASSETS / "flight.json"
    """The flight along which it is seen."""
    field: Path | None = None
    """Field of its texture; trained first if there is none."""
    seconds: float = 30.0
    """Training time at most; what is solved for needs less."""
    size: str = "640x360"
    """Of the frames."""
    frames: int = 60
    """Of the flight, at its own rate."""
    parts: tuple[Literal["frame", "flight", "large"], ...] = ("frame", "flight", "large")
    """What to measure."""


@dataclass(frozen=True)
class Studio:
    """What frames are made with, and of what."""

    renderer: TexturedMeshRenderer
    subject: TexturedMeshSubject
    surface: Offscreen

    @property
    def shadings(self) -> Shadings:
        """The ways of shading."""
        return self.renderer.shadings_of(self.subject)


def main() -> None:
    """Measure what was asked for and print it."""
    options = tyro.cli(Options)
    model = load_model(options.model)
    print(f"Machine: {machine_description()}")
    field = load_field(options.field, choose_device("auto")) if options.field else _trained(model, options.seconds)
    path = read_path(options.flight)
    if not isinstance(path.still, TexturedMeshControls):
        raise SystemExit(f"'{options.flight}' is no flight")
    parts = {"frame": _one_frame, "flight": _flight, "large": _large}
    for name in options.parts:
        with _studio(options.size if name != "large" else "1920x1080", model, field) as studio:
            parts[name](path, studio, options)


@contextmanager
def _studio(size: str, model: TexturedModel, field: Field) -> Iterator[Studio]:
    with offscreen(parsed_size(size, "--size")) as surface:
        renderer = TexturedMeshRenderer(surface.context, EvaluateHere())
        try:
            yield Studio(renderer, TexturedMeshSubject(model, field), surface)
        finally:
            renderer.release()


def _trained(model: TexturedModel, seconds: float) -> Field:
    signal = Texture.of(model).to(choose_device("auto"))
    width, height = signal.facts.resolution
    field = build_field(preset_recipe("pyramid", "texture", signal.facts), signal.facts).to(signal.device)
    last = list(fit(field, signal, stop=Stop(seconds=seconds)))[-1]
    made = "solved for" if last.stopped_by == "solved" else f"{last.step} steps"
    print(f"Field: pyramid, preset texture, {made} in {last.elapsed:.1f} s on '{model.name}', {width} x {height}\n")
    return field


def _one_frame(path: KeyframePath[TexturedMeshControls], studio: Studio, options: Options) -> None:
    """Each way's time and agreement in one frame, and the same of the field supersampled."""
    surface = studio.surface
    camera = path.at(path.keyframes[0].time + SHOWN_S).camera
    controls = TexturedMeshControls(model=path.still.model, camera=camera, samples=JUDGE_SAMPLES)
    shot = Shot(studio.shadings.geometry_pass, camera, surface.framebuffer.size)
    geometry_ms = min(_milliseconds(lambda: _draw_geometry(shot), surface) for _ in range(4))
    judge = _shaded(studio, "supersampled", shot, controls)[0]
    seen = int((judge[..., 3] > 0).sum())
    print(f"## One frame at {options.size}, {seen} pixels of it on the model, drawn by {surface.renderer}\n")
    one_surface = _on_one_surface(read_geometry(shot.geometry))
    share = one_surface.sum() / seen
    print(f"PSNR and FLIP against {JUDGE_SAMPLES} x {JUDGE_SAMPLES} samples of the source texture a pixel; PSNR also")
    print(
        f"over the {share:.0%} of pixels whose filter reaches one surface only, which leaves out edges such as that of"
    )
    print("a fin before the body. The least of three times, the geometry not counted unless drawn for each sample; it")
    print(f"takes {geometry_ms:.0f} milliseconds.\n")
    print("| texture | milliseconds | PSNR, dB | on one surface | FLIP |\n|---|---|---|---|---|")
    times: dict[str, float] = {}

    def row(name: str, albedo: Albedo, milliseconds: float) -> None:
        times[name] = milliseconds
        inside = albedo.copy()
        inside[~one_surface, 3] = 0  # what is not covered in both is not compared
        figures = f"{psnr(albedo, judge):.2f} | {psnr(inside, judge):.2f} | {flip(albedo, judge):.4f}"
        print(f"| {name} | {milliseconds:.0f} | {figures} |", flush=True)

    names: dict[Shading, str] = {
        "single": "single sample, OpenGL", "mipmap": "trilinear mipmaps, OpenGL",
        "anisotropic": "16x anisotropic mipmaps, OpenGL",
    }  # fmt: skip
    for shading, name in names.items():
        row(name, *_shaded(studio, shading, shot, controls, repeats=3))
    eight = replace(controls, samples=8)
    row("8 x 8 samples of the plain texture, OpenGL", *_shaded(studio, "supersampled", shot, eight, repeats=3))
    samples: dict[str, Callable[[Geometry], np.ndarray]] = {
        "torch": _TorchSamples(studio),
        "shader": _ShaderSamples(studio, controls),
    }
    ways: dict[str, Shading] = {"torch": "neural", "shader": "shader"}
    for way, shading in ways.items():
        row(f"field filtered once, {way}", *_shaded(studio, shading, shot, controls, repeats=3))
        sample = samples[way]
        for count in FIELD_SAMPLES:
            row(f"field {count} x {count} samples, {way}", *_supersampled(studio, shot, sample, count))
    print()
    for way in ways:
        once = times[f"field filtered once, {way}"]
        ratios = [
            f"{count} x {count}: {times[f'field {count} x {count} samples, {way}'] / once:.1f}"
            for count in FIELD_SAMPLES
        ]
        print(f"{way}: times that filtering once is faster than samples of the field, {', '.join(ratios)}")
    print()


def _draw_geometry(shot: Shot) -> None:
    shot.geometry_pass.draw(shot.camera, shot.size)


def _on_one_surface(geometry: GeometryArrays) -> Bool[np.ndarray, "h w"]:
    """Where all pixels within the filter's reach see what the pixel's own Jacobian foretells."""
    size = np.linalg.norm(geometry.jacobian, axis=(-2, -1))
    alone = geometry.coverage == 1
    for down, right in product(range(-2, 3), repeat=2):
        there = np.roll(geometry.uv, (-down, -right), (0, 1))
        foretold = geometry.uv + geometry.jacobian @ np.array([right, down], np.float32)
        covered = np.roll(geometry.coverage, (-down, -right), (0, 1)) == 1
        alone &= covered & (np.linalg.norm(there - foretold, axis=-1) <= size)
    return alone


def _shaded(
    studio: Studio, name: Shading, shot: Shot, controls: TexturedMeshControls, repeats: int = 1
) -> tuple[Albedo, float]:
    """The picture of one way of shading, and the least milliseconds of several runs after one that is not counted."""
    shading = studio.shadings[name]

    def shade() -> None:
        for _ in shading.shade(shot, controls):
            pass

    times = [_milliseconds(shade, studio.surface) for _ in range(repeats + (repeats > 1))]
    return read_albedo(shading.albedo), min(times[-repeats:])


def _milliseconds(work: Callable[[], None], surface: Offscreen) -> float:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    synchronize(device)
    surface.context.finish()
    started = time.perf_counter()
    work()
    synchronize(device)
    surface.context.finish()
    return 1e3 * (time.perf_counter() - started)


class _TorchSamples:
    """The field's own unfiltered values where a geometry's pixels look, by torch."""

    def __init__(self, studio: Studio) -> None:
        field = studio.shadings.field
        assert field is not None
        self._field = field

    def __call__(self, geometry: Geometry) -> Float[np.ndarray, "h w 4"]:
        places = read_attachment(geometry, 0)
        covered = places[..., 3] > 0
        x = domain_from_uv(torch.from_numpy(places[covered][:, :2]), self._field.facts).to(self._field.device)
        picture = np.zeros((*covered.shape, 4), np.float32)
        if len(x):
            *_, values = EvaluateHere()(self._field, x, Gaussian(0.0))
            assert values is not None
            picture[covered] = np.pad(values.cpu().numpy(), ((0, 0), (0, 1)), constant_values=1)
        return picture[::-1]


class _ShaderSamples:
    """The same by the fragment shader, to which every footprint is said to be a point."""

    def __init__(self, studio: Studio, controls: TexturedMeshControls) -> None:
        self._studio, self._controls = studio, controls
        self._points = studio.surface.context.texture(studio.surface.framebuffer.size, 4, dtype="f4")
        self._points.filter = moderngl.NEAREST, moderngl.NEAREST

    def __call__(self, geometry: Geometry) -> Float[np.ndarray, "h w 4"]:
        shading = self._studio.shadings["shader"]
        assert isinstance(shading, PyramidShading)
        for _ in shading.look(Look(replace(geometry, jacobian=self._points)), self._controls):
            pass
        return read_albedo(shading.looked)


def _supersampled(
    studio: Studio, shot: Shot, sample: Callable[[Geometry], Float[np.ndarray, "h w 4"]], count: int
) -> tuple[Albedo, float]:
    """The mean of count^2 unfiltered pictures of the field, each a little shifted, and the milliseconds it took."""
    width, height = shot.size
    total = np.zeros((height, width, 4), np.float32)
    offsets = [float(offset) for offset in sample_offsets_px(count)]
    shifts_px = [(x, y) for y in offsets for x in offsets]

    def add_all() -> None:
        for geometry in shot.geometry_pass.draw_again(shot.geometry, shifts_px, near_edges=False):
            total[...] += sample(geometry)

    milliseconds = _milliseconds(add_all, studio.surface)
    total[..., :3] /= np.maximum(total[..., 3:], 1)
    total[..., 3] = read_geometry(shot.geometry).coverage * (total[..., 3] > 0)
    return total, milliseconds


def _flight(path: KeyframePath[TexturedMeshControls], studio: Studio, options: Options) -> None:
    """Means over the flight."""
    start, rate = path.keyframes[0].time, path.frames_per_second
    print(f"## {options.frames} frames of a flight at {options.size}, {rate:g} a second\n")
    print(f"Means; judge: {JUDGE_SAMPLES} x {JUDGE_SAMPLES} samples of the source texture. Flicker: mean absolute")
    print("difference from frame to frame along the surface.\n")
    with tempfile.TemporaryDirectory() as folder:
        report = Report(Path(folder), ReportFormat("benchmark"), {})
        judged = replace(path, still=replace(path.still, samples=JUDGE_SAMPLES))
        renderer, subject, surface = studio.renderer, studio.subject, studio.surface
        measure = TexturedMeshMeasure(renderer, subject)
        for name in EVERY_WAY:  # what drivers do once is not in the times
            controls = replace(path.still, layout="one", left=name, samples=1)
            completed(renderer.pictures(subject, controls, (48, 32)))
        for moment in judged.frame_times()[: options.frames]:
            controls, frames = judged.at(moment), dict[str, Frame]()
            for name in EVERY_WAY:
                of = TEXTURED_MESH_PASSES[name]
                frames[name] = whole(renderer.render(subject, replace(controls, **of.changes), surface.framebuffer, of))
            report.describe(*measure(controls, frames))
        print("| pass | PSNR, dB | FLIP | flicker | milliseconds |\n|---|---|---|---|---|")
        for shown, means in report.means.items():
            figures = [f"{means[key]:.{digits}f}" if means[key] is not None else "-" for key, digits in _COLUMNS]
            print(f"| {shown} | {' | '.join(figures)} |", flush=True)
    print(f"\nfrom second {start:g} to {start + options.frames / rate:g} of '{options.flight.name}'\n")


_COLUMNS = (("psnr", 2), ("flip", 4), ("flicker", 5), ("milliseconds", 0))


def _large(path: KeyframePath[TexturedMeshControls], studio: Studio, options: Options) -> None:
    """Frames a second at 1920 x 1080, which is of interest where OpenGL draws on a GPU."""
    renderer = studio.surface.renderer
    print("## Frames a second at 1920 x 1080\n")
    if is_software(renderer):
        print(f"skipped: OpenGL draws in software here ({renderer})\n")
        return
    print(f"Drawn by {renderer}; geometry, shading and composition of each of 60 frames.\n")
    print("| pass | frames a second |\n|---|---|")
    motion, moments = path, path.frame_times()[:60]
    for name in EVERY_WAY:
        controls = [replace(motion.at(moment), layout="one", left=name) for moment in moments]

        def draw_all(controls: list[TexturedMeshControls] = controls) -> None:
            for shown in controls:
                completed(studio.renderer.draw(studio.subject, shown, studio.surface.framebuffer))

        draw_all(controls[:1])
        print(f"| {name} | {1e3 * len(controls) / _milliseconds(draw_all, studio.surface):.1f} |", flush=True)
    print()


if __name__ == "__main__":
    main()
