"""How coarse a frame of a scene in space has to be to be there soon enough, by what frames have taken so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from ..frame_size import Size

TRAINING_S = 0.120
"""What one may take at rest while its texture is trained, which it is shown about once a second."""

DIVISORS = (1, 2, 3, 4, 6, 8)
"""How many times coarser than pixels a frame may be."""

_FIRST_GUESS = (0.0, 4e-4)
"""Milliseconds of a frame, and of a pixel."""

_LATELY = 4
"""Frames of a size, of which the quickest counts: others were held up by something else."""

_REMEMBERED = 60
"""Frames of a kind; what one of a size took before them, nobody knows by now."""

_WORTH_IT = 1.5
"""A frame is made coarser as long as it takes more than so many times what is the same for all sizes."""


class Pace:
    """What frames of each kind, such as a way of shading, take: so much for any, and so much more for each pixel."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[tuple[int, float]]] = {}

    def note(self, kind: str, size: Size, milliseconds: float) -> None:
        """Take note of a frame. A kind's first one is not counted: a driver compiles what it draws with."""
        if kind not in self._taken:
            self._taken[kind] = deque(maxlen=_REMEMBERED)
            return
        self._taken[kind].append((size[0] * size[1], milliseconds))

    def milliseconds(self, sizes: Mapping[Any, Size]) -> tuple[float, float]:
        """What frames of these sizes take together: whatever their size, and for their pixels."""
        fixed = pixels = 0.0
        for kind, (width, height) in sizes.items():
            of_any, by_pixel = self._law(kind)
            fixed += of_any
            pixels += by_pixel * width * height
        return fixed, pixels

    def divisor(self, sizes: Mapping[Any, Size], seconds: float) -> int:
        """How much coarser frames of these sizes must be to be there together in about so long."""
        fixed, pixels = self.milliseconds(sizes)
        for divisor in DIVISORS:
            if fixed + pixels / divisor**2 <= max(1e3 * seconds, _WORTH_IT * fixed):
                return divisor
        return DIVISORS[-1]

    def _law(self, kind: str) -> tuple[float, float]:
        """The line through what the largest and the smallest frame took, or from none through the only one."""
        lately: dict[int, list[float]] = {}
        for pixels, milliseconds in reversed(self._taken.get(kind, ())):
            of_size = lately.setdefault(pixels, [])
            if len(of_size) < _LATELY:
                of_size.append(milliseconds)
        taken = {pixels: min(of_size) for pixels, of_size in lately.items()}
        if not taken:
            return _FIRST_GUESS
        least, most = min(taken), max(taken)
        if most < 2 * least:
            return 0.0, taken[most] / most
        by_pixel = max(0.0, (taken[most] - taken[least]) / (most - least))
        return max(0.0, taken[least] - by_pixel * least), by_pixel
