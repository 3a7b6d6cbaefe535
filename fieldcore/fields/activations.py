"""Activations of coordinate networks, each beside its formula and its published settings.

Their names are in ``networks.ACTIVATIONS``.

A layer computes ``z = W h + b``. Whatever constant an activation multiplies ``z`` by (``fold``: omega, or the spread)
is multiplied into ``W`` and ``b`` beforehand, so that it gets ``u = fold z``. It has two faces: called, it is a
function that PyTorch differentiates; ``run`` and ``back`` are the same with the derivative written out, without a
graph.

What is complex comes as two halves of real numbers, ``[real, imaginary]`` along the last axis.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from .sines import cosine, exponential, sine

FinerGradient = Literal["detached", "exact"]
"""Whether the gradient takes FINER's factor ``abs(z) + 1`` for a constant, as published, or not."""

FirstWeights = Literal["torch", "sine"]
"""``torch``: uniform within ``1/sqrt(inputs)``. ``sine``: the first layer's within ``1/d``, all others' within
``sqrt(6/inputs)/omega``, biases as ``torch``."""

Kept = tuple[Tensor, ...]


@dataclass(frozen=True)
class Activation(ABC):
    """One layer's activation with its numbers.

    Class attributes:
        is_complex: whether what it gives is complex, and what it takes but for the first layer.
        first_weights: how its networks begin.
        numbers: the recipe's entries that it knows, of ``omega_first``, ``omega_hidden``, ``spread``, ``carrier`` and
            ``first_bias``.
        published: the recipe's entries as published for pictures.

    Attributes:
        omega: what ``z`` is multiplied by inside its sine (``gabor``: its wave); 1 for those that have none.
        spread: the ``s`` of its Gaussian, where it has one.
        carrier: the second omega, of ``gabor_finer``'s wave.
        gradient: see ``FinerGradient``.
        is_first: whether it is the first layer's, which takes real numbers also where it gives complex ones.
    """

    omega: float = 1.0
    spread: float = 1.0
    carrier: float = 1.0
    gradient: FinerGradient = "exact"
    is_first: bool = True

    is_complex: ClassVar[bool] = False
    first_weights: ClassVar[FirstWeights] = "torch"
    numbers: ClassVar[tuple[str, ...]] = ()
    published: ClassVar[Mapping[str, Any]]

    @property
    def fold(self) -> float:
        """What ``z`` is multiplied by before ``__call__`` and ``run``."""
        return 1.0

    @property
    def weight_omega(self) -> float:
        """What the bound of the first weights is divided by, where they are ``sine``."""
        return self.omega

    @classmethod
    def rise(cls, z: float) -> float:
        """How many times faster than ``omega z`` the sine of the first layer turns where it has got as far as ``z``."""
        return 1.0

    @abstractmethod
    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """The activation; its derivative, by PyTorch, is exact whatever ``gradient`` says."""

    @abstractmethod
    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """The activation, and what ``back`` needs besides; ``u`` may be overwritten."""

    @abstractmethod
    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """The gradient in ``u`` from that in ``h``, which ``run`` gave; what it gets may be overwritten."""


class Relu(Activation):
    """``max(z, 0)``."""

    published: ClassVar = {"learning_rate": 1e-3}

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        return u.relu()

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        return u.clamp_(min=0), ()

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``grad`` where ``h > 0``."""
        return torch.ops.aten.threshold_backward(grad, h, 0)


class Periodic(Activation):
    """What all have that are made of a sine: they begin as a SIREN does."""

    first_weights = "sine"

    @property
    def fold(self) -> float:
        """Omega."""
        return self.omega


class Rising(Periodic):
    """What all have whose sine turns by ``w (abs(z) + 1) z``."""

    @classmethod
    def rise(cls, z: float) -> float:
        """See ``Activation``."""
        return 2 * z + 1


class Sine(Periodic):
    """``sin(w z)``.

    Source: V. Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS 2020.
    """

    numbers = ("omega_first", "omega_hidden")
    published: ClassVar = {"omega_first": 30.0, "omega_hidden": 30.0, "learning_rate": 5e-4}

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        return u.sin()

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        return sine(u), (u,)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``grad cos u``."""
        (u,) = kept
        return grad.mul_(cosine(u, out=u))


class SinhSine(Sine):
    """``sin(w sinh(2 z))`` in the first layer, whose frequency ``2 w cosh(2 z)`` grows with ``z``; then ``sin(w z)``.

    Source: R. Gao, R. K. Jaiman, H-SIREN: Improving implicit neural representations with hyperbolic periodic
    functions, 2024, arXiv 2410.04716.
    """

    @classmethod
    def rise(cls, z: float) -> float:
        """See ``Activation``."""
        return 2 * math.cosh(2 * z)

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        if not self.is_first:
            return super().__call__(u)
        doubled = (2 / self.omega * u).clamp(-_STEEPEST, _STEEPEST)
        return (doubled.sinh() * self.omega).sin()

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        if not self.is_first:
            return super().run(u)
        doubled = u.mul_(2 / self.omega).clamp_(-_STEEPEST, _STEEPEST)
        slope = doubled.cosh().mul_(2)
        phase = doubled.sinh_().mul_(self.omega)
        return sine(phase), (slope, phase)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``grad`` times the cosine of the phase and the phase's slope."""
        if not self.is_first:
            return super().back(h, kept, grad)
        slope, phase = kept
        return grad.mul_(cosine(phase, out=phase)).mul_(slope)


class Finer(Rising):
    """``sin(w (abs(z) + 1) z)``: its frequency ``w (2 abs(z) + 1)`` grows with ``z``, and so with the first biases.

    Source: Z. Liu et al., FINER: Flexible Spectral-bias Tuning in Implicit Neural Representation by Variable-periodic
    Activation Functions, CVPR 2024.
    """

    numbers = ("omega_first", "omega_hidden", "first_bias")
    published: ClassVar = {"omega_first": 30.0, "omega_hidden": 30.0, "learning_rate": 5e-4}

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        return _finer_phase(u, self.omega).sin()

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        slope, phase = _phase_and_slope(u, self.omega, self.gradient)
        return sine(phase), (slope, phase)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``grad`` times the cosine of the phase and the phase's slope."""
        slope, phase = kept
        return grad.mul_(cosine(phase, out=phase)).mul_(slope)


class Gauss(Activation):
    """``exp(-(s z)^2)``.

    Source: S. Ramasinghe, S. Lucey, Beyond Periodicity: Towards a Unifying Framework for Activations in
    Coordinate-MLPs, ECCV 2022.
    """

    numbers = ("spread",)
    published: ClassVar = {"spread": 30.0, "learning_rate": 5e-3}

    @property
    def fold(self) -> float:
        """The spread."""
        return self.spread

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        return (-u * u).exp()

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        h = (u * u).neg_()
        return exponential(h, out=h), (u,)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``-2 u h grad``."""
        (u,) = kept
        return grad.mul_(h).mul_(u).mul_(-2)


class Gabor(Activation):
    """``exp(i w z - abs(s z)^2)``, complex; the first layer's ``z`` is real.

    Source: V. Saragadam et al., WIRE: Wavelet Implicit Neural Representations, CVPR 2023.
    """

    is_complex = True
    numbers = ("omega_first", "omega_hidden", "spread")
    published: ClassVar = {"omega_first": 20.0, "omega_hidden": 20.0, "spread": 10.0, "learning_rate": 5e-3}

    @property
    def fold(self) -> float:
        """The spread."""
        return self.spread

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        return _wave(u, self.omega / self.spread, real=self.is_first)

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        return _run_wave(u, self.omega / self.spread, real=self.is_first), (u,)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """See ``_wave_back``."""
        (u,) = kept
        return _wave_back(u, h, grad, self.omega / self.spread, real=self.is_first)


class GaussFiner(Rising):
    """``(exp(-(s q)^2) - exp(-s^2)) / (1 - exp(-s^2))`` with ``q = sin(w (abs(z) + 1) z)``: from exactly 0 to 1.

    Source: H. Zhu et al., FINER++: Building a Family of Variable-periodic Functions for Activating Implicit Neural
    Representation, arXiv 2407.19434, and FINER's code.
    """

    numbers = ("omega_first", "omega_hidden", "spread", "first_bias")
    published: ClassVar = {
        "omega_first": 10.0,
        "omega_hidden": 10.0,
        "spread": 3.0,
        "first_bias": 1.0,
        "learning_rate": 5e-4,
    }

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``."""
        least = math.exp(-(self.spread**2))
        q = _finer_phase(u, self.omega).sin()
        return ((-((self.spread * q) ** 2)).exp() - least) / (1 - least)

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        slope, phase = _phase_and_slope(u, self.omega, self.gradient)
        q = sine(phase)
        least = math.exp(-(self.spread**2))
        h = (q * q).mul_(-(self.spread**2))
        h = exponential(h, out=h).sub_(least).mul_(1 / (1 - least))
        return h, (slope.mul_(q), phase)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """``-2 s^2 q`` times the Gaussian, the phase's cosine and its slope."""
        slope_q, phase = kept
        least = math.exp(-(self.spread**2))
        gaussian = h.add(least / (1 - least))
        return grad.mul_(gaussian).mul_(cosine(phase, out=phase)).mul_(slope_q).mul_(-2 * self.spread**2)


class GaborFiner(Rising):
    """``exp(i v q - abs(s q)^2)`` with ``q = sin(w (abs(z) + 1) z)`` of a complex ``z``; ``v`` is ``carrier``.

    Source: as ``GaussFiner``.
    """

    is_complex = True
    numbers = ("omega_first", "omega_hidden", "spread", "carrier", "first_bias")
    published: ClassVar = {
        "omega_first": 5.0,
        "omega_hidden": 5.0,
        "spread": 2.0,
        "carrier": 4.0,
        "first_bias": 1 / math.sqrt(3),
        "learning_rate": 5e-4,
    }

    @property
    def weight_omega(self) -> float:
        """Both omegas."""
        return self.omega * self.carrier

    def __call__(self, u: Float[Tensor, "n w"]) -> Float[Tensor, "n v"]:
        """See ``Activation``; the first layer's ``u`` is real, and then so is ``q``."""
        wave = self.carrier / self.spread
        if self.is_first:
            return _wave(self.spread * _finer_phase(u, self.omega).sin(), wave, real=True)
        real, imaginary = u.chunk(2, dim=1)
        # The root's slope at 0, in truth none, counts as 0.
        squared = real.square() + imaginary.square()
        size = torch.where(squared > 0, squared, 1).sqrt() * (squared > 0)
        factor = 1 + size / self.omega
        turn, rise = real * factor, (imaginary * factor).clamp(-_STEEPEST, _STEEPEST)
        q = torch.cat([turn.sin() * rise.cosh(), turn.cos() * rise.sinh()], dim=1)
        return _wave(self.spread * q, wave, real=False)

    def run(self, u: Float[Tensor, "n w"]) -> tuple[Float[Tensor, "n v"], Kept]:
        """See ``Activation``."""
        if self.is_first:
            slope, phase = _phase_and_slope(u, self.omega, self.gradient)
            v = sine(phase).mul_(self.spread)
            return _run_wave(v, self.carrier / self.spread, real=True), (v, slope, phase)
        real, imaginary = u.chunk(2, dim=1)
        size = real.square().addcmul_(imaginary, imaginary).sqrt_()
        factor = (size / self.omega).add_(1)
        turn = real * factor
        rise = (imaginary * factor).clamp_(-_STEEPEST, _STEEPEST)
        sin, cos = sine(turn), cosine(turn, out=turn)
        up = exponential(rise, out=rise)
        down = up.reciprocal()
        cosh, sinh = (up + down).mul_(0.5), up.sub_(down).mul_(0.5)
        v, slope = _by_columns(u), _by_columns(u)
        for whole, products in ((v, ((sin, cosh), (cos, sinh))), (slope, ((cos, cosh), (sin, sinh)))):
            for part, (one, other) in zip(whole.chunk(2, dim=1), products, strict=True):
                torch.mul(one, other, out=part)
        v.mul_(self.spread)
        return _run_wave(v, self.carrier / self.spread, real=False), (v, slope, u, size, factor)

    def back(self, h: Float[Tensor, "n v"], kept: Kept, grad: Float[Tensor, "n v"]) -> Float[Tensor, "n w"]:
        """Through the wave, the complex sine and the phase; ``detached`` without the slope of ``abs(z)``."""
        grad_q = _wave_back(kept[0], h, grad, self.carrier / self.spread, real=self.is_first).mul_(self.spread)
        if self.is_first:
            _, slope, phase = kept
            return grad_q.mul_(cosine(phase, out=phase)).mul_(slope)
        _, slope, u, size, factor = kept
        (real, imaginary), (along, across) = grad_q.chunk(2, dim=1), slope.chunk(2, dim=1)
        turn = (along * real).addcmul_(across, imaginary, value=-1)
        rise = (along * imaginary).addcmul_(across, real)
        gradient = _by_columns(u)
        parts = list(zip(gradient.chunk(2, dim=1), (turn, rise), u.chunk(2, dim=1), strict=True))
        for part, by_phase, _ in parts:
            torch.mul(by_phase, factor, out=part)
        if self.gradient == "exact":
            share = sum(by_phase * z for _, by_phase, z in parts) / size.clamp_min(1e-30).mul_(self.omega)
            for part, _, z in parts:
                part.addcmul_(share, z)
        return gradient


_STEEPEST = 20.0
"""Imaginary phases are cut off here: beyond, the wave is 0 to the last bit. So are arguments of sinh."""


def _finer_phase(u: Float[Tensor, "n w"], omega: float) -> Float[Tensor, "n w"]:
    """``w (abs(z) + 1) z`` for ``u = w z``."""
    return u + u * u.abs() / omega


def _phase_and_slope(u: Tensor, omega: float, gradient: FinerGradient) -> tuple[Tensor, Tensor]:
    """The slope that the gradient is to take in ``u``, and the phase, which overwrites ``u``."""
    slope = u.abs().mul_(1 / omega)
    phase = u.addcmul_(u, slope)
    return slope.mul_(2 if gradient == "exact" else 1).add_(1), phase


def _wave(u: Float[Tensor, "n w"], k: float, *, real: bool) -> Float[Tensor, "n v"]:
    """``exp(i k u - abs(u)^2)``: real and imaginary half, of a real ``u`` or of one in halves."""
    if real:
        size, turn = (-u.square()).exp(), k * u
    else:
        along, across = u.chunk(2, dim=1)
        size, turn = (-k * across - along.square() - across.square()).exp(), k * along
    return torch.cat([size * turn.cos(), size * turn.sin()], dim=1)


def _run_wave(u: Float[Tensor, "n w"], k: float, *, real: bool) -> Float[Tensor, "n v"]:
    """``_wave`` without a graph, by columns; ``u`` is left as it is."""
    along, across = (u, None) if real else u.chunk(2, dim=1)
    if across is None:
        size = along.square().neg_()
    else:
        size = (across * -k).addcmul_(across, across, value=-1).addcmul_(along, along, value=-1)
    size = exponential(size, out=size)
    turn = along * k
    h = _by_columns(u, 2 * along.shape[1])
    cos, sin = h.chunk(2, dim=1)
    torch.mul(sine(turn), size, out=sin)
    torch.mul(cosine(turn, out=turn), size, out=cos)
    return h


def _by_columns(like: Float[Tensor, "n v"], features: int | None = None) -> Float[Tensor, "n w"]:
    """Room for features of as many points, in memory as affine layers give them; by default for as many as there."""
    points, width = like.shape
    return like.new_empty(features or width, points).T


def _wave_back(u: Tensor, h: Tensor, grad: Tensor, k: float, *, real: bool) -> Float[Tensor, "n w"]:
    """The gradient of ``_wave`` in ``u``.

    With ``p = Re(h conj(grad))`` and ``q = Im(grad conj(h))`` it is ``k q - 2 u p`` in the real part of ``u``, and
    ``-(k + 2 u) p`` in the imaginary one.
    """
    half = h.shape[1] // 2
    a, b, grad_a, grad_b = h[:, :half], h[:, half:], grad[:, :half], grad[:, half:]
    p = (a * grad_a).addcmul_(b, grad_b)
    q = (a * grad_b).addcmul_(b, grad_a, value=-1)
    gradient = _by_columns(u)
    along = u if real else u[:, :half]
    torch.mul(q, k, out=gradient[:, :half]).addcmul_(along, p, value=-2)
    if not real:
        torch.mul(p, -k, out=gradient[:, half:]).addcmul_(u[:, half:], p, value=-2)
    return gradient
