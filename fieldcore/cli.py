"""The command line: ``python -m fieldcore fit|calibrate|score|evaluate|mesh|info``.

Results go to standard output (one JSON object with ``--json``), progress and errors to standard error.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import tyro
from tqdm import tqdm
from tyro.conf import Positional, subcommand

from .calibration import calibrate
from .checkpoint import load_checkpoint, load_field, save_field, weights_digest
from .command import run_command
from .devices import DeviceName, choose_device
from .errors import InputError
from .evaluation import Grid, evaluate_tiles
from .fields import default_preset, preset_recipe
from .fields.field import Field
from .files import refuse_overwriting
from .filters import Gaussian
from .fitting import Stop
from .images import (
    check_writable_format,
    display_from_linear,
    is_high_dynamic_range,
    linear_from_display,
    quantised,
    write_image,
)
from .meshing import check_mesh_format, check_meshable, extract_mesh, write_mesh
from .models import Wrap, load_model
from .progress_lines import points_line
from .provenance import open_as_seen
from .scoring import Score, score
from .signals import Ackley, Picture, Shape, Signal, Texture
from .standard_filters import covariance_filters, standard_filters
from .training_line import TrainingLine
from .training_run import TrainingRun

KindName = Literal["pyramid", "spectral", "scale_space"]


@dataclass(frozen=True, kw_only=True)
class CommonOptions:
    """What every command takes."""

    device: DeviceName = "auto"
    """Where to compute; auto takes CUDA where there is one."""
    json: bool = False
    """Print one JSON object on standard output instead of text."""


@dataclass(frozen=True, kw_only=True)
class FitOptions(CommonOptions):
    """What is common to training on every signal."""

    out: Path
    """The field's file, ending in .safetensors."""
    kind: KindName = "pyramid"
    """Kind of field: pyramid trains in seconds, spectral and scale_space are the published methods."""
    preset: str | None = None
    """Settings by name: preview (the default) suits a laptop, paper is the publication's budget; texture and shape, the
    defaults of textures and shapes, are made for those."""
    steps: int | None = None
    """Stop after so many steps; the only rule that gives the same bytes on every run."""
    seconds: float | None = None
    """Stop after so much training time."""
    target_psnr: float | None = None
    """Stop when the unfiltered field reaches this PSNR, in dB."""
    plateau: int | None = None
    """Stop after so many steps without a gain of 0.05 dB."""
    seed: int = 0
    """Seed of every random number."""
    resume: bool = False
    """Continue a training that was interrupted or killed."""
    overwrite: bool = False
    """Replace an existing file."""
    checkpoint_seconds: float = 10.0
    """Training time between two writes of the state that --resume needs."""

    def _train(self, signal: Signal) -> None:
        stop = Stop(self.steps, self.seconds, self.target_psnr, self.plateau)
        preset = self.preset or default_preset(self.kind, signal.facts.type)
        recipe = preset_recipe(self.kind, preset, signal.facts, seed=self.seed, steps=self.steps)
        run = TrainingRun(
            signal, recipe, stop, self.out, self.resume, self.overwrite, checkpoint_seconds=self.checkpoint_seconds
        )
        with TrainingLine() as bar:
            field, training = run.run(bar.show)
        _print_result(
            self.json,
            {"out": str(self.out), **_described(field), **dataclasses.asdict(training), **bar.summary()},
        )


@dataclass(frozen=True, kw_only=True)
class FitPicture(FitOptions):
    """Train a field on a picture."""

    photo: Positional[str]
    """PNG, JPEG, TIFF, EXR or HDR file; or sample:NAME for a photograph that scikit-image carries."""
    size: int | None = None
    """Shrink the picture so that its longer side has at most this many pixels."""
    encoding: Literal["auto", "display", "linear"] = "auto"
    """Filter display-encoded colours or linear light; auto takes what the file stores."""
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Display-encoded colour in [0, 1] behind transparent parts."""
    layer: str | None = None
    """Layer, part or channel of an EXR file, by its name."""

    def run(self) -> None:
        """Open the picture and train."""
        signal = Picture.open(
            self.photo, max_size=self.size, encoding=self.encoding, background=self.background, layer=self.layer
        )
        for notice in signal.notices:
            print(f"note: {notice}", file=sys.stderr)
        self._train(signal.to(choose_device(self.device)))


@dataclass(frozen=True, kw_only=True)
class FitAckley(FitOptions):
    """Train a field on the Ackley function, the scale-space paper's test function."""

    def run(self) -> None:
        """Train on the formula."""
        self._train(Ackley().to(choose_device(self.device)))


@dataclass(frozen=True, kw_only=True)
class FitTexture(FitOptions):
    """Train a field on the texture of a model; several textures are trained on as one sheet."""

    model: Positional[Path]
    """OBJ (with MTL and pictures), GLB, glTF or PLY file; with --atlas also STL and OFF."""
    texture: Path | None = None
    """A picture to use in place of the model's own textures."""
    wrap: Wrap | None = None
    """How the texture continues beyond [0, 1]; by default as the model says, else it repeats."""
    atlas: bool = False
    """Make texture coordinates for a mesh that has none."""
    size: int | None = None
    """Shrink the texture so that its longer side has at most this many pixels."""

    def run(self) -> None:
        """Open the model and train."""
        model = load_model(self.model, texture=self.texture, wrap=self.wrap, atlas=self.atlas)
        for notice in model.notices:
            print(f"note: {notice}", file=sys.stderr)
        self._train(Texture.of(model, self.size).to(choose_device(self.device)))


@dataclass(frozen=True, kw_only=True)
class FitShape(FitOptions):
    """Train a field on the signed distance to a mesh."""

    mesh: Positional[Path]
    """PLY, OBJ, STL, OFF, GLB or glTF file; it may be open, torn or of several bodies."""

    def run(self) -> None:
        """Open the mesh and train."""
        shape = Shape.open(self.mesh)
        for notice in shape.notices:
            print(f"note: {notice}", file=sys.stderr)
        self._train(shape.to(choose_device(self.device)))


@dataclass(frozen=True)
class Fit:
    """Train a field and write it to a file."""

    signal: (
        Annotated[FitPicture, subcommand("picture")]
        | Annotated[FitTexture, subcommand("texture")]
        | Annotated[FitShape, subcommand("shape")]
        | Annotated[FitAckley, subcommand("ackley")]
    )

    def run(self) -> None:
        """Train on the chosen signal."""
        self.signal.run()


@dataclass(frozen=True, kw_only=True)
class Calibrate(CommonOptions):
    """Measure the scale of a field's own smoothing and, where its kind needs it, store the factor in the file."""

    field: Positional[Path]
    """The field's file."""
    seed: int = 0
    """Seed of the points and samples."""

    def run(self) -> None:
        """Calibrate and write the file back."""
        checkpoint = load_checkpoint(self.field, choose_device(self.device))
        result = calibrate(checkpoint.field, seed=self.seed)
        if checkpoint.field.calibrated:
            save_field(self.field, checkpoint.field, checkpoint.training)
        _print_result(
            self.json,
            {
                "field": str(self.field),
                "kind": checkpoint.field.kind,
                "factor": result.factor,
                "stored": checkpoint.field.calibrated,
            },
        )


@dataclass(frozen=True, kw_only=True)
class ScoreCommand(CommonOptions):
    """Compare a field with the truth at five variances and twenty covariances, 3-sigma border cropped."""

    field: Positional[Path]
    """The field's file."""
    signal: str
    """What it was trained on: the picture, for a texture the model (or the picture given as --texture), for a shape the
    mesh, or 'ackley'."""

    def run(self) -> None:
        """Score and print."""
        field = load_field(self.field, choose_device(self.device))
        signal = open_as_seen(field.facts, self.signal).to(field.device)
        filters = standard_filters() + covariance_filters(dim=signal.dim)
        measure = signal.measures.headline
        columns = {name: (c.title, c.layout) for name, c in signal.measures.columns.items() if name != "lpips"}
        scores = list(tqdm(score(field, signal, filters), total=len(filters), desc="scoring", leave=False, delay=0.5))
        variances = [s for s in scores if s.filter in filters[: len(standard_filters())]]
        covariances = [s for s in scores if s not in variances]
        result = {
            "field": str(self.field),
            "kind": field.kind,
            "signal": signal.facts.name,
            "same_signal": signal.facts.digest == field.facts.digest,
            "variances": [{"variance": float(s.filter.variance), **_score_entries(s)} for s in variances],
            "covariances": [
                {"covariance": s.filter.covariance(signal.dim).tolist(), **_score_entries(s)} for s in covariances
            ],
            f"mean_{measure}": _mean(variances, measure),
            f"mean_covariance_{measure}": _mean(covariances, measure),
        }
        if self.json:
            print(json.dumps(result))
        else:
            print(_score_table(result, columns))


@dataclass(frozen=True, kw_only=True)
class Evaluate(CommonOptions):
    """Write a field, smoothed, as a picture."""

    field: Positional[Path]
    """The field's file."""
    out: Path
    """Picture to write: .png, .jpg, .tif (display-encoded, 8 bit), .exr or .hdr (linear)."""
    variance: float | None = None
    """Isotropic variance in squared domain units."""
    covariance: str | None = None
    """Covariance as xx,xy,yy in squared domain units."""
    size: int = 512
    """Pixels along the longer side."""
    overwrite: bool = False
    """Replace an existing file."""

    def run(self) -> None:
        """Evaluate tile by tile and write."""
        gaussian = _gaussian(self.variance, self.covariance)
        refuse_overwriting(self.out, self.overwrite)
        check_writable_format(self.out)
        field = load_field(self.field, choose_device(self.device))
        if field.dim != 2:
            raise InputError(
                f"field '{self.field}': it is of a {field.facts.type} in {field.dim}-D, which has no picture; write "
                "its surface with 'python -m fieldcore mesh'"
            )
        if self.size < 1:
            raise InputError(f"--size: expected at least 1, got {self.size}")
        grid = Grid.covering(field.facts.half_extent, self.size)
        write_image(self.out, _picture(field, grid, gaussian, is_high_dynamic_range(self.out)))
        _print_result(self.json, {"out": str(self.out), "width": grid.resolution[0], "height": grid.resolution[1]})


@dataclass(frozen=True, kw_only=True)
class MeshCommand(CommonOptions):
    """Write the surface of a shape's field, smoothed, as a mesh in the units of its source."""

    field: Positional[Path]
    """The field's file."""
    out: Path
    """Mesh to write: .ply, .obj, .stl or .glb."""
    variance: float | None = None
    """Isotropic variance in squared domain units."""
    covariance: str | None = None
    """Covariance as xx,xy,xz,yy,yz,zz in squared domain units."""
    resolution: int = 256
    """Cells along the shape's longest side."""
    level: float = 0.0
    """Distance in domain units at which the surface is taken: above 0 outside, below 0 inside."""
    overwrite: bool = False
    """Replace an existing file."""

    def run(self) -> None:
        """Evaluate slab by slab, find the surface and write it."""
        refuse_overwriting(self.out, self.overwrite)
        check_mesh_format(self.out)
        field = load_field(self.field, choose_device(self.device))
        check_meshable(field.facts)
        gaussian = _gaussian(self.variance, self.covariance, dim=3)
        mesh = extract_mesh(field, gaussian, resolution=self.resolution, level=self.level)
        write_mesh(self.out, mesh)
        counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles), "watertight": mesh.watertight}
        _print_result(self.json, {"out": str(self.out), **counts})


@dataclass(frozen=True, kw_only=True)
class Info(CommonOptions):
    """Say what a field's file holds."""

    field: Positional[Path]
    """The field's file."""

    def run(self) -> None:
        """Print the facts."""
        checkpoint = load_checkpoint(self.field)
        field = checkpoint.field
        facts = {
            "field": str(self.field),
            **_described(field),
            "bytes": self.field.stat().st_size,
            "weights_digest": weights_digest(field),
            "filters": [supported.__name__ for supported in field.filters],
            "calibration": field.calibration_factor,
            "signal": dataclasses.asdict(field.facts),
            "training": dataclasses.asdict(checkpoint.training),
            "recipe": field.recipe.to_dict(),
        }
        _print_result(self.json, facts)


Command = (
    Annotated[Fit, subcommand("fit")]
    | Annotated[Calibrate, subcommand("calibrate")]
    | Annotated[ScoreCommand, subcommand("score")]
    | Annotated[Evaluate, subcommand("evaluate")]
    | Annotated[MeshCommand, subcommand("mesh")]
    | Annotated[Info, subcommand("info")]
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    command: Any = tyro.cli(
        Command,
        prog="fieldcore",
        description="Train fields that can be filtered, score them against the truth, evaluate them smoothed.",
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.OmitSubcommandPrefixes, tyro.conf.FlagCreatePairsOff),
    )
    return run_command(command.run)


_COVARIANCE_ENTRIES = {2: ("xx", "xy", "yy"), 3: ("xx", "xy", "xz", "yy", "yz", "zz")}


def _gaussian(variance: float | None, covariance: str | None, dim: int = 2) -> Gaussian | None:
    if variance is not None and covariance is not None:
        raise InputError("give --variance or --covariance, not both")
    if variance is not None:
        return Gaussian(variance)
    if covariance is None:
        return None
    names = _COVARIANCE_ENTRIES[dim]
    try:
        numbers = dict(zip(names, map(float, covariance.split(",")), strict=True))
    except ValueError as error:
        count = {3: "three", 6: "six"}[len(names)]
        raise InputError(f"--covariance: expected {count} numbers {','.join(names)}, got '{covariance}'") from error
    axes = "xyz"[:dim]
    return Gaussian([[numbers[min(a, b) + max(a, b)] for b in axes] for a in axes])


def _picture(field: Field, grid: Grid, gaussian: Gaussian | None, linear: bool) -> np.ndarray:
    """The field on the grid, quantised tile by tile, so that memory is that of the finished picture."""
    facts = field.facts
    shape = (grid.count, facts.channels)
    picture = np.empty(shape, np.float32 if linear else np.uint8)
    low, high = facts.value_range
    with points_line("evaluating") as report:
        for start, stop, tile in evaluate_tiles(field, grid, gaussian):
            values = tile.cpu().numpy()
            if linear:
                values = linear_from_display(values) if facts.encoding == "display" else values
                picture[start:stop] = facts.value_scale * values
            else:
                shown = (values - low) / (high - low)
                picture[start:stop] = quantised(display_from_linear(shown) if facts.encoding == "linear" else shown)
            report(stop, grid.count)
    return picture.reshape(grid.resolution[1], grid.resolution[0], -1)


def _described(field: Field) -> dict[str, Any]:
    return {"kind": field.kind, "preset": field.recipe.preset, "parameters": field.parameter_count}


def _score_entries(entry: Score) -> dict[str, Any]:
    return {**entry.measures, "standard_error": entry.standard_error, "border_px": entry.border_px}


def _mean(scores: Sequence[Score], measure: str) -> float | None:
    """Of those that have the measure."""
    values = [getattr(score, measure) for score in scores if getattr(score, measure) is not None]
    return float(np.mean(values)) if values else None


def _score_table(result: dict[str, Any], columns: dict[str, tuple[str, str]]) -> str:
    """The five variances in a table and the covariances' mean; the first column is the one that has means."""
    lines = [f"{result['kind']} field '{result['field']}' against '{result['signal']}', 3-sigma border cropped"]
    if not result["same_signal"]:
        lines.append("(not the signal it was trained on)")
    widths = {name: int(layout.split(".")[0]) for name, (_, layout) in columns.items()}
    lines.append(f"{'variance':>10} " + " ".join(f"{title:>{widths[name]}}" for name, (title, _) in columns.items()))
    for row in result["variances"]:
        cells = (_cell(row[name], layout) for name, (_, layout) in columns.items())
        lines.append(f"{row['variance']:>10.0e} " + " ".join(cells))
    measure, (title, layout) = next(iter(columns.items()))
    lines.append(f"{'mean':>10} {_cell(result[f'mean_{measure}'], layout)}")
    mean = _cell(result[f"mean_covariance_{measure}"], layout).strip()
    lines.append(f"mean over {len(result['covariances'])} covariances: {mean} {title.split()[-1]}")
    return "\n".join(lines)


def _cell(value: float | None, layout: str) -> str:
    return f"{'-':>{layout.split('.')[0]}}" if value is None else f"{value:{layout}}"


def _print_result(as_json: bool, result: dict[str, Any]) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for entry, content in value.items():
                print(f"  {entry}: {content}")
        else:
            print(f"{name}: {value}")
