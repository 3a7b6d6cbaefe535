"""Caches of what is asked for again and again: the newest results, and levels looked up on lattices."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from jaxtyping import Float
from torch import Tensor

from .grid_levels import DenseLevel, HashedLevel

MOST_BYTES = 1 << 27
"""Cached of a field: 128^3 points of a shape's levels, and coarser lattices that lead there."""

Result = TypeVar("Result")


class Newest(Generic[Result]):
    """The results asked for last, by key. Copies and pickles of it are empty: they belong to other weights.

    Args:
        most: results kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Result] = OrderedDict()
        self._lock = threading.Lock()  # a window evaluates in one thread and exports in another

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._most,)

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result of that key, made if it is not among the newest."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = make()  # two threads may both make it, which does no harm
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        return result


class LatticeCache:
    """Features of levels where positions along axes cross; those of the lattices asked for last are cached.

    An isotropic filter changes how much each level counts and not its features, so that a lattice filtered anew, which
    is what a slider asks for, is but a weighted sum. Weights that change make cached features useless: they are looked
    up again, provided that their tensors count the change (a fused optimiser's do not; call ``clear`` then).
    Copies and pickles of it are empty: they belong to other weights.

    Args:
        most_bytes: cached at most.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._cached: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()  # a window evaluates in one thread and exports meshes in another

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._most_bytes,)

    def features(
        self, level: DenseLevel | HashedLevel, axes: Sequence[Float[Tensor, "_"]], levels: int
    ) -> Float[Tensor, "f n"]:
        """``level.on_lattice(axes)``, which must not be written to.

        Args:
            level: of which.
            axes: positions along each axis, on the CPU.
            levels: how many levels are looked up on the same lattice. Features are cached only if those of all of them
                fit, for else each would push out the one before.
        """
        values = level.values
        # PyTorch counts the changes of every tensor in place; a move or a new tensor changes the address.
        key = (values.device, values.data_ptr(), values._version, *(tuple(axis.tolist()) for axis in axes))
        with self._lock:
            cached = self._cached.get(key)
            if cached is not None:
                self._cached.move_to_end(key)
                return cached
        features = level.on_lattice([axis.to(values.device) for axis in axes])
        if features.requires_grad:  # the way back to the weights is good for one step only
            return features
        # What is asked for may be a few layers of a volume that as a whole would push out its own beginning.
        widest = max(map(len, axes))
        layer = len(axes[0]) * len(axes[1])
        if widest * layer * level.features * features.element_size() * levels <= self._most_bytes:
            self._add(key, features)
        return features

    def clear(self) -> None:
        """Drop all cached features."""
        with self._lock:
            self._cached.clear()
            self._bytes = 0

    def _add(self, key: tuple[object, ...], features: Tensor) -> None:
        with self._lock:
            if key in self._cached:  # another thread was as fast
                return
            self._cached[key] = features
            self._bytes += features.nbytes
            while self._bytes > self._most_bytes:
                self._bytes -= self._cached.popitem(last=False)[1].nbytes
