"""What the states of scenes have whose filter a person sets: how large it is, and which kernel it is."""

from __future__ import annotations

import math
from typing import Any

from ..scene_state import SceneState
from .half_size import LEAST_LOG10, MOST_LOG10, log10_of, size_of
from .kernels import choice_of


class SizedState(SceneState):
    """A filter that is sized by one variance, whose logarithm is within the controls' ``log10_variances``."""

    @property
    def log10_variance(self) -> float:
        """Of the filter, within what the slider reaches."""
        variance, (least, most) = self.controls.variance, self.controls.log10_variances
        return min(max(math.log10(variance), least), most) if variance > 0 else least

    def set_log10_variance(self, value: float) -> None:
        """Smooth so much."""
        least, most = self.controls.log10_variances
        self.change(variance=10.0 ** min(value, most) if value > least else 0.0)

    def step_size(self, decades: float) -> None:
        """Smooth more, or less, by decades of variance; below the least is none."""
        self.set_log10_variance(self.log10_variance + decades)


class FilteredState(SizedState):
    """A Gaussian by its covariance, or a kernel by its half sizes.

    Attributes:
        linked: whether the half size of one axis is that of all.
    """

    linked = True

    def step_size(self, decades: float) -> None:
        """See the base; a kernel grows along all axes alike."""
        if self.controls.is_gaussian:
            super().step_size(decades)
            return
        logarithms = [min(log10_of(size) + decades / 2, MOST_LOG10) for size in self.controls.half_size]
        self.change(half_size=tuple(size_of(max(one, LEAST_LOG10)) for one in logarithms))

    def choose_kernel(self, kernel: str) -> None:
        """Filter by another kernel, about as much as by the one before.

        Raises:
            InputError: the field shown cannot be filtered so; the sentence says what can.
        """
        self.take_filter(**self._chosen(kernel))

    def take_filter(self, **changes: Any) -> None:
        """Change the filter. Raises InputError as ``choose_kernel``."""
        self.change(**changes)

    def _chosen(self, kernel: str) -> dict[str, Any]:
        """What changes where that is chosen."""
        controls, choice = self.controls, choice_of(kernel)
        is_gaussian, changes = choice.sized_by == "variance", dict[str, Any](kernel=kernel)
        if choice is not choice_of(controls.kernel):
            changes["gain"] = choice.gain
        if is_gaussian == controls.is_gaussian or controls.is_off:
            return changes
        if is_gaussian:
            return {**changes, "covariance": controls.equivalent_covariance}
        return {**changes, "half_size": _as_wide(controls.covariance, controls.dim)}

    def log10_half_size(self, axis: int) -> float:
        """Of the kernel along an axis, within what the slider reaches."""
        return log10_of(self.controls.half_size[axis])

    def set_log10_half_size(self, axis: int, value: float) -> None:
        """Let the kernel be so large along an axis, or where linked along all."""
        sizes = list(self.controls.half_size)
        for one in range(len(sizes)) if self.linked else (axis,):
            sizes[one] = size_of(min(value, MOST_LOG10))
        self.change(half_size=tuple(sizes))

    def link(self, linked: bool) -> None:
        """Let all axes have one half size, that of the first, or each its own."""
        self.linked = linked
        if linked:
            self.change(half_size=self.controls.half_size[:1] * len(self.controls.half_size))


def _as_wide(covariance: tuple[float, ...], dim: int) -> tuple[float, ...]:
    """Half sizes of three standard deviations, the same along all axes where the variances are nearly so."""
    rows = [sum(dim - row for row in range(axis)) for axis in range(dim)]
    variances = [covariance[index] for index in rows]
    sizes = [3 * math.sqrt(variance) for variance in variances]
    return (sizes[0],) * dim if max(sizes) - min(sizes) <= 1e-9 * max(sizes) else tuple(sizes)
