"""``fieldcore export``: a field as what others open: a web page, or a light stage for other viewers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import refuse_overwriting
from ..web.pages import MOST_MEGABYTES
from .common import ComputingOptions, require_above_zero, require_between
from .exports import EXPORTS, Exporter
from .field_files import check_fields, field_argument, opened_field

_LEAST_SIZE, _MOST_SIZE = 16, 8160


@dataclass(frozen=True, kw_only=True)
class Export(ComputingOptions):
    """Write a field for others: as a web page, a picture's as its levels, a light stage's as a web folder or .ptm."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore export photo.safetensors --to web --out photo.html",
        "fieldcore export photo.safetensors --to web --truth photo.png -o p.html",
        "fieldcore export fish.safetensors --to web --model fish.glb -o f.html",
        "fieldcore export shape.safetensors --to web --out shape.html",
        "fieldcore export stage.safetensors --to web --out stage.html",
        "fieldcore export photo.safetensors --to numpy --out levels/",
        "fieldcore export stage.safetensors --to relight --out web/",
        "fieldcore export stage.safetensors --to ptm --out stage.ptm",
    )

    field: str = field_argument()
    to: str = option(
        "web: one HTML file that needs no network; numpy, png-levels, exr: a folder with a file for each level of a "
        "pyramid and levels.json; relight: a folder that OpenLIME opens, info.json and plane_0.jpg to plane_5.jpg; "
        "ptm: one file for older viewers.",
        choices=lambda: tuple(EXPORTS),
        group="output",
    )
    out: str = option("File, or for all but web and ptm a folder, to write.", metavar="FILE", short="o", group="output")
    quality: int = option("Of relight's JPEGs, 1 to 100.", default=95, metavar="QUALITY", group="output")
    overwrite: bool = option("Replace existing files.", default=False, group="output")
    truth: str | None = option(
        "Picture that the page wipes against, usually the field's own: a file, an address or sample:NAME.",
        default=None,
        metavar="PICTURE",
        group="web page",
        usual="none",
    )
    model: str | None = option(
        "Model that the field is the texture of, which the page then flies through.",
        default=None,
        metavar="MODEL",
        group="web page",
        usual="none",
    )
    size: int | None = option(
        "Most samples along the longer side; of a shape, cells of its volumes.",
        default=None,
        metavar="NUMBER",
        group="web page",
        usual="all",
    )
    lossy: bool = option("Samples as a JPEG: smaller, and no longer exact.", default=False, group="web page")
    exact: bool = option("Samples that are no bytes in single precision.", default=False, group="web page")
    max_mb: float = option("Refuse a larger page.", default=MOST_MEGABYTES, metavar="MEGABYTES", group="web page")
    embed: bool = option(
        "For a frame in another page: no title, few controls; prints the snippet.", default=False, group="web page"
    )

    def __post_init__(self) -> None:
        require_between("--quality", self.quality, 1, 100)
        require_between("--size", self.size, _LEAST_SIZE, _MOST_SIZE)
        require_above_zero(self, "max_mb")
        exporter = self._exporter()
        self._check_options(exporter)
        exporter.check(self)

    def run(self) -> None:
        """Check what can be known, then write."""
        check_fields(self.field)
        exporter = self._exporter()
        exporter.check_sources(self)
        for file in exporter.files(Path(self.out)):
            refuse_overwriting(file, self.overwrite)
        with opened_field(self.field, self.device) as checkpoint:
            result = exporter.write(checkpoint, self)
        self.print_result({"out": self.out, "format": self.to, **result})

    def _exporter(self) -> Exporter:
        exporter: Exporter = EXPORTS.named(self.to)()
        return exporter

    def _check_options(self, exporter: Exporter) -> None:
        """Raise InputError for what the format does not take."""
        of_formats = {name for each in EXPORTS.values() for name in each.options}
        for entry in dataclasses.fields(self):
            is_given = entry.name in of_formats and getattr(self, entry.name) != entry.default
            if is_given and entry.name not in exporter.options:
                raise InputError(
                    f"--{entry.name.replace('_', '-')}: has no effect on the format {self.to}; leave it out"
                )
