"""What a pyramid is trained towards: laws of the sampled averages."""

from __future__ import annotations

import pytest
import torch

from fieldcore.fields.smoothing_targets import sampled_mean
from fieldcore.signals import FunctionSignal, Signal


def signal(power: int) -> Signal:
    return FunctionSignal(lambda x: 0.5 + 0.2 * x[:, :1] ** power - 0.1 * x[:, 1:] ** power, (1.0, 1.0))


def at(power: int, samples: int, antithetic: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Averages at points whose Gaussians stay in the box, and the signal there."""
    generator = torch.Generator().manual_seed(1)
    x, variance = 0.3 * torch.randn(200, 2, generator=generator).clamp(-2, 2), torch.full((200,), 1e-3)
    return sampled_mean(signal(power), x, variance, samples, generator, antithetic), signal(power)(x)


@pytest.mark.parametrize("samples", [2, 5, 16])
def test_opposite_offsets_cancel_all_that_is_linear(samples: int) -> None:
    mean, exact = at(1, samples, antithetic=True)
    torch.testing.assert_close(mean, exact, rtol=0, atol=1e-6)


def test_without_them_a_slope_leaves_noise_that_averages_out() -> None:
    few, exact = at(1, 4, antithetic=False)
    many, _ = at(1, 256, antithetic=False)
    assert float((few - exact).std()) > 1e-3 > 10 * float((many - exact).std())


@pytest.mark.parametrize("antithetic", [False, True])
def test_a_square_grows_by_the_variance(antithetic: bool) -> None:
    mean, exact = at(2, 256, antithetic)
    torch.testing.assert_close((mean - exact).mean(), torch.tensor((0.2 - 0.1) * 1e-3), rtol=0.1, atol=0)
