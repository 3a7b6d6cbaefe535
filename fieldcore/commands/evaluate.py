"""``fieldcore evaluate``: a field, smoothed, as a picture, or of a video as a film."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import STANDARD_OUTPUT, locked, refuse_overwriting, written_out
from ..progress_lines import note
from ..sources import source_name
from .common import require_between
from .field_files import check_fields, field_argument, opened_field
from .kernel_options import KernelOptions
from .outputs import check_standard_output, planned_outputs

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation import Grid
    from ..fields.field import Field
    from ..filters import Filter

MOST_PIXELS = 1 << 16
"""Along the longer side."""

_USUAL_PIXELS = 512
_VIEWS = "photographs"


@dataclass(frozen=True, kw_only=True)
class Evaluate(KernelOptions):
    """Write a field, smoothed, as a picture, or of a video as a film; of several fields one each."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore evaluate photo.safetensors --variance 1e-3 --out smooth.png",
        "fieldcore evaluate photo.safetensors --covariance 1e-2,0,1e-5 -o streak.png",
        "fieldcore evaluate photo.safetensors --filter box:0.1,0.1 --bits 16 -o box.png",
        "fieldcore evaluate photo.safetensors --kernel tent --half-size 0.05,0",
        "fieldcore evaluate photo.safetensors --kernel box --half-size-map mask.png",
        "fieldcore evaluate clip.safetensors --kernel tent --half-size-frames 8",
        "fieldcore evaluate photo.safetensors --size 2048 -o - | display",
        "fieldcore evaluate *.safetensors --variance 1e-3 --out smooth/",
        "fieldcore evaluate clip.safetensors --covariance 0,0,0,0,0,1e-3 -o long.mp4",
        "fieldcore evaluate clip.safetensors --variance 1e-3 --at 0.5s --out moment.png",
        "fieldcore evaluate stage.safetensors --light 0.3,0.4,0.87 --variance 1e-2",
        "fieldcore evaluate stage.safetensors --light-angles 120,45 -o lit.png",
        "fieldcore evaluate fox.safetensors --view 0001 --show depth -o depth.png",
    )

    fields: tuple[str, ...] = field_argument("Fields' files")
    out: str | None = option(
        "Picture to write: .png, .jpg, .tif, .webp (as on the screen), .exr, .hdr or .pfm (linear); of a video a film, "
        ".mp4; of several fields a folder; - for a PNG on standard output.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="the field's name with _field, or where smoothed _smooth, and .png or .mp4",
    )
    size: int | None = option(
        "Pixels along the longer side.",
        default=None,
        metavar="PIXELS",
        group="output",
        usual="the picture's own, of a formula 512",
    )
    at: str | None = option(
        "Of a video, the moment that is written as a picture: 0.5s, 12f (frame 12, from 0) or -1 to 1.",
        default=None,
        metavar="TIME",
        group="output",
        usual="all frames, as a film",
    )
    time: float | None = option(
        "The same in seconds from the beginning; a time outside the clip is mirrored into it.",
        default=None,
        metavar="SECONDS",
        group="output",
    )
    frames: str | None = option(
        "Of a video, write only these frames, from FROM up to TO; into a folder each as a picture, else as a film.",
        default=None,
        metavar="FROM:TO",
        group="output",
        usual="all",
    )
    light: str | None = option(
        "Of a light stage, where the light is: x,y,z with x right, y to the photo's top, z to the camera.",
        default=None,
        metavar="X,Y,Z",
        group="light",
        usual="0,0,1, the camera",
    )
    light_angles: str | None = option(
        "The same in degrees: the azimuth from the right (0) to the top (90), and the elevation above the photo.",
        default=None,
        metavar="AZIMUTH,ELEVATION",
        group="light",
    )
    view: str | None = option(
        "Of photographs, the view to look through: its name, or its number from 0.",
        default=None,
        metavar="VIEW",
        group=_VIEWS,
        usual="the first that was held out",
    )
    position: str | None = option(
        "Of photographs, stand here instead, in domain units, and look at the middle.",
        default=None,
        metavar="X,Y,Z",
        group=_VIEWS,
    )
    show: str = option(
        "Of photographs, what is written: colour, depth or alpha.",
        default="colour",
        metavar="NAME",
        choices=lambda: ("colour", "depth", "alpha", "normal"),
        group=_VIEWS,
    )
    bits: int | None = option(
        "Bits a channel, 8 or 16, of .png and .tif.", default=None, metavar="BITS", group="output", usual="8"
    )
    overwrite: bool = option("Replace an existing file.", default=False, group="output")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size is not None and self.size < 1:
            raise InputError(f"--size: expected at least 1, got {self.size}")
        require_between("--size", self.size, 1, MOST_PIXELS)
        if self.time is not None and self.at is not None:
            raise InputError("give --at or --time, not both")
        if self.light is not None and self.light_angles is not None:
            raise InputError("give --light or --light-angles, not both")
        if self.frames is not None and self._is_moment:
            raise InputError("--frames: has no effect on one moment; give --at, --time or --frames")
        if self.bits not in (None, 8, 16):
            raise InputError(f"--bits: expected 8 or 16, got {self.bits}")
        check_standard_output(self.out, len(self.fields), as_json=self.json)

    @property
    def _is_moment(self) -> bool:
        """Whether one moment of a video is asked for."""
        return self.at is not None or self.time is not None

    def run(self) -> None:
        """Check what can be known, then evaluate tile by tile and write."""
        if self.frames is not None and self.out is not None and self.out.endswith(("/", os.sep)):
            self.check_sources()
            self._write_frames(Path(self.out))
            return
        outs = planned_outputs(self.out, self.fields, self._default_name)
        for out in outs:
            self._check_out(out)
        self.check_sources()
        for source, out in zip(self.fields, outs, strict=True):
            self._write(source, out)

    def check_sources(self) -> None:
        """Raise InputError, before anything heavy is imported, if a source cannot be read."""
        check_fields(*self.fields)

    @contextmanager
    def opened(self, source: str) -> Iterator[Field]:
        """The field at ``source``."""
        with opened_field(source, self.device) as checkpoint:
            yield checkpoint.field

    def facts_of_result(self, field: Field) -> dict[str, Any]:
        """What is printed beside the name and the size."""
        return {}

    def _default_name(self, source: str) -> str:
        return f"{source_name(source)}_{'smooth' if self.smooths else 'field'}.png"

    def _check_out(self, out: Path) -> None:
        from ..images.writing import check_writable_format, is_high_dynamic_range
        from ..videos.writing import FILM_SUFFIX

        if out == STANDARD_OUTPUT:
            return
        refuse_overwriting(out, self.overwrite)
        is_film = out.suffix.lower() == FILM_SUFFIX
        if is_film and self._is_moment:
            flag = "--at" if self.at is not None else "--time"
            raise InputError(f"{flag}: one moment is a picture, and '{out}' is a film; leave it out, or write .png")
        if not is_film:
            check_writable_format(out, self.bits or 8)  # type: ignore[arg-type]
        if self.bits is not None and (is_film or is_high_dynamic_range(out)):
            holds = "has 8 bits" if is_film else "holds floats"
            raise InputError(f"--bits: has no effect on '{out}', which {holds}; leave it out")
        if self.gain is not None and is_high_dynamic_range(out):
            raise InputError(f"--gain: has no effect on '{out}', which holds plain values; leave it out")

    def _write(self, source: str, out: Path) -> None:
        with self.opened(source) as field:
            self.check_field(source, field)
            self.write_field(source, out, field)

    def write_field(self, source: str, out: Path, field: Field) -> None:
        """Write a field as a picture, or of a video as a film."""
        from ..videos.writing import FILM_SUFFIX

        if field.facts.type == "views":
            self._write_view(source, out, field)
            return
        self._check_no_view(source, field)
        if field.facts.has_time and not self._is_moment:
            grid = self._write_film(out := self._film_name(out), field)
        elif out.suffix.lower() == FILM_SUFFIX:
            raise InputError(f"field '{source}': it is of a {field.facts.type}, which has no time; write a picture")
        else:
            grid = self._write_picture(out, field, self._plane(source, field))
        if out != STANDARD_OUTPUT:
            sides = zip(("width", "height", "frames"), grid.resolution[:3], strict=False)
            size = {name: n for name, n in sides if (name, n) != ("frames", 1)}
            self.print_result({"out": str(out), **size, **self.facts_of_result(field)})

    def _write_view(self, source: str, out: Path, field: Field) -> None:
        """What one of a field's cameras sees."""
        from ..fields.radiance import Radiance
        from ..fields.surface import Surface
        from ..images import write_image
        from .evaluate_view import camera_of, rendered

        if not isinstance(field, (Radiance, Surface)):
            raise InputError(f"field '{source}': a {field.kind} field is seen by no camera")
        camera = camera_of(field, self.view, self.position, self.size)
        filter = self.filter_on(field, None)
        with written_out(out, ".png") as path:
            write_image(path, rendered(field, camera, filter, self.show, path), self.bits or 8)  # type: ignore[arg-type]
        if out != STANDARD_OUTPUT:
            self.print_result({"out": str(out), "width": camera.width, "height": camera.height})

    def _check_no_view(self, source: str, field: Field) -> None:
        for name, usual in (("view", None), ("position", None), ("show", "colour")):
            if getattr(self, name) != usual:
                raise InputError(f"--{name}: '{source}' is of a {field.facts.type}, not of photographs; leave it out")

    def _plane(self, source: str, field: Field) -> Grid:
        """The grid of the picture that a field is written as."""
        from ..evaluation import Grid
        from ..video_time import mirrored_seconds, parse_time
        from .film import moment_grid

        if field.facts.has_light:
            return self._lit_grid(field)
        self._check_no_light(source, field)
        if self.time is not None:
            return moment_grid(field, mirrored_seconds(self.time, field.facts), self.size)
        if self.at is not None:
            return moment_grid(field, parse_time(self.at, field.facts), self.size)
        if field.dim == 2:
            return Grid.covering(field.facts.half_extent, self.size or max(field.facts.resolution or (_USUAL_PIXELS,)))
        raise InputError(
            f"field '{source}': it is of a {field.facts.type} in {field.dim}-D, which has no picture; write its "
            "surface with 'fieldcore mesh'"
        )

    def _lit_grid(self, field: Field) -> Grid:
        """The picture's pixels at one light."""
        from ..lights.stage_facts import degrees_beyond, parse_angles, parse_light, stage_grid

        if self._is_moment:
            raise InputError("--at, --time: a light stage has no time; leave them out")
        facts = field.facts
        if self.light_angles is not None:
            light = parse_angles(self.light_angles, facts)
        else:
            light = parse_light(self.light or "0,0,1", facts)
        beyond = degrees_beyond(facts, light)
        if beyond > 0.5:
            note(f"light: it is {beyond:.0f} degrees beyond the last photo's; what is shown there is that of the hull")
        return stage_grid(facts, light, self.size)

    def _check_no_light(self, source: str, field: Field) -> None:
        for name in ("light", "light_angles"):
            if getattr(self, name) is not None:
                flag = f"--{name.replace('_', '-')}"
                raise InputError(f"{flag}: '{source}' is of a {field.facts.type}, which has no light; leave it out")

    def _write_picture(self, out: Path, field: Field, grid: Grid) -> Grid:
        from ..images import write_image

        filter = self.filter_on(field, grid)
        with written_out(out, ".png") as path:
            write_image(path, _picture(field, grid, filter, self._encoder(field, path, filter)))
        return grid

    def _encoder(self, field: Field, path: Path, filter: Filter | None) -> Callable[[np.ndarray], np.ndarray]:
        shown = self.shown_values(field, filter)
        return (
            plain_encoder(field, path, self.bits or 8) if shown is None else shown_encoder(path, self.bits or 8, shown)
        )

    def _write_frames(self, folder: Path) -> None:
        """Each frame as a picture in a folder."""
        if len(self.fields) > 1:
            raise InputError(f"--frames: expected one field to write into '{folder}', got {len(self.fields)}")
        with self.opened(self.fields[0]) as field:
            self.check_field(self.fields[0], field)
            self._write_frames_of(folder, field)

    def _write_frames_of(self, folder: Path, field: Field) -> None:
        from .film import write_frames

        frames = self._frame_range(field)
        filter = self.filter_on(field, None)

        def encoder(path: Path) -> Callable[[np.ndarray], np.ndarray]:
            refuse_overwriting(path, self.overwrite)
            return self._encoder(field, path, filter)

        write_frames(folder, field, filter, self.size, frames, encoder)
        self.print_result({"out": str(folder), "frames": len(frames)})

    def _frame_range(self, field: Field) -> range:
        """Numbers of the frames that are asked for."""
        from ..video_time import parse_frames

        return parse_frames(self.frames or ":", field.facts)

    def _film_name(self, out: Path) -> Path:
        """Where a film goes: a name that was made for it gets the suffix, one that was given must have it."""
        from ..videos.writing import FILM_SUFFIX

        if out.suffix.lower() == FILM_SUFFIX:
            return out
        if out == STANDARD_OUTPUT or str(out) == self.out:
            raise InputError(
                f"--out '{out}': a video's field is written as a film, .mp4; add --at TIME for a picture of one moment"
            )
        out = out.with_suffix(FILM_SUFFIX)
        refuse_overwriting(out, self.overwrite)
        return out

    def _write_film(self, out: Path, field: Field) -> Grid:
        from .film import write_film

        filter = self.filter_on(field, None)
        shown = self.shown_values(field, filter)
        with locked(out):
            return write_film(out, field, filter, self.size, self._frame_range(field), shown)


def shown_encoder(
    path: Path, bits: int, shown: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    """Turns a tile's values into the integers of what is shown of them, or of a file of floats into the values."""
    from .. import images

    quantised = images.quantised if bits == 8 else images.quantised_to_16_bits
    if images.is_high_dynamic_range(path):
        return lambda values: values.astype("float32")
    return lambda values: quantised(shown(values))


def plain_encoder(field: Field, path: Path, bits: int) -> Callable[[np.ndarray], np.ndarray]:
    """Turns a tile's values into the numbers that the file stores: integers as on the screen, or linear floats."""
    from .. import images

    facts = field.facts
    low, high = facts.value_range
    quantised = images.quantised if bits == 8 else images.quantised_to_16_bits

    def to_linear(values: np.ndarray) -> np.ndarray:
        linear = images.linear_from_display(values) if facts.encoding == "display" else values
        scaled: np.ndarray = (facts.value_scale * linear).astype("float32")
        return scaled

    def to_integers(values: np.ndarray) -> np.ndarray:
        shown = (values - low) / (high - low)
        return quantised(images.display_from_linear(shown) if facts.encoding == "linear" else shown)

    return to_linear if images.is_high_dynamic_range(path) else to_integers


def _picture(
    field: Field, grid: Grid, filter: Filter | None, encoded: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The field on the grid, encoded tile by tile, so that memory is that of the finished picture."""
    import numpy as np

    from ..evaluation import evaluate_tiles
    from ..progress_lines import points_line

    picture: np.ndarray | None = None
    with points_line("evaluating") as report:
        for start, stop, tile in evaluate_tiles(field, grid, filter):
            part = encoded(tile.cpu().numpy())
            if picture is None:
                picture = np.empty((grid.count, part.shape[1]), part.dtype)
            picture[start:stop] = part
            report(stop, grid.count)
    assert picture is not None, "a grid has a cell"
    return picture.reshape(grid.resolution[1], grid.resolution[0], -1)
