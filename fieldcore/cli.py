"""The command line: ``python -m fieldcore fit|calibrate|score|evaluate|info``.

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
from .fitting import Progress, Stop
from .images import (
    check_writable_format,
    display_from_linear,
    is_high_dynamic_range,
    linear_from_display,
    quantised,
    write_image,
)
from .models import Wrap, load_model
from .provenance import open_as_seen
from .scoring import Score, covariance_filters, score, standard_filters
from .signals import Ackley, Picture, Signal, Texture
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
    """Settings by name: preview (the default) suits a laptop, paper is the publication's budget, texture (a texture's
    default) is quick to look up."""
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
        with _ProgressBar() as bar:
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

    def run(self) -> None:
        """Open the picture and train."""
        signal = Picture.open(self.photo, max_size=self.size, encoding=self.encoding, background=self.background)
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


@dataclass(frozen=True)
class Fit:
    """Train a field and write it to a file."""

    signal: (
        Annotated[FitPicture, subcommand("picture")]
        | Annotated[FitTexture, subcommand("texture")]
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
    """The picture it was trained on, for a texture the model (or the picture given as --texture), or 'ackley'."""

    def run(self) -> None:
        """Score and print."""
        field = load_field(self.field, choose_device(self.device))
        signal = open_as_seen(field.facts, self.signal).to(field.device)
        filters = standard_filters() + covariance_filters()
        scores = list(tqdm(score(field, signal, filters), total=len(filters), desc="scoring", leave=False, delay=0.5))
        variances, covariances = scores[: len(standard_filters())], scores[len(standard_filters()) :]
        result = {
            "field": str(self.field),
            "kind": field.kind,
            "signal": signal.facts.name,
            "same_signal": signal.facts.digest == field.facts.digest,
            "variances": [{"variance": float(s.gaussian.variance), **_score_entries(s)} for s in variances],
            "covariances": [
                {"covariance": s.gaussian.covariance(2).tolist(), **_score_entries(s)} for s in covariances
            ],
            "mean_psnr": float(np.mean([s.psnr for s in variances])),
            "mean_covariance_psnr": float(np.mean([s.psnr for s in covariances])),
        }
        if self.json:
            print(json.dumps(result))
        else:
            print(_score_table(result))


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
        if self.size < 1:
            raise InputError(f"--size: expected at least 1, got {self.size}")
        grid = Grid.covering(field.facts.half_extent, self.size)
        write_image(self.out, _picture(field, grid, gaussian, is_high_dynamic_range(self.out)))
        _print_result(self.json, {"out": str(self.out), "width": grid.resolution[0], "height": grid.resolution[1]})


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


class _ProgressBar:
    """Training progress on standard error, redrawn at most ten times a second."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._last: Progress | None = None

    def __enter__(self) -> _ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Draw one step's progress."""
        if self._bar is None:
            layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed} < {remaining}{postfix}"
            self._bar = tqdm(total=1.0, desc="training", bar_format=layout)
        self._last = progress
        psnr = "" if progress.psnr is None else f"  {progress.psnr:.1f} dB unfiltered"
        rate = f"{progress.points_per_second / 1e6:.2f} M points/s"
        self._bar.set_postfix_str(f"step {progress.step}  loss {progress.loss:.2e}{psnr}  {rate}", refresh=False)
        self._bar.update(progress.share_done - self._bar.n)

    def summary(self) -> dict[str, float]:
        """Measured by the clock, so for people and not for the file."""
        if self._last is None:
            return {}
        return {
            "loss": self._last.loss,
            "points_per_second": round(self._last.points_per_second),
            "training_seconds": round(self._last.elapsed, 3),
        }


def _gaussian(variance: float | None, covariance: str | None) -> Gaussian | None:
    if variance is not None and covariance is not None:
        raise InputError("give --variance or --covariance, not both")
    if variance is not None:
        return Gaussian(variance)
    if covariance is None:
        return None
    try:
        xx, xy, yy = (float(part) for part in covariance.split(","))
    except ValueError as error:
        raise InputError(f"--covariance: expected three numbers xx,xy,yy, got '{covariance}'") from error
    return Gaussian([[xx, xy], [xy, yy]])


def _picture(field: Field, grid: Grid, gaussian: Gaussian | None, linear: bool) -> np.ndarray:
    """The field on the grid, quantised tile by tile, so that memory is that of the finished picture."""
    facts = field.facts
    shape = (grid.count, facts.channels)
    picture = np.empty(shape, np.float32 if linear else np.uint8)
    low, high = facts.value_range
    bar = tqdm(total=grid.count, desc="evaluating", leave=False, delay=0.5, unit="px", unit_scale=True)
    for start, stop, tile in evaluate_tiles(field, grid, gaussian):
        values = tile.cpu().numpy()
        if linear:
            picture[start:stop] = facts.value_scale * (
                linear_from_display(values) if facts.encoding == "display" else values
            )
        else:
            shown = (values - low) / (high - low)
            picture[start:stop] = quantised(display_from_linear(shown) if facts.encoding == "linear" else shown)
        bar.update(stop - start)
    bar.close()
    return picture.reshape(grid.resolution[1], grid.resolution[0], -1)


def _described(field: Field) -> dict[str, Any]:
    return {"kind": field.kind, "preset": field.recipe.preset, "parameters": field.parameter_count}


def _score_entries(entry: Score) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("psnr", "ssim", "flip", "lpips", "standard_error", "border_px")}


def _score_table(result: dict[str, Any]) -> str:
    lines = [f"{result['kind']} field '{result['field']}' against '{result['signal']}', 3-sigma border cropped"]
    if not result["same_signal"]:
        lines.append("(not the picture it was trained on)")
    lines.append(f"{'variance':>10} {'PSNR dB':>8} {'SSIM':>7} {'FLIP':>7}")
    for row in result["variances"]:
        ssim = "      -" if row["ssim"] is None else f"{row['ssim']:7.4f}"
        lines.append(f"{row['variance']:>10.0e} {row['psnr']:8.2f} {ssim} {row['flip']:7.4f}")
    lines.append(f"{'mean':>10} {result['mean_psnr']:8.2f}")
    lines.append(f"mean over {len(result['covariances'])} covariances: {result['mean_covariance_psnr']:.2f} dB")
    return "\n".join(lines)


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
