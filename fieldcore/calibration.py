"""Calibration: which variance a field's own scale really is.

A scale-space field learns to smooth without ever seeing a smoothed signal, so its scale is right up to one
factor. It is measured here, by smoothing the trained field itself (Mujkanovic et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .errors import InputError
from .exclusive import exclusive
from .fields.field import Field
from .filters import Gaussian
from .filters.filter import Numbers
from .sampling import sobol
from .signals import signal_type
from .signals.signal import PADDING, as_points, mirrored

SAMPLES = 256
_CHUNK_POINTS = 1 << 15


@dataclass(frozen=True)
class Calibration:
    """What was measured.

    Attributes:
        factor: geometric mean of scale over variance; ``Sigma_hat = factor Sigma``.
        variances: what the field was smoothed by, in squared domain units.
        scales: for each variance, the field's scale that looks most like it; they do not decrease.
        spread: by what factor a single ratio is typically off, up or down (1: all agree).
    """

    factor: float
    variances: tuple[float, ...]
    scales: tuple[float, ...]
    spread: float


@torch.no_grad()
def calibrate(field: Field, *, seed: int = 0, points: Numbers | None = None) -> Calibration:
    """Measure the factor between a field's scale and the variance it smooths by; fields that need it keep it.

    For each of 16 variances, log-spaced from 1e-4 (for shapes 1e-2) to 1e-1, the unfiltered field is smoothed by Sobol
    samples and compared with the field at each of 256 scales from 1e-5 to 1e2; the nearest in squared error is its
    match, after isotonic regression, as more smoothing must never be a smaller scale. Samples beyond the padded
    box, where the field never trained, are mirrored back into it.

    Args:
        field: any trained field that takes Gaussians. A ``calibrated`` one gets its buffer ``calibration`` set
            to variances and factors; of others the factor, which should be near 1, is only reported.
        seed: of the points and samples.
        points: where to compare, in domain units; by default where signals of this type are best compared, see
            ``Dataset.calibration_points``.

    Raises:
        InputError: the field does not take Gaussians.

    Example:
        >>> from fieldcore import Ackley, train
        >>> field = train("scale_space", Ackley(), steps=2, width=16, points_per_step=64)
        >>> len(calibrate(field).variances)
        16
    """
    refusal = field.refuses(Gaussian(1e-3))
    if refusal is not None:
        raise InputError(f"calibration: {refusal}")
    with exclusive(field, training=False):
        return _calibrated(field, seed, points)


def _calibrated(field: Field, seed: int, points: Numbers | None) -> Calibration:
    from scipy.optimize import isotonic_regression  # a tenth of what starting the program takes

    signal = signal_type(field.facts)
    if field.calibrated:
        field.get_buffer("calibration")[1] = 1
    chosen = signal.calibration_points(field, seed) if points is None else as_points(points, field.dim)
    points = chosen.to(field.device)
    variances = torch.logspace(*signal.calibration_log10_variances, 16, dtype=torch.float64)
    scales = torch.logspace(-5, 2, 256, dtype=torch.float64)
    candidates = _at_scales(field, points, scales.float())
    smoothed = torch.stack([_smoothed(field, points, float(variance), seed + 1) for variance in variances])
    errors = (smoothed[:, None] - candidates).square().sum((-1, -2))
    matches = scales[errors.argmin(1).cpu()].log()
    matches = torch.from_numpy(isotonic_regression(matches.numpy()).x)
    log_ratio = matches - variances.log()
    if field.calibrated:
        field.get_buffer("calibration").copy_(torch.stack([variances, log_ratio.exp()]))
    return Calibration(
        factor=float(log_ratio.mean().exp()),
        variances=tuple(variances.tolist()),
        scales=tuple(matches.exp().tolist()),
        spread=float(log_ratio.std().exp()),
    )


def _at_scales(field: Field, points: Float[Tensor, "n d"], scales: Float[Tensor, "m"]) -> Float[Tensor, "m n c"]:
    """The field at each scale, in one call."""
    one_a_point = Gaussian(scales.to(points.device).repeat_interleave(len(points)))
    return field(points.repeat(len(scales), 1), one_a_point).unflatten(0, (len(scales), len(points)))


def _smoothed(field: Field, points: Float[Tensor, "n d"], variance: float, seed: int) -> Float[Tensor, "n c"]:
    """The field's own Gaussian smoothing at ``points``, by Sobol samples."""
    noise = sobol(SAMPLES, field.dim, seed).to(points)[:, None].expand(-1, *points.shape)
    samples = points + field.facts.embedded(Gaussian(variance)).offsets(noise)
    inside = mirrored(samples.flatten(0, 1), [half + PADDING for half in field.facts.half_extent])
    values = torch.cat([field(part) for part in inside.split(_CHUNK_POINTS)])
    return values.unflatten(0, noise.shape[:2]).mean(0)
