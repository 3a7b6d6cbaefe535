"""A field whose last axis is time, smoothed: one moment as a picture, or all of them as a film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation import Grid
    from ..fields.field import Field
    from ..filters import Filter

_VALUES_AT_ONCE = 1 << 23


def moment_grid(field: Field, time: float, size: int | None) -> Grid:
    """The plane of a field with time at one moment, a grid with a single cell along time.

    Args:
        field: of a video.
        time: from -1 to 1.
        size: pixels along the longer side; None for the video's own.
    """
    from ..evaluation import Grid

    half_a_frame = 1 / field.facts.resolution[-1]
    plane = _film_grid(field, size)
    lower, upper = (*plane.lower[:2], time - half_a_frame), (*plane.upper[:2], time + half_a_frame)
    return Grid((*plane.resolution[:2], 1), lower, upper)


def write_film(
    path: Path,
    field: Field,
    filter: Filter | None,
    size: int | None,
    chosen: range,
    shown: Callable[[np.ndarray], np.ndarray] | None,
) -> Grid:
    """Write frames of a field with time, smoothed, as a film at its own rate; returns their grid.

    ``shown`` turns values into what is shown of them; None shows them as they are.

    Raises:
        InputError: the field refuses the filter, or the film cannot be written.
    """
    from ..evaluation import TileSize, evaluate
    from ..images import quantised
    from ..progress_lines import ProgressLine
    from ..videos import film_file

    whole = _film_grid(field, size)
    rate = whole.resolution[2] / field.facts.duration_seconds
    grid = whole.layers(chosen.start, chosen.stop)
    width, height, frames = grid.resolution
    at_once = max(1, _VALUES_AT_ONCE // (width * height * field.facts.channels))
    with (
        film_file(path, (width, height), rate) as append,
        ProgressLine("evaluating", delay=1.0, total=float(frames)) as line,
    ):
        for start in range(0, frames, at_once):
            part = grid.layers(start, min(start + at_once, frames))
            values = evaluate(field, part, filter, tile_size=TileSize(part.count)).float().cpu().numpy()
            for frame in quantised(values if shown is None else shown(values)):
                append(frame)
            line.show(float(start + part.resolution[2]), note=f"{start + part.resolution[2]} of {frames} frames")
    return grid


def write_frames(
    folder: Path,
    field: Field,
    filter: Filter | None,
    size: int | None,
    chosen: range,
    encoder: Callable[[Path], Callable[[np.ndarray], np.ndarray]],
) -> None:
    """Write frames of a field with time, smoothed, as pictures of a folder that are named by their numbers.

    ``encoder`` is asked for every file before the first is written, and may refuse it.
    """
    from ..evaluation import evaluate
    from ..files import written_out
    from ..images import write_image
    from ..progress_lines import ProgressLine

    paths = {number: folder / f"{number:04d}.png" for number in chosen}
    encoders = {number: encoder(path) for number, path in paths.items()}
    grid = _film_grid(field, size)
    with ProgressLine("evaluating", delay=1.0, total=float(len(chosen))) as line:
        for done, (number, path) in enumerate(paths.items(), start=1):
            values = evaluate(field, grid.layers(number, number + 1), filter)[0].float().cpu().numpy()
            with written_out(path, ".png") as file:
                write_image(file, encoders[number](values))
            line.show(float(done), note=f"{done} of {len(chosen)} frames")


def _film_grid(field: Field, size: int | None) -> Grid:
    from ..evaluation import Grid

    facts = field.facts
    plane = Grid.covering(facts.half_extent[:2], size or max(facts.resolution[:2])).resolution
    return Grid((*plane, facts.resolution[2]), tuple(-half for half in facts.half_extent), facts.half_extent)
