"""``fieldcore export --to relight`` and ``--to ptm``: light stages for other viewers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .exports import Exporter

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint
    from .export import Export


class RelightExporter(Exporter):
    """A web folder that OpenLIME opens."""

    options = ("quality",)

    def files(self, out: Path) -> tuple[Path, ...]:
        """As the base."""
        return (out / "info.json",)

    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """Fit polynomials to the photos, as they are shown, and write them."""
        from ..lights.export import write_relight

        pictures = _pictures(checkpoint, options)
        write_relight(Path(options.out), pictures, options.quality)
        return _sides(pictures)


class PtmExporter(Exporter):
    """One file for older viewers."""

    def check(self, options: Export) -> None:
        """As the base."""
        if Path(options.out).suffix.lower() != ".ptm":
            raise InputError(f"--out '{options.out}': a polynomial texture map's file ends in .ptm")

    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """The same as one file."""
        from ..lights.export import write_ptm

        pictures = _pictures(checkpoint, options)
        write_ptm(Path(options.out), pictures)
        return _sides(pictures)


def _pictures(checkpoint: Checkpoint, options: Export) -> np.ndarray:
    from ..fields.relight import Relight
    from ..lights.export import ptm_pictures

    field = checkpoint.field
    if not isinstance(field, Relight):
        raise InputError(f"field '{options.field}': expected one of the kind relight, got {field.kind}")
    return ptm_pictures(field)


def _sides(pictures: np.ndarray) -> dict[str, Any]:
    height, width = pictures.shape[1:3]
    return {"width": width, "height": height}
