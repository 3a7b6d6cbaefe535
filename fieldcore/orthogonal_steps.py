"""Optimisers that treat a square matrix as one: Muon's steps are orthogonal, SOAP is Adam in the gradient's eigenbasis.

Sources: K. Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024; N. Vyas et al., SOAP:
Improving and Stabilizing Shampoo using Adam, 2024, arXiv 2409.11321. For neural fields: J. McGinnis et al., Optimizing
Rank for High-Fidelity Implicit Neural Representations, arXiv 2512.14366.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

MatrixRule = Literal["muon", "soap"]

_MOMENTUM = 0.95
_QUINTIC = (3.4445, -4.7750, 2.0315)
_NEWTON_SCHULZ_STEPS = 5
_BASIS_RATE = 0.95
_BASIS_EVERY = 10
_EPSILON = 1e-8


class OrthogonalSteps(torch.optim.Optimizer):
    """Muon or SOAP for square matrices, Adam for all others.

    Args:
        matrices: (n, n) or (m, n, n) parameters, each of whose (n, n) is stepped by ``rule``.
        others: parameters for Adam.
        rule: for the matrices.
        lr: learning rate of both.
        betas: Adam's decay rates, and SOAP's.
        others_scale: what the learning rate is multiplied by for the others.
    """

    def __init__(
        self,
        matrices: Sequence[nn.Parameter],
        others: Sequence[nn.Parameter],
        rule: MatrixRule,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        others_scale: float = 1.0,
    ) -> None:
        groups: list[dict[str, Any]] = [{"params": list(others), "rule": "adam", "scale": others_scale}]
        if matrices:
            groups.append({"params": list(matrices), "rule": rule, "scale": 1.0})
        super().__init__(groups, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step of every parameter that has a gradient."""
        for group in self.param_groups:
            rule = _RULES[group["rule"]]
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state = self.state[parameter]
                    state["step"] = state.get("step", torch.zeros(())) + 1
                    parameter.sub_(group["lr"] * rule(parameter.grad, state, group["betas"]))


def orthogonalised(G: Float[Tensor, "*b n n"]) -> Float[Tensor, "*b n n"]:
    """A matrix with the singular vectors of ``G`` whose singular values are near 1, between 0.7 and 1.2.

    Five steps of ``X <- a X + (b A + c A^2) X`` with ``A = X X^T``.
    """
    a, b, c = _QUINTIC
    X = G / (torch.linalg.matrix_norm(G, keepdim=True) + 1e-7)
    for _ in range(_NEWTON_SCHULZ_STEPS):
        A = X @ X.mT
        X = a * X + (b * A + c * A @ A) @ X
    return X


def _muon(grad: Tensor, state: dict[str, Any], betas: tuple[float, float]) -> Tensor:
    """Momentum with a look-ahead, made orthogonal; entries have the size of the learning rate."""
    momentum = state.setdefault("momentum", torch.zeros_like(grad))
    momentum.mul_(_MOMENTUM).add_(grad)
    return orthogonalised(grad + _MOMENTUM * momentum) * math.sqrt(grad.shape[-1])


def _adam(grad: Tensor, state: dict[str, Any], betas: tuple[float, float]) -> Tensor:
    first = state.setdefault("first", torch.zeros_like(grad))
    second = state.setdefault("second", torch.zeros_like(grad))
    first.lerp_(grad, 1 - betas[0])
    second.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    step = float(state["step"])
    size = (second / (1 - betas[1] ** step)).sqrt_().add_(_EPSILON)
    return first / (1 - betas[0] ** step) / size


def _soap(grad: Tensor, state: dict[str, Any], betas: tuple[float, float]) -> Tensor:
    """Adam in the eigenbases of the running ``G G^T`` and ``G^T G``, which are refreshed by one QR every ten steps."""
    left, right = grad @ grad.mT, grad.mT @ grad
    if "left_basis" not in state:
        state["left"], state["right"] = (1 - _BASIS_RATE) * left, (1 - _BASIS_RATE) * right
        for side in ("left", "right"):
            state[f"{side}_basis"] = torch.linalg.eigh(state[side])[1].contiguous()
        return torch.zeros_like(grad)  # as published: the first gradient only finds the bases
    state["left"].lerp_(left, 1 - _BASIS_RATE)
    state["right"].lerp_(right, 1 - _BASIS_RATE)
    left_basis, right_basis = state["left_basis"], state["right_basis"]
    step = _adam(left_basis.mT @ grad @ right_basis, state, betas)
    step = left_basis @ step @ right_basis.mT
    if int(state["step"]) % _BASIS_EVERY == 0:
        _refresh_bases(state)
    return step


def _refresh_bases(state: dict[str, Any]) -> None:
    """Turn the bases towards the running products' eigenvectors, and the first moment with them."""
    bases = {}  # contiguous, as they come out of a file: products of what lies otherwise differ in the last bit
    for side in ("left", "right"):
        bases[side] = torch.linalg.qr(state[side] @ state[f"{side}_basis"])[0].contiguous()
    if "first" in state:
        original = state["left_basis"] @ state["first"] @ state["right_basis"].mT
        state["first"] = bases["left"].mT @ original @ bases["right"]
    state["left_basis"], state["right_basis"] = bases["left"], bases["right"]


_RULES: dict[str, Callable[[Tensor, dict[str, Any], tuple[float, float]], Tensor]] = {
    "adam": _adam,
    "muon": _muon,
    "soap": _soap,
}
