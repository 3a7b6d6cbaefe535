"""Activations: their formulas, their written gradients, and what is published of them."""

import math

import pytest
import torch

from benchmarks.plain_network import plain_activation
from fieldcore.fields.activations import Activation
from fieldcore.fields.networks import ACTIVATIONS

NUMBERS = {"omega": 7.0, "spread": 1.7, "carrier": 2.5}


def every_layer(gradient="exact"):
    """Each activation as in the first layer and as in the others."""
    for name, kind in ACTIVATIONS.items():
        yield name, kind(**NUMBERS, gradient=gradient)
        yield f"{name}, hidden", kind(**NUMBERS, gradient=gradient, is_first=False)


def numbers(width: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(50, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def z_of(activation: Activation, u: torch.Tensor) -> torch.Tensor:
    """``z`` as real or complex numbers."""
    z = u / activation.fold
    return z if activation.is_first or not activation.is_complex else torch.complex(*z.chunk(2, dim=1))


def halves(h: torch.Tensor) -> torch.Tensor:
    return torch.cat([h.real, h.imag], dim=1) if h.is_complex() else h


@pytest.mark.parametrize("gradient", ["exact", "detached"])
def test_written_gradients_are_those_of_the_formulas(gradient):
    for name, one in every_layer(gradient):
        # Around where q's wave has not died away yet.
        u = (0.1 * numbers(6) if name == "gabor_finer, hidden" else numbers(6)).requires_grad_()
        expected = halves(plain_activation(name.split(",")[0], one, z_of(one, u)))
        torch.testing.assert_close(one(u), expected, atol=1e-12, rtol=1e-10, msg=name)
        weights = numbers(expected.shape[1], seed=1)
        (true,) = torch.autograd.grad((expected * weights).sum(), u)
        h, kept = one.run(u.detach().clone())
        torch.testing.assert_close(h, expected.detach(), atol=1e-12, rtol=1e-10, msg=name)
        found = one.back(h, kept, weights.clone())
        torch.testing.assert_close(found, true, atol=1e-10 * float(true.abs().max()), rtol=1e-10, msg=name)


def test_called_an_activation_has_its_exact_slope():
    for name, one in every_layer("detached"):
        u = (0.1 * numbers(6)).requires_grad_()
        exact = type(one)(**NUMBERS, is_first=one.is_first)
        expected = halves(plain_activation(name.split(",")[0], exact, z_of(one, u)))
        (true,) = torch.autograd.grad(expected.sum(), u)
        (found,) = torch.autograd.grad(one(u).sum(), u)
        torch.testing.assert_close(found, true, atol=1e-9, rtol=1e-9, msg=name)


def test_finer_is_siren_near_zero_and_odd():
    w = 30.0
    sine, finer = ACTIVATIONS["sine"](w), ACTIVATIONS["finer"](w)
    z = 1e-2 * numbers(4)
    assert bool(((finer(w * z) - sine(w * z)).abs() <= w * z**2 + 1e-12).all())
    torch.testing.assert_close(finer(-w * z), -finer(w * z))


def test_h_siren_has_the_frequency_that_is_said_and_is_a_siren_beyond_its_first_layer():
    w, z = 30.0, 0.5 * numbers(1)
    one = ACTIVATIONS["sinh_sine"](w)
    h, kept = one.run(w * z.clone())
    slope = w * one.back(h, kept, torch.ones_like(h))
    torch.testing.assert_close(slope, 2 * w * (2 * z).cosh() * (w * (2 * z).sinh()).cos())
    assert type(one).rise(0.5) == pytest.approx(2 * math.cosh(1.0))
    hidden = ACTIVATIONS["sinh_sine"](w, is_first=False)
    torch.testing.assert_close(hidden(w * z), ACTIVATIONS["sine"](w)(w * z), rtol=0, atol=0)


def test_finer_has_the_frequency_that_is_said():
    w, z = 30.0, numbers(1)[:, 0]
    for gradient, frequency in (("exact", w * (2 * z.abs() + 1)), ("detached", w * (z.abs() + 1))):
        one = ACTIVATIONS["finer"](w, gradient=gradient)
        h, kept = one.run((w * z)[:, None].clone())
        slope = w * one.back(h, kept, torch.ones_like(h))[:, 0]
        torch.testing.assert_close(slope, frequency * (w * (z.abs() + 1) * z).cos(), msg=gradient)


def test_gauss_finer_reaches_0_and_1_exactly():
    one = ACTIVATIONS["gauss_finer"](1.0, 3.0)
    # q = 0 at z = 0, and q = 1 where (z + 1) z = pi / 2.
    peak = (-1 + math.sqrt(1 + 2 * math.pi)) / 2
    h = one(torch.tensor([[0.0, peak]], dtype=torch.float64))
    torch.testing.assert_close(h, torch.tensor([[1.0, 0.0]], dtype=torch.float64), atol=1e-15, rtol=0)


def test_a_gabor_without_a_wave_is_a_gauss():
    u = numbers(5)
    h = ACTIVATIONS["gabor"](0.0, 2.0)(u)
    torch.testing.assert_close(h[:, :5], ACTIVATIONS["gauss"](spread=2.0)(u))
    assert not bool(h[:, 5:].any())
    real, imaginary = ACTIVATIONS["gabor"](3.0, 2.0)(u).chunk(2, dim=1)
    torch.testing.assert_close(torch.hypot(real, imaginary), ACTIVATIONS["gauss"](spread=2.0)(u))


def test_large_arguments_give_finite_values_and_gradients():
    for name, one in every_layer():
        u = 1e3 * numbers(6).float()
        h, kept = one.run(u)
        assert bool(torch.isfinite(h).all()), name
        assert bool(torch.isfinite(one.back(h, kept, torch.ones_like(h))).all()), name


def test_every_activation_says_what_is_published_of_it():
    for name, kind in ACTIVATIONS.items():
        assert kind.published.keys() - {"learning_rate"} <= set(kind.numbers), name
        assert kind.published["learning_rate"] > 0, name
