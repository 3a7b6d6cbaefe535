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


def random_covariances(log10_eigenvalues: Float[Tensor, "n d"], generator: torch.Generator) -> Float[Tensor, "n d d"]:
    """Covariances with the given eigenvalues (log10) and uniformly random orientation.

    On the generator's device; in 2-D by a random angle, in higher dimensions by the QR map of a normal matrix
    (its signs do not matter to ``R D R^T``).
    """
    count, dim = log10_eigenvalues.shape
    device = generator.device
    eigenvalues = torch.pow(10.0, log10_eigenvalues)
    if dim == 2:
        angle = math.pi * torch.rand(count, generator=generator, device=device, dtype=eigenvalues.dtype)
        cosine, sine = angle.cos(), angle.sin()
        axes = torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)
    else:
        normal = torch.randn(count, dim, dim, generator=generator, device=device, dtype=eigenvalues.dtype)
        axes = torch.linalg.qr(normal).Q
    return (axes * eigenvalues[:, None, :]) @ axes.mT
