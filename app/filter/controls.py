"""The filter of a scene as entries of its controls, and the ``fieldcore.Filter`` that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..covariance import (
    COVARIANCES,
    Covariance,
    covariance_check,
    distinct_variances,
    filter_entry,
    gaussian_of,
    in_brief,
    isotropic,
    variance_shorthand,
)
from ..entries import Controls, entry
from ..path.entry_checks import text
from ..principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from .half_size import HALF_SIZES, HalfSize, half_size_check, shortest
from .kernels import GAUSSIAN, is_file, title_of

if TYPE_CHECKING:
    from fieldcore.filters import Filter
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Filter = SignalFacts = Any

Smoothing = Covariance | tuple[str, HalfSize]
"""The covariance of a Gaussian, or the text of a kernel and its half sizes."""

MOST_GAIN = 50.0

_NO_MASS = 1e-6


def _kernel(value: Any, where: str) -> str:
    from fieldcore.kernel_names import check_kernel_name

    kernel = text(value, where, "the name of a kernel or of its file")
    if kernel != GAUSSIAN:
        check_kernel_name(kernel, where)
    return kernel


def covariance_facts(dim: int) -> dict[str, Any]:
    """What is declared of the covariance of a Gaussian in that space."""
    return {
        "check": covariance_check(dim),
        "space": COVARIANCES,
        "shorthand": variance_shorthand(dim),
        "brief": in_brief,
    }


def half_size_facts(dim: int) -> dict[str, Any]:
    """What is declared of the half sizes of a kernel in that space."""
    return {"check": half_size_check(dim), "space": HALF_SIZES, "written": shortest}


@dataclass(frozen=True, kw_only=True)
class FilterControls(Controls):
    """A filter; a scene declares covariance and half size for its own number of axes.

    Attributes:
        covariance: of a Gaussian, along the axes that ``dim`` counts.
        kernel: ``gaussian``, or a kernel as ``fieldcore.kernel_names`` writes it.
        half_size: of a kernel along each axis, in domain units; 0 is no filter there.
        gain: what values under a kernel are multiplied by; those of kernels of mass 0 are shown about mid-grey.
    """

    dim: ClassVar[int] = 2
    log10_variances: ClassVar[tuple[float, float]] = (LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE)
    """What a slider of the variance reaches; the least stands for none."""

    covariance: Covariance = entry((0.0,) * 3, **covariance_facts(2))
    kernel: str = entry(GAUSSIAN, check=_kernel, names_file=is_file, brief=title_of)
    half_size: HalfSize = entry((0.0,) * 2, **half_size_facts(2))
    gain: float = entry(
        1.0,
        "gain",
        "what values under a kernel are multiplied by; those of edges and differences are shown about mid-grey",
        group="Filter",
        above=0.0,
        most=1e6,
        bounds=(0.1, MOST_GAIN),
        seen=lambda controls: not controls.is_gaussian,
    )

    @property
    def is_gaussian(self) -> bool:
        """Whether the covariance counts, and not the half size."""
        return self.kernel == GAUSSIAN

    @property
    def filter(self) -> Filter:
        """The filter along the axes that are set; isotropic Gaussians as a variance, which every field is faster at."""
        if self.is_gaussian:
            return gaussian_of(self.covariance)
        from fieldcore.kernel_names import kernel_of

        return kernel_of(self.kernel, self.half_size, self.dim)

    def filter_of(self, facts: SignalFacts) -> Filter:
        """The filter over all coordinates of such a signal."""
        return self.filter

    @property
    def smoothing(self) -> Smoothing:
        """What says the filter, and nothing else: the covariance of a Gaussian, or a kernel with its half sizes."""
        return self.covariance if self.is_gaussian else (self.kernel, self.half_size)

    @property
    def is_off(self) -> bool:
        """Whether nothing is filtered."""
        return not any(self.covariance if self.is_gaussian else self.half_size)

    @property
    def equivalent_covariance(self) -> Covariance:
        """Of the Gaussian that is as wide: a half size stands for three standard deviations."""
        if self.is_gaussian:
            return self.covariance
        variances = iter(size * size / 9 for size in self.half_size)
        return tuple(next(variances) if entry else 0.0 for entry in isotropic(1.0, self.dim))

    @property
    def shown_range(self) -> tuple[float, float] | None:
        """Values that are shown black and white: of a kernel whose parts cancel, about mid-grey; None as they are."""
        if self.is_gaussian or self.is_off:
            return None
        if float(self.filter.mass(self.dim).abs().max()) < _NO_MASS:
            return -0.5 / self.gain, 0.5 / self.gain
        return None if self.gain == 1 else (0.0, 1 / self.gain)

    @property
    def outline(self) -> tuple[float, ...]:
        """Of a kernel, its values at even distances from end to end; empty of a Gaussian."""
        from .outline import outline_of

        return () if self.is_gaussian else outline_of(self.kernel)

    @property
    def caption_words(self) -> tuple[tuple[str, bool], ...]:
        """What a caption says of it, in parts, and whether each is a value."""
        if self.is_gaussian:
            from ..gl.canvas import scientific  # it imports Pillow, which a page of help should not wait for

            sizes = [scientific(variance) for variance in distinct_variances(self.covariance)]
            what = "variance"
        else:
            what = title_of(self.kernel)
            alike = len(set(self.half_size)) == 1
            sizes = [f"{size:.3g}" if size else "off" for size in self.half_size[: 1 if alike else None]]
        first, *others = sizes
        further = [part for other in others for part in (("  by  ", False), (other, True))]
        return ((f"{what}  ", False), (first, True), *further)

    @property
    def described(self) -> dict[str, Any]:
        """As reports write it."""
        if self.is_gaussian:
            return filter_entry(self.covariance)
        gain = {"gain": self.gain} if self.gain != 1 else {}
        return {"kernel": self.kernel, "half_size": shortest(self.half_size), **gain}


@dataclass(frozen=True, kw_only=True)
class SpaceFilter(FilterControls):
    """The same along three axes."""

    dim: ClassVar[int] = 3

    covariance: Covariance = entry((0.0,) * 6, **covariance_facts(3))
    half_size: HalfSize = entry((0.0,) * 3, **half_size_facts(3))
