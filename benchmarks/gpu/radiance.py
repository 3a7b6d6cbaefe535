"""Radiance fields on a GPU: how long steps and pictures take, and how near unseen views come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.machine import fastest
from benchmarks.radiance import balls_on_a_floor
from fieldcore import Stop, build_field, fit, preset_recipe
from fieldcore.fields.networks import RADIANCE_ENCODINGS
from fieldcore.fields.radiance import Radiance
from fieldcore.views_scoring import mean_view_score, view_scores

from .setting import Setting


def radiance(setting: Setting) -> dict[str, Any]:
    """Milliseconds a step of every encoding, and of the grid the PSNR of unseen views and the time of one."""
    views = balls_on_a_floor(setting.pick(200, 12)).to(setting.device)
    views.prepare()
    found: dict[str, Any] = {}
    for encoding in RADIANCE_ENCODINGS:
        preset = "standard" if encoding == "grid" else "paper"
        recipe = preset_recipe("radiance", preset, views.facts).changed({"encoding": encoding}, "views")
        recipe = replace(recipe, points_per_step=setting.pick(4096, 32))
        if setting.small:
            recipe = recipe.changed({"width": 8, "finest_cells": 20, "occupancy_cells": 8, "intervals": 16}, "views")
        field = build_field(recipe, views.facts).to(setting.device)
        taken = fit(field, views)
        count = setting.pick(20, 1)
        for _ in range(setting.pick(60, 1)):
            next(taken)
        seconds = fastest(lambda taken=taken, count=count: [next(taken) for _ in range(count)], setting.device, 1)  # type: ignore[misc]
        found[f"{encoding}, a step, ms"] = 1e3 * seconds / count
        if encoding == "grid":
            found |= _as_seen(setting, field, views)
    return found


def _as_seen(setting: Setting, field: Any, views: Any) -> dict[str, Any]:
    """Of the grid, once it was trained for a while."""
    assert isinstance(field, Radiance)
    steps = setting.pick(400, 1)
    for _ in fit(field, views, stop=Stop(steps=steps)):
        pass
    camera = views.held_out[0].camera
    seconds = fastest(lambda: field.render(camera), setting.device, 2)
    score = mean_view_score(list(view_scores(field, views).values()))
    return {
        f"grid, unseen views after {steps} steps more, dB": score.psnr,
        f"grid, a view of {camera.width} x {camera.height}, ms": 1e3 * seconds,
    }
