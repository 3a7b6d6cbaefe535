"""Seeded noise: quasi-random sets, random covariances and the stream of noise that training draws from."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor


def sobol(count: int, dim: int, seed: int) -> Float[Tensor, "count dim"]:
    """Scrambled Sobol points in [0, 1)^dim, float64; best where ``count`` is a power of two."""
    with torch.device("cpu"):  # whatever a caller made the default
        engine = torch.quasirandom.SobolEngine(dim, scramble=True, seed=seed)
        return engine.draw(count, dtype=torch.float64)


def random_axes(
    count: int, dim: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "count dim dim"]:
    """Uniformly random orthonormal axes, one a column, on the generator's device.

    In 2-D by a random angle, in 3-D by a random quaternion, in higher dimensions by the QR map of a normal matrix (its
    signs do not matter to a covariance).

    Source of the quaternions: K. Shoemake, Uniform Random Rotations, Graphics Gems III, 1992.
    """
    device = generator.device
    if dim == 1:
        return torch.ones(count, 1, 1, device=device, dtype=dtype)
    if dim == 2:
        angle = math.pi * torch.rand(count, generator=generator, device=device, dtype=dtype)
        cosine, sine = angle.cos(), angle.sin()
        return torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)
    if dim > 3:
        return torch.linalg.qr(torch.randn(count, dim, dim, generator=generator, device=device, dtype=dtype)).Q
    quaternion = torch.randn(count, 4, generator=generator, device=device, dtype=dtype)
    w, x, y, z = torch.nn.functional.normalize(quaternion).unbind(1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], -1),
        torch.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], -1),
        torch.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], -1),
    ]
    return torch.stack(rows, -2)


def random_covariances(log10_eigenvalues: Float[Tensor, "n d"], generator: torch.Generator) -> Float[Tensor, "n d d"]:
    """Covariances with the given eigenvalues (log10) and uniformly random orientation, on the generator's device."""
    count, dim = log10_eigenvalues.shape
    axes = random_axes(count, dim, generator, log10_eigenvalues.dtype)
    return (axes * torch.pow(10.0, log10_eigenvalues)[:, None, :]) @ axes.mT
