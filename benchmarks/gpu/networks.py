"""Coordinate networks and integral fields on a GPU: steps and kernels of networks, kernels of any size."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.machine import fastest
from fieldcore import Grid, Kernel, Profile, build_field, evaluate, fit
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.networks import ACTIVATIONS
from fieldcore.signals import SignalFacts
from fieldcore.tangent_kernel import tangent_kernel

from .setting import Setting


def networks(setting: Setting) -> dict[str, Any]:
    """Milliseconds a step with all pixels, 4 x 256, and of the kernel of 1024 points, of every activation."""
    picture, found = setting.picture(), {}
    points = Grid.covering(picture.facts.half_extent, setting.pick(32, 4)).points(0, setting.pick(1024, 16))
    for activation in ACTIVATIONS:
        field = _network(activation, setting, picture.facts)
        taken = fit(field, picture)
        next(taken)
        count = setting.pick(10, 2)
        seconds = fastest(lambda taken=taken, count=count: [next(taken) for _ in range(count)], setting.device, 2)  # type: ignore[misc]
        found[f"{activation}, a step, ms"] = 1e3 * seconds / count
        x = points.to(setting.device)
        kernel = fastest(lambda field=field, x=x: tangent_kernel(field, x), setting.device, 2)  # type: ignore[misc]
        found[f"{activation}, its kernel, ms"] = 1e3 * kernel
    return found


def _network(activation: str, setting: Setting, facts: SignalFacts) -> Coordinate:
    changes = {"activation": activation, "width": setting.pick(256, 8), "points_per_step": 0}
    field = build_field(setting.recipe("coordinate", facts).changed(changes, facts.type), facts).to(setting.device)
    assert isinstance(field, Coordinate)
    return field


def kernels(setting: Setting) -> dict[str, Any]:
    """Milliseconds of a picture under kernels of any size: one for all points, and another one at every point."""
    picture, found = setting.picture(), {}
    field = setting.field("integral", picture.facts)
    list(fit(field, picture))
    grid = Grid.covering(picture.facts.half_extent, setting.pick(512, 16))
    sizes = torch.linspace(0.01, 0.2, grid.count, dtype=torch.float64, device=setting.device)[:, None]
    for name, profile in (("box", Profile.box()), ("tent", Profile.tent()), ("quadratic", Profile.quadratic())):
        shared, varying = Kernel(profile, 0.05), Kernel(profile, sizes)
        for words, kernel in (("for all points", shared), ("of another size at every point", varying)):
            work = lambda kernel=kernel: evaluate(field, grid, kernel)  # noqa: E731
            work()
            found[f"{name} {words}, ms"] = 1e3 * fastest(work, setting.device, 2)
    return found
