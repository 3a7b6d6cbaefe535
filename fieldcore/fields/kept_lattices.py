"""Levels looked up on lattices that are asked for again and again, filtered anew each time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from .grid_levels import DenseLevel, HashedLevel

MOST_BYTES = 1 << 27
"""Kept of a field: 128^3 points of a shape's levels, and coarser lattices that lead there."""


class KeptLattices:
    """Features of levels where positions along axes cross; those of the lattices asked for last are kept.

    An isotropic filter changes how much each level counts and not its features, so that a lattice filtered anew, which
    is what a slider asks for, is but a weighted sum. Weights that change make what was kept of them useless: it is
    looked up again, provided that their tensors count the change (a fused optimiser's do not; ``forget`` then).

    Args:
        most_bytes: kept at most.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()  # a window evaluates in one thread and exports meshes in another

    def __deepcopy__(self, memo: object) -> KeptLattices:
        return KeptLattices(self._most_bytes)  # a copy's weights are others

    def features(
        self, level: DenseLevel | HashedLevel, axes: Sequence[Float[Tensor, "_"]], levels: int
    ) -> Float[Tensor, "f n"]:
        """``level.on_lattice(axes)``, which must not be written to.

        Args:
            level: of which.
            axes: positions along each axis, on the processor.
            levels: how many are asked for the same lattice, which as a whole must leave room for one another.
        """
        values = level.values
        # PyTorch counts the changes of every tensor in place; a move or a new tensor changes the address.
        key = (values.device, values.data_ptr(), values._version, *(tuple(axis.tolist()) for axis in axes))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        features = level.on_lattice([axis.to(values.device) for axis in axes])
        # What is asked for may be a few layers of a volume that as a whole would push out its own beginning.
        widest = max(map(len, axes))
        layer = len(axes[0]) * len(axes[1])
        if features.requires_grad:  # the way back to the weights is good for one step only
            return features
        if widest * layer * level.features * features.element_size() * levels <= self._most_bytes:
            self._keep(key, features)
        return features

    def forget(self) -> None:
        """Keep nothing of what there is."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _keep(self, key: tuple[object, ...], features: Tensor) -> None:
        with self._lock:
            if key in self._kept:  # another thread was as fast
                return
            self._kept[key] = features
            self._bytes += features.nbytes
            while self._bytes > self._most_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
