"""Bakes on their way to the driver, a slab at a time, so that a loop can do other things in between."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import moderngl

from .bake import Bake
from .volume_texture import VolumeTexture


class Upload:
    """The bakes of one shape, of which the latest wins.

    Args:
        context: current whenever anything is called.

    Attributes:
        volume: what has arrived as a whole.
        bake: what that is; None before the first.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self.volume = VolumeTexture(context)
        self.bake: Bake | None = None
        self._arriving: tuple[Bake, Iterator[None]] | None = None

    @property
    def busy(self) -> bool:
        """Whether there are slabs to upload."""
        return self._arriving is not None

    def want(self, bake: Bake) -> None:
        """Upload that, unless it is there already or on its way."""
        if bake is (self._arriving[0] if self._arriving else self.bake):
            return
        self._drop()
        self._arriving = bake, self.volume.write(bake)

    def clear(self) -> None:
        """Show nothing."""
        self._drop()
        self.volume.release()
        self.bake = None

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

    def release(self) -> None:
        """Give everything back to the driver."""
        self.clear()

    def _drop(self) -> None:
        if self._arriving is not None:
            self._arriving[1].close()  # type: ignore[attr-defined]
        self._arriving = None
