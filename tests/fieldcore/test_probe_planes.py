"""Anisotropic Gaussians as grids of isotropic probes: their moments are those of what they stand for."""

from __future__ import annotations

import pytest
import torch

from fieldcore.fields.probe_planes import ProbePlane, split_along_two_axes
from fieldcore.sampling import random_covariances


def covariances(*log10_eigenvalues: float | int, count: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return random_covariances(torch.tensor([log10_eigenvalues] * count, dtype=torch.float64), generator)


def moments(probes: ProbePlane) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    mass = sum(weight for _, weight in probes.probes())
    mean = sum(weight[:, None] * offset for offset, weight in probes.probes())
    outer = sum(weight[:, None, None] * offset[:, :, None] * offset[:, None, :] for offset, weight in probes.probes())
    return mass, mean, outer + probes.variance[:, None, None] * torch.eye(3, dtype=torch.float64)


@pytest.mark.parametrize(
    "log10_eigenvalues", [(-3.0, -3.0, -3.0), (-3.0, -2.5, -2.0), (-3.0, -2.6, -2.6), (-3.0, -3.0, -1.5)]
)
def test_moments_are_those_of_the_gaussian(log10_eigenvalues: tuple[float, float, float]) -> None:
    covariance = covariances(*log10_eigenvalues)
    mass, mean, second = moments(split_along_two_axes(covariance, 49))
    torch.testing.assert_close(mass, torch.ones_like(mass))
    torch.testing.assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-9)
    torch.testing.assert_close(second, covariance, rtol=0, atol=1e-5)


@pytest.mark.parametrize("log10_eigenvalues", [(-5.0, -2.0, -1.0), (-12.0, -1.0, -1.0), (-9.0, -9.0, -1.0)])
@pytest.mark.parametrize("most", [1, 9, 25])
def test_too_few_probes_get_wider_and_keep_the_longer_axes_right(
    log10_eigenvalues: tuple[float, float, float], most: int
) -> None:
    covariance = covariances(*log10_eigenvalues)
    probes = split_along_two_axes(covariance, most)
    assert sum(1 for _ in probes.probes()) <= most
    mass, _, second = moments(probes)
    torch.testing.assert_close(mass, torch.ones_like(mass))
    eigenvalues, axes = torch.linalg.eigh(covariance)
    along_longest = torch.einsum("ni,nij,nj->n", axes[:, :, 2], second, axes[:, :, 2])
    torch.testing.assert_close(along_longest, eigenvalues[:, 2], rtol=1e-6, atol=0)
    assert bool((probes.variance >= eigenvalues[:, 0] * (1 - 1e-9)).all())


def test_equal_variances_need_one_probe() -> None:
    probes = split_along_two_axes(1e-2 * torch.eye(3)[None], 25)
    assert sum(1 for _ in probes.probes()) == 1
    torch.testing.assert_close(probes.variance, torch.tensor([1e-2]))


def test_a_batch_is_split_as_each_alone() -> None:
    covariance = torch.cat(
        [covariances(-4, -3, -2, count=1), covariances(-2, -2, -2, count=1), covariances(-5, -5, -1)]
    )
    together = split_along_two_axes(covariance, 25)
    for k in range(len(covariance)):
        alone = split_along_two_axes(covariance[k : k + 1], 25)
        torch.testing.assert_close(together.variance[k], alone.variance[0])
        ours = sum(weight[k] * (-offset[k].square().sum() / 1e-2).exp() for offset, weight in together.probes())
        theirs = sum(weight[0] * (-offset[0].square().sum() / 1e-2).exp() for offset, weight in alone.probes())
        torch.testing.assert_close(ours, theirs)
