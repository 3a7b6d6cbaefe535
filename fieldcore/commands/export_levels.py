"""``fieldcore export --to numpy``, ``png-levels`` and ``exr``: a pyramid's levels for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InputError
from ..files import written_whole
from .exports import Exporter

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint
    from ..fields.field import Field
    from ..fields.pyramid import Pyramid
    from .export import Export

_DESCRIPTION = "levels.json"


class LevelsExporter(Exporter):
    """A file for each level, finest first, and ``levels.json``, which says where its vertices lie.

    Class attributes:
        suffix: of the files.
    """

    suffix: ClassVar[str]

    def files(self, out: Path) -> tuple[Path, ...]:
        """As the base."""
        return (out / _DESCRIPTION,)

    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """Write the levels' values at their vertices, rows from the top."""
        field = _pyramid(checkpoint.field, options.field)
        folder = Path(options.out)
        levels = []
        for number, level in enumerate(field.levels):
            lines, values = level.vertex_values
            name = f"level_{number:02}{self.suffix}"
            numbers = values.float() / 255 if not values.is_floating_point() else values
            self.write_level(folder / name, numbers.permute(1, 2, 0).contiguous().cpu().numpy(), field)
            levels.append({"file": name, "variance": level.variance, "axes": [vars(line) for line in lines]})
        facts = field.facts
        described = {"format": 1, "name": facts.name, "half_extent": facts.half_extent, "encoding": facts.encoding}
        with written_whole(folder / _DESCRIPTION) as temporary:
            temporary.write_text(
                json.dumps({**described, "value_range": facts.value_range, "levels": levels}, indent=1)
            )
        return {"levels": len(levels)}

    def write_level(self, path: Path, values: np.ndarray, field: Pyramid) -> None:
        """Write one file."""
        raise NotImplementedError


class NumpyExporter(LevelsExporter):
    """Arrays (height, width, channels) of float32."""

    suffix = ".npy"

    def write_level(self, path: Path, values: np.ndarray, field: Pyramid) -> None:
        """As the base."""
        import numpy as np

        with written_whole(path) as temporary:
            np.save(temporary, values)


class PictureLevelsExporter(LevelsExporter):
    """Pictures, as ``fieldcore evaluate`` writes them: 16-bit PNG as on the screen."""

    suffix = ".png"

    def write_level(self, path: Path, values: np.ndarray, field: Pyramid) -> None:
        """As the base."""
        from ..images import write_image
        from .evaluate import plain_encoder

        write_image(path, plain_encoder(field, path, 16)(values))


class ExrExporter(PictureLevelsExporter):
    """The same as EXR: linear, unclipped."""

    suffix = ".exr"


def _pyramid(field: Field, source: str) -> Pyramid:
    from ..fields.pyramid import Pyramid

    if not isinstance(field, Pyramid) or field.dim != 2:
        raise InputError(
            f"field '{source}': only pyramids in 2-D have levels to write, and this is a {field.kind} field of a "
            f"{field.facts.type.replace('_', ' ')}; solve one: fieldcore fit picture PHOTO --kind pyramid"
        )
    return field
