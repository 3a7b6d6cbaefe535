"""Bakes as a texture of the driver: they go there slab by slab, so that a loop can do other things in between."""

from __future__ import annotations

from collections.abc import Generator

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError

from .bake import Bake
from .sight import Bounds

_SLAB_BYTES = 1 << 21
"""A few milliseconds of a slow driver."""


class VolumeTexture:
    """The latest whole bake of a shape, of those that were wanted; finer ones take the place of coarser without a gap.

    Values are 32-bit floats: drivers on a processor interpolate them faster than 16 bits, and second differences, which
    are the curvature, need them.

    Args:
        context: current whenever anything is called.

    Attributes:
        bake: the one that was wanted last, once it has arrived, or the driver could not hold it.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.bake: Bake | None = None
        self._shown: _Uploaded | None = None
        self._arriving: tuple[Bake, Generator[None, None, None]] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been uploaded yet."""
        return self._shown is None

    @property
    def cell(self) -> float:
        """Side of a cell of what is shown, in domain units."""
        return self._whole.bake.cell

    @property
    def steepness(self) -> float:
        """See ``Bake.steepness``."""
        return self._whole.bake.steepness

    @property
    def busy(self) -> bool:
        """Whether there are slabs to upload."""
        return self._arriving is not None

    def want(self, bake: Bake) -> None:
        """Upload that, unless it is there already or on its way."""
        if bake is not (self._arriving[0] if self._arriving else self.bake):
            self._drop()
            self._arriving = bake, self._write(bake)

    def advance(self) -> None:
        """Upload a slab. Raises InputError where the driver cannot hold the bake, which is then left."""
        if self._arriving is None:
            return
        bake, slabs = self._arriving
        try:
            next(slabs)
        except StopIteration:
            self._arriving, self.bake = None, bake
        except BaseException:
            self._arriving, self.bake = None, bake  # not tried again
            raise

    def bringing(self, bake: Bake) -> Generator[None, None, None]:
        """Upload that, yielding after each slab. Raises InputError as ``advance``."""
        self.want(bake)
        while self.busy:
            self.advance()
            yield

    def _write(self, bake: Bake) -> Generator[None, None, None]:
        arriving = _Uploaded(self._context, bake)
        try:
            yield from arriving.write()
        except BaseException:  # also where it is given up
            arriving.release()
            raise
        if self._shown is not None:
            self._shown.release()
        self._shown = arriving

    def use(self, unit: int) -> dict[str, object]:
        """Bind it to a texture unit; returns the uniforms of ``volume.glsl`` that are about the whole volume."""
        self._whole.texture.use(unit)
        return {"volume": unit, "half_extent": self._whole.bake.half_extent}

    def bounds(self, level: float, margin: float) -> Bounds | None:
        """A box that holds all places where the distance may be ``level + margin`` or less; None if there are none."""
        return self._whole.bounds(level + margin)

    def release(self) -> None:
        """Give everything back to the driver, and show nothing."""
        self._drop()
        if self._shown is not None:
            self._shown.release()
        self._shown = self.bake = None

    def _drop(self) -> None:
        if self._arriving is not None:
            self._arriving[1].close()
        self._arriving = None

    @property
    def _whole(self) -> _Uploaded:
        if self._shown is None:
            raise RuntimeError("nothing has been uploaded; ask is_empty first")
        return self._shown


class _Uploaded:
    """A bake and its texture, and of each layer across an axis (rows: x, y, z) the least of its values."""

    def __init__(self, context: moderngl.Context, bake: Bake) -> None:
        self.bake = bake
        most, cells = int(context.info["GL_MAX_3D_TEXTURE_SIZE"]), bake.cells
        if cells > most:
            raise InputError(f"bake: this driver holds at most {most} cells an axis, got {cells}; bake fewer")
        try:
            self.texture = context.texture3d((cells, cells, cells), 1, dtype="f4")
        except moderngl.Error as error:
            raise InputError(f"bake: the driver has no room for {cells}^3 cells ({error}); bake fewer") from error
        self.texture.filter = moderngl.LINEAR, moderngl.LINEAR
        self.texture.repeat_x = self.texture.repeat_y = self.texture.repeat_z = False
        self._least: Float[np.ndarray, "3 n"] = np.full((3, cells), np.inf)

    def write(self) -> Generator[None, None, None]:
        cells = self.bake.cells
        layers = max(1, _SLAB_BYTES // (4 * cells * cells))
        for start in range(0, cells, layers):
            yield
            slab = np.ascontiguousarray(self.bake.values[start : start + layers], np.float32)
            self.texture.write(slab, viewport=(0, 0, start, cells, cells, len(slab)))
            by_column = slab.min(0)
            self._least[0] = np.minimum(self._least[0], by_column.min(0))
            self._least[1] = np.minimum(self._least[1], by_column.min(1))
            self._least[2, start : start + layers] = slab.min((1, 2))

    def bounds(self, most: float) -> Bounds | None:
        lower, upper = [], []
        half, cell = self.bake.half_extent, self.bake.cell
        for least in self._least:
            within = np.flatnonzero(least <= most)
            if not len(within):
                return None
            # Between the centres of this cell and of its neighbours values may be as low.
            lower.append(max(-half, -half + (float(within[0]) - 0.5) * cell))
            upper.append(min(half, -half + (float(within[-1]) + 1.5) * cell))
        return Bounds((lower[0], lower[1], lower[2]), (upper[0], upper[1], upper[2]))

    def release(self) -> None:
        self.texture.release()
