"""A field whose last axis is time, smoothed: one moment as a picture, or all of them as a film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..evaluation import Grid
    from ..fields.field import Field
    from ..filters import Filter

_VALUES_AT_ONCE = 1 << 23


def moment_grid(field: Field, at: str, size: int | None) -> Grid:
    """The plane of a field with time at one moment, a grid with a single cell along time.

    Args:
        field: of a video.
        at: as ``parse_time`` takes it.
        size: pixels along the longer side; None for the video's own.

    Raises:
        InputError: ``at`` is not understood, or not in the video.
    """
    from ..evaluation import Grid
    from ..video_time import parse_time

    time, half_a_frame = parse_time(at, field.facts), 1 / field.facts.resolution[-1]
    plane = _film_grid(field, size)
    lower, upper = (*plane.lower[:2], time - half_a_frame), (*plane.upper[:2], time + half_a_frame)
    return Grid((*plane.resolution[:2], 1), lower, upper)


def write_film(path: Path, field: Field, filter: Filter | None, size: int | None) -> Grid:
    """Write all frames of a field with time, smoothed, as a film of its own length; returns their grid.

    Raises:
        InputError: the field refuses the filter, or the film cannot be written.
    """
    from ..evaluation import TileSize, evaluate
    from ..images import quantised
    from ..progress_lines import ProgressLine
    from ..videos import film_file

    grid = _film_grid(field, size)
    width, height, frames = grid.resolution
    at_once = max(1, _VALUES_AT_ONCE // (width * height * field.facts.channels))
    rate = frames / field.facts.duration_seconds
    with (
        film_file(path, (width, height), rate) as append,
        ProgressLine("evaluating", delay=1.0, total=float(frames)) as line,
    ):
        for start in range(0, frames, at_once):
            part = grid.layers(start, min(start + at_once, frames))
            values = evaluate(field, part, filter, tile_size=TileSize(part.count))
            for frame in quantised(values.float().cpu().numpy()):
                append(frame)
            line.show(float(start + part.resolution[2]), note=f"{start + part.resolution[2]} of {frames} frames")
    return grid


def _film_grid(field: Field, size: int | None) -> Grid:
    from ..evaluation import Grid

    facts = field.facts
    plane = Grid.covering(facts.half_extent[:2], size or max(facts.resolution[:2])).resolution
    return Grid((*plane, facts.resolution[2]), tuple(-half for half in facts.half_extent), facts.half_extent)
