"""Fields evaluated on a GPU: pictures, bakes, the exact surface along every ray, and the memory that takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.exact_surface import finding_surface
from app.scenes.shape.sight import Sight
from benchmarks.machine import fastest
from fieldcore import Gaussian, Grid, evaluate
from fieldcore.errors import InputError
from fieldcore.fields import kinds_for
from fieldcore.fields.field import Field
from fieldcore.signals import SignalFacts
from fieldcore.sphere_tracing import answered

from .setting import Setting


def _fields(setting: Setting, facts: SignalFacts) -> Iterator[tuple[str, Field]]:
    """One of each kind, so that those that come later are in the report without a word here."""
    for kind in kinds_for(len(facts.half_extent)):
        field = setting.field(kind, facts)
        yield f"{kind} ({field.recipe.preset})", field


def pictures(setting: Setting) -> dict[str, Any]:
    """Million points a second, unfiltered and with filters, of a picture of 1024 x 1024."""
    facts = setting.picture().facts
    grid = Grid.covering(facts.half_extent, setting.pick(1024, 16))
    found: dict[str, Any] = {}
    for name, field in _fields(setting, facts):
        for variance in (0.0, 1e-3):
            try:
                seconds = fastest(partial(evaluate, field, grid, Gaussian(variance)), setting.device, repeats=3)
            except InputError as error:
                found[f"{name}, variance {variance:g}"] = str(error)
            else:
                found[f"{name}, variance {variance:g}"] = grid.count / seconds / 1e6
    return found


def bakes(setting: Setting) -> dict[str, Any]:
    """Milliseconds of a whole bake."""
    shape, found = setting.shape(), {}
    grid = Grid.covering(shape.facts.half_extent, setting.pick(256, 8))
    for name, field in _fields(setting, shape.facts):

        def bake(field: Field = field) -> None:
            field.train()  # or it would keep what it looked up
            field.eval()
            evaluate(field, grid, Gaussian(1e-3))

        found[f"{name}, ms"] = 1e3 * fastest(bake, setting.device, repeats=2)
    return found


def surface(setting: Setting) -> dict[str, Any]:
    """Milliseconds until the surface is found along every ray, before it is lit."""
    shape, found = setting.shape(), {}
    size = (setting.pick(1920, 16), setting.pick(1080, 9))
    sight = Sight.of(ShapeControls(field=""))
    for name, field in _fields(setting, shape.facts):

        def distance(points: Tensor, field: Field = field) -> Tensor:
            with torch.no_grad():
                return field(points, None)[:, 0]

        def find(distance: Any = distance) -> None:
            answered(finding_surface(sight, size, device=setting.device), distance)

        found[f"{name}, ms"] = 1e3 * fastest(find, setting.device, repeats=1)
    return found


def memory(setting: Setting) -> dict[str, Any]:
    """The most memory that torch holds at once, in MB, while a picture of 2048 x 2048 is evaluated."""
    facts = setting.picture().facts
    grid = Grid.covering(facts.half_extent, setting.pick(2048, 16))
    found: dict[str, Any] = {}
    for name, field in _fields(setting, facts):
        if setting.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        evaluate(field, grid, Gaussian(1e-3))
        is_gpu = setting.device.type == "cuda"
        found[f"{name}, MB"] = torch.cuda.max_memory_allocated() / 2**20 if is_gpu else "not on a GPU"
    return found
