"""Videos: how near the solved pyramid is to the truth, and how long both take. Prints Markdown.

    python -m benchmarks.video [--clip FILE] [--frames 600] [--size 377]

Run it on an otherwise idle machine; the one it ran on is printed first.
"""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro

from benchmarks.machine import fastest, machine_description
from fieldcore import Field, Filter, Gaussian, Grid, Video, build_field, evaluate, preset_recipe, psnr, save_field
from fieldcore.commands.fit_video import FIELD_BYTES
from fieldcore.filter_sets import VARIANCES, covariance_filters
from fieldcore.scoring import score

SHARED_CLIP = Path(__file__).parents[2] / "shared" / "data" / "video" / "gargoyle_loop_base.mp4"
ALONG_AXES = {
    "time alone, 1e-2": (0.0, 0.0, 1e-2),
    "the plane alone, 1e-3": (1e-3, 1e-3, 0.0),
    "time 1e-2, plane 1e-4": (1e-4, 1e-4, 1e-2),
}


@dataclass(frozen=True)
class Options:
    """Benchmark fields of videos."""

    clip: Path | None = SHARED_CLIP if SHARED_CLIP.exists() else None
    """Video to solve for; by default the shared clip, or moving waves where that is not at hand."""
    frames: int | None = None
    """Frames from the beginning; by default all."""
    size: int | None = None
    """Pixels along the longer side; by default what `fieldcore fit video` takes."""
    slanted: int = 20
    """How many of the 20 standard covariances are scored, against a sampled truth."""


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    started = time.perf_counter()
    video = _waves() if options.clip is None else _opened(options.clip, options)
    opened = time.perf_counter() - started
    field = build_field(preset_recipe("pyramid", "video", video.facts), video.facts)
    started = time.perf_counter()
    field.prepare(video)
    solved = time.perf_counter() - started
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with tempfile.TemporaryDirectory() as folder:
        save_field(Path(folder) / "field.safetensors", field)
        megabytes = (Path(folder) / "field.safetensors").stat().st_size / 1e6
    width, height, count = video.facts.resolution
    print(f"Machine: {machine_description()}, {torch.get_num_threads()} threads\n")
    print(
        f"'{video.facts.name}', {count} frames of {width} x {height}: read in {opened:.1f} s, solved in {solved:.1f} s,"
    )
    print(f"peak of the process {peak_gb:.2f} GB, file {megabytes:.0f} MB\n")
    _table(field, video)
    _slanted(field, video, options.slanted)


def _opened(clip: Path, options: Options) -> Video:
    if options.size is None:
        return Video.open(clip, stop=options.frames, most_bytes=FIELD_BYTES, shrink=True)
    return Video.open(clip, stop=options.frames, max_size=options.size)


def _waves() -> Video:
    """Coloured waves that move, for machines that have no clip."""
    y, x = np.mgrid[:180, :320]
    frames = [np.stack([np.sin(x / 9 + y / k + i / 7) for k in (5, 8, 13)], -1) for i in range(120)]
    return Video((127.5 + 120 * np.asarray(frames)).round().astype(np.uint8), "waves")


def _table(field: Field, video: Video) -> None:
    print("| filter | PSNR, dB | SSIM | field, one moment, ms | truth, one moment, ms | one filter a point, dB |")
    print("|---|---|---|---|---|---|")
    filters = {f"{variance:g}": Gaussian(variance) for variance in VARIANCES}
    filters |= {name: Gaussian(np.diag(variances)) for name, variances in ALONG_AXES.items()}
    for name, filter in filters.items():
        (found,) = score(field, video, [filter])
        moment, device = _moment(video), torch.device("cpu")
        by_field = fastest(lambda: evaluate(field, moment, filter), device, repeats=5)  # noqa: B023 (called at once)
        by_truth = fastest(lambda: video.truth().values(filter, moment), device, repeats=2)  # noqa: B023
        alone = _one_a_point(field, video, filter)
        print(
            f"| {name} | {found.psnr:.1f} | {found.ssim:.4f} | {1e3 * by_field:.0f} | {1e3 * by_truth:.0f} | {alone} |"
        )
    print()


def _moment(video: Video) -> Grid:
    """The video's own pixels at the frame in the middle."""
    facts = video.facts
    whole = Grid(facts.resolution, tuple(-half for half in facts.half_extent), facts.half_extent)
    return whole.layers(facts.resolution[2] // 2, facts.resolution[2] // 2 + 1)


def _one_a_point(field: Field, video: Video, filter: Gaussian) -> str:
    """PSNR where every point has the filter as one of its own; of isotropic ones."""
    if not filter.isotropic:
        return "-"
    moment = _moment(video)
    values = field(moment.points(0, moment.count), filter.variance.expand(moment.count))
    return f"{psnr(values.numpy().reshape(*moment.shape, 3), video.truth().values(filter, moment), (0.0, 1.0)):.1f}"


def _slanted(field: Field, video: Video, count: int) -> None:
    filters: list[Filter] = [*covariance_filters(dim=3)[:count]]
    started = time.perf_counter()
    found = list(score(field, video, filters))
    seconds = (time.perf_counter() - started) / max(len(found), 1)
    if found:
        decibels = [one.psnr for one in found]
        error = max(one.standard_error for one in found)
        print(f"{len(found)} covariances of any direction: {np.mean(decibels):.1f} dB on average, {min(decibels):.1f}")
        print(f"at least, against a truth sampled to {error:.1g} at worst; {seconds:.1f} s each.")


if __name__ == "__main__":
    main()
