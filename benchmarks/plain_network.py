"""Coordinate networks as their publications' code has them: complex numbers, omega apart, all points at once, autograd.

What fieldcore's own are compared with: in a test number by number, in ``benchmarks.coordinate`` by the clock.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from fieldcore.fields.activations import Activation
from fieldcore.fields.coordinate import Coordinate


class PlainNetwork(nn.Module):
    """The network of a field, with its weights as they are now, in plain PyTorch."""

    def __init__(self, field: Coordinate) -> None:
        super().__init__()
        network = field.network
        self.activations, self.name = network.activations, field.recipe.activation
        self.mapping = field.mapping
        self.weights = nn.ParameterList(_as_published(weight, weight.ndim == 3) for weight in network.weights)
        self.biases = nn.ParameterList(_as_published(bias, bias.ndim == 2) for bias in network.biases)

    def forward(self, x: Tensor) -> Tensor:
        """Values from -1 to 1."""
        h = self.mapping(x)
        for one, weight, bias in zip(self.activations, self.weights, self.biases, strict=False):
            h = plain_activation(self.name, one, h.to(weight.dtype) @ weight.T + bias)
        values = h @ self.weights[-1].T
        return (values.real if values.is_complex() else values) + self.biases[-1]


def plain_activation(name: str, one: Activation, z: Tensor) -> Tensor:
    """The activation of a real or complex ``z`` after its formula; FINER's factor as ``one.gradient`` says."""
    w, s = one.omega, one.spread
    formulas = {
        "sinh_sine": lambda: (w * (2 * z).sinh() if one.is_first else w * z).sin(),
        "relu": lambda: z.relu(),
        "sine": lambda: (w * z).sin(),
        "finer": lambda: _finer(one, z),
        "gauss": lambda: (-((s * z) ** 2)).exp(),
        "gabor": lambda: (1j * w * z - (s * z).abs() ** 2).exp(),
        "gauss_finer": lambda: _squeezed((-((s * _finer(one, z)) ** 2)).exp(), math.exp(-(s**2))),
        "gabor_finer": lambda: _wave(one, _finer(one, z)),
    }
    return formulas[name]()


def _finer(one: Activation, z: Tensor) -> Tensor:
    factor = z.abs() + 1
    return (one.omega * (factor.detach() if one.gradient == "detached" else factor) * z).sin()


def _squeezed(gaussian: Tensor, least: float) -> Tensor:
    return (gaussian - least) / (1 - least)


def _wave(one: Activation, q: Tensor) -> Tensor:
    return (1j * one.carrier * q - (one.spread * q).abs() ** 2).exp()


def _as_published(weight: Tensor, is_complex: bool) -> nn.Parameter:
    value = weight.detach().clone()
    return nn.Parameter(torch.complex(value[0], value[1]) if is_complex else value)
