"""``fieldcore export``: a light stage's field as what other viewers open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import refuse_overwriting
from .common import ComputingOptions, require_between
from .field_files import check_fields, field_argument, opened_field


@dataclass(frozen=True, kw_only=True)
class Export(ComputingOptions):
    """Write a light stage's field for other viewers: a web folder that OpenLIME opens, or a .ptm file."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore export stage.safetensors --to relight --out web/",
        "fieldcore export stage.safetensors --to ptm --out stage.ptm",
    )

    field: str = field_argument()
    to: str = option(
        "relight: info.json and plane_0.jpg to plane_5.jpg; ptm: one file for older viewers.",
        choices=lambda: ("relight", "ptm"),
        group="output",
    )
    out: str = option("Folder, or for ptm a file, to write.", metavar="FILE", short="o", group="output")
    quality: int = option("Of the JPEGs, 1 to 100.", default=95, metavar="QUALITY", group="output")
    overwrite: bool = option("Replace existing files.", default=False, group="output")

    def __post_init__(self) -> None:
        require_between("--quality", self.quality, 1, 100)
        if self.to == "ptm" and Path(self.out).suffix.lower() != ".ptm":
            raise InputError(f"--out '{self.out}': a polynomial texture map's file ends in .ptm")

    def run(self) -> None:
        """Fit polynomials to the photos, as they are shown, and write them."""
        check_fields(self.field)
        out = Path(self.out)
        refuse_overwriting(out / "info.json" if self.to == "relight" else out, self.overwrite)
        from ..fields.relight import Relight
        from ..lights.export import ptm_pictures, write_ptm, write_relight

        with opened_field(self.field, self.device) as checkpoint:
            field = checkpoint.field
        if not isinstance(field, Relight):
            raise InputError(f"field '{self.field}': expected one of the kind relight, got {field.kind}")
        pictures = ptm_pictures(field)
        if self.to == "relight":
            write_relight(out, pictures, self.quality)
        else:
            write_ptm(out, pictures)
        height, width = pictures.shape[1:3]
        self.print_result({"out": str(out), "format": self.to, "width": width, "height": height})
