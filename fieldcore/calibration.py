"""Calibration: which variance a field's own scale really is.

A scale-space field learns to smooth without ever seeing a smoothed signal, so its scale is right up to one
factor. It is measured here, by smoothing the trained field itself (Mujkanovic et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.optimize import isotonic_regression
from torch import Tensor

from .fields.field import Field
from .filters import Gaussian
from .sampling import sobol
from .signals.signal import PADDING, mirrored

POINTS = 64
SAMPLES = 256
_LOG10_VARIANCES = {"shape": (-2.0, -1.0)}  # by the type of signal; (-4, -1) for all others
_SURFACE_CANDIDATES = 1 << 14
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
def calibrate(field: Field, *, seed: int = 0, points: Float[Tensor, "n d"] | None = None) -> Calibration:
    """Measure the factor between a field's scale and the variance it smooths by; fields that need it keep it.

    For each of 16 variances, log-spaced from 1e-4 (for shapes 1e-2) to 1e-1, the unfiltered field is smoothed by Sobol
    samples and compared with the field at each of 256 scales from 1e-5 to 1e2; the nearest in squared error is its
    match, after isotonic regression, as more smoothing must never be a smaller scale. Samples beyond the padded
    box, where the field never trained, are mirrored back into it.

    Args:
        field: any trained field that takes Gaussians. A ``calibrated`` one gets its buffer ``calibration`` set
            to variances and factors; of others the factor, which should be near 1, is only reported.
        seed: of the points and samples.
        points: where to compare, in domain units; by default 64 spread over the signal's box, for shapes those of many
            that are nearest to the field's zero level set.
    """
    was_training = field.training
    field.eval()
    if field.calibrated:
        field.get_buffer("calibration")[1] = 1
    if points is None:
        points = _POINTS.get(field.facts.type, _points_in_box)(field, seed)
    points = points.to(field.device)
    variances = torch.logspace(*_LOG10_VARIANCES.get(field.facts.type, (-4.0, -1.0)), 16, dtype=torch.float64)
    scales = torch.logspace(-5, 2, 256, dtype=torch.float64)
    candidates = _at_scales(field, points, scales.float())
    smoothed = torch.stack([_smoothed(field, points, float(variance), seed + 1) for variance in variances])
    errors = (smoothed[:, None] - candidates).square().sum((-1, -2))
    matches = scales[errors.argmin(1).cpu()].log()
    matches = torch.from_numpy(isotonic_regression(matches.numpy()).x)
    log_ratio = matches - variances.log()
    if field.calibrated:
        field.get_buffer("calibration").copy_(torch.stack([variances, log_ratio.exp()]))
    field.train(was_training)
    return Calibration(
        factor=float(log_ratio.mean().exp()),
        variances=tuple(variances.tolist()),
        scales=tuple(matches.exp().tolist()),
        spread=float(log_ratio.std().exp()),
    )


def _points_in_box(field: Field, seed: int, count: int = POINTS) -> Float[Tensor, "n d"]:
    half_extent = torch.tensor(field.facts.half_extent)
    return (2 * sobol(count, field.dim, seed).float() - 1) * half_extent


def _points_near_surface(field: Field, seed: int) -> Float[Tensor, "n d"]:
    """Of many points in the box, those at which the field is nearest to zero."""
    candidates = _points_in_box(field, seed, _SURFACE_CANDIDATES).to(field.device)
    values = torch.cat([field(part) for part in candidates.split(_CHUNK_POINTS)])
    return candidates[values.abs().sum(1).argsort(stable=True)[:POINTS]]


_POINTS = {"shape": _points_near_surface}


def _at_scales(field: Field, points: Float[Tensor, "n d"], scales: Float[Tensor, "m"]) -> Float[Tensor, "m n c"]:
    """The field at each scale, in one call."""
    one_a_point = Gaussian(scales.to(points.device).repeat_interleave(len(points)))
    return field(points.repeat(len(scales), 1), one_a_point).unflatten(0, (len(scales), len(points)))


def _smoothed(field: Field, points: Float[Tensor, "n d"], variance: float, seed: int) -> Float[Tensor, "n c"]:
    """The field's own Gaussian smoothing at ``points``, by Sobol samples."""
    noise = sobol(SAMPLES, field.dim, seed).to(points)[:, None].expand(-1, *points.shape)
    samples = points + Gaussian(variance).offsets(noise)
    inside = mirrored(samples.flatten(0, 1), [half + PADDING for half in field.facts.half_extent])
    values = torch.cat([field(part) for part in inside.split(_CHUNK_POINTS)])
    return values.unflatten(0, noise.shape[:2]).mean(0)
