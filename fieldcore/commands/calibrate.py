"""``fieldcore calibrate``: how true a field's own scale is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import locked, refuse_overwriting
from ..sources import is_address
from .common import ComputingOptions, require_between
from .field_files import check_fields, field_argument, opened_field


@dataclass(frozen=True, kw_only=True)
class Calibrate(ComputingOptions):
    """Measure the scale of a field's own smoothing.

    A kind that needs it (scale_space) keeps the factor in its file: with --overwrite in this one, with --out in
    another.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore calibrate photo.safetensors",
        "fieldcore calibrate photo.safetensors --overwrite",
        "fieldcore calibrate photo.safetensors --out calibrated.safetensors",
    )

    field: str = field_argument()
    out: str | None = option(
        "Write the calibrated field to this file, ending in .safetensors.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="nothing is written",
    )
    overwrite: bool = option(
        "Write the calibrated field back, or replace --out where it exists.", default=False, group="output"
    )
    seed: int = option("Seed of the points and samples.", default=0, metavar="SEED")

    def __post_init__(self) -> None:
        require_between("--seed", self.seed, 0, 2**31 - 1)

    def run(self) -> None:
        """Measure, print, and write if that is asked for."""
        check_fields(self.field)
        out = self._out()
        if out is not None:
            if out.suffix != ".safetensors":
                raise InputError(f"--out '{out}': a field's file ends in .safetensors")
            refuse_overwriting(out, self.overwrite)
        from ..calibration import calibrate
        from ..checkpoint import save_field

        with opened_field(self.field, self.device) as checkpoint:
            field = checkpoint.field
        if out is not None and not field.calibrated:
            flag = "--out" if self.out is not None else "--overwrite"
            raise InputError(f"{flag}: a {field.kind} field keeps no calibration, so there is nothing to write")
        result = calibrate(field, seed=self.seed)
        if out is not None:
            with locked(out):
                save_field(out, field, checkpoint.training)
        self.print_result(
            {
                "field": self.field,
                "kind": field.kind,
                "factor": result.factor,
                "spread": result.spread,
                "stored": out is not None,
                "out": None if out is None else str(out),
            }
        )

    def _out(self) -> Path | None:
        if self.out is not None or not self.overwrite:
            return None if self.out is None else Path(self.out)
        if self.field == "-" or is_address(self.field) or self.field.startswith("sample:"):
            raise InputError(f"--overwrite: '{self.field}' is no file of yours; give --out")
        return Path(self.field)
