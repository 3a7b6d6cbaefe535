"""What the arithmetic of a GPU does to what a method rests on: orthogonal maps, and normals of distances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.lipschitz import ORTHOGONAL_MAPS, LipschitzNetwork
from fieldcore.fitting import Stop, fit
from fieldcore.progress_lines import hide_progress_lines

from .setting import Setting

_NORMAL_STEP = 2e-3


def orthogonality(setting: Setting) -> dict[str, Any]:
    """How far the maps' results are from orthogonal, and how far the layers' bound is passed, in either arithmetic.

    A network is asked with TF32 switched on by its caller: it must keep to float32 all the same.
    """
    found: dict[str, Any] = {}
    width = setting.pick(256, 16)
    angles = torch.rand(width, width, generator=torch.Generator().manual_seed(0)).to(setting.device)
    skew = (angles - angles.mT) / 2
    for tf32 in (False, True):
        name = "with TF32 allowed" if tf32 else "float32"
        with _tf32(tf32):
            maps = {f"{map_name} |QQ' - I|": _distance(act(skew)) for map_name, act in ORTHOGONAL_MAPS.items()}
            found[name] = {**maps, **{f"network, {m}": _bound_passed(m, width, setting) for m in ORTHOGONAL_MAPS}}
    return found


@torch.no_grad()
def _bound_passed(orthogonal_map: Any, width: int, setting: Setting) -> float:
    """By how much the largest singular value of any layer is larger than the largest ``sigmoid(s)`` of it."""
    network = LipschitzNetwork(width, 3, orthogonal_map, torch.Generator().manual_seed(0)).to(setting.device)
    W, _ = network.weights()
    with _tf32(False):
        largest = torch.linalg.matrix_norm(W.double(), 2)
    return float((largest - network.s.sigmoid().amax(1).double()).max())


def _distance(Q: Float[Tensor, "n n"]) -> float:
    return float((Q.double() @ Q.double().mT - torch.eye(len(Q), device=Q.device)).abs().max())


@contextmanager
def _tf32(allowed: bool) -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def normals(setting: Setting) -> dict[str, Any]:
    """By how many degrees normals of a trained distance field turn, as it is evaluated and in float16, from float64."""
    hide_progress_lines()
    shape = setting.shape()
    changes: dict[str, Any] = {"width": setting.pick(128, 16)}
    recipe = replace(preset_recipe("spectral", "preview", shape.facts), **changes)
    field = build_field(recipe, shape.facts).to(setting.device)
    for _ in fit(field, shape, stop=Stop(steps=setting.pick(400, 2))):
        pass
    generator = torch.Generator().manual_seed(0)
    x = (2 * torch.rand(setting.pick(20_000, 50), 3, generator=generator) - 1).to(setting.device)
    exact = _normals(field.double(), x.double())
    field = field.float().eval()
    found = {"as it is evaluated": _turned(_normals(field, x), exact)}
    with torch.autocast(setting.device.type, torch.float16):
        found["in float16"] = _turned(_normals(field, x), exact)
    return {
        name: {f"{share:.0%} turn by less, degrees": v for share, v in turns.items()} for name, turns in found.items()
    }


@torch.no_grad()
def _normals(field: Any, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """By central differences, as the tracer takes them."""
    steps = _NORMAL_STEP * torch.eye(3, device=x.device, dtype=x.dtype)
    rises = [field(x + step)[:, 0].double() - field(x - step)[:, 0].double() for step in steps]
    return torch.nn.functional.normalize(torch.stack(rises, -1), dim=-1)


def _turned(normals: Float[Tensor, "n 3"], exact: Float[Tensor, "n 3"]) -> dict[float, float]:
    degrees = torch.rad2deg(2 * torch.asin((normals - exact).norm(dim=-1).clamp_max(2) / 2))
    return {share: float(degrees.quantile(share)) for share in (0.5, 0.95)}
