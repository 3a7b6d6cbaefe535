"""Surfaces from photographs on a GPU: how long hull, steps and pictures take, and how near unseen views come."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.machine import fastest
from benchmarks.radiance import balls_on_a_floor
from fieldcore import Stop, build_field, fit, preset_recipe
from fieldcore.fields.surface import Surface
from fieldcore.views_scoring import mean_view_score, view_scores

from .setting import Setting


def surface(setting: Setting) -> dict[str, Any]:
    """Seconds of the hull, milliseconds a step, the PSNR of unseen views by then, and the time of one."""
    views = balls_on_a_floor(setting.pick(256, 16), masks=True).to(setting.device)
    views.prepare()
    started = time.perf_counter()
    views.hull()
    found: dict[str, Any] = {"hull, s": time.perf_counter() - started}
    changes = {"finest_cells": setting.pick(256, 32), "points_per_step": setting.pick(4096, 32)}
    field = build_field(preset_recipe("surface", "preview", views.facts).changed(changes, "views"), views.facts)
    field = field.to(setting.device)
    assert isinstance(field, Surface)
    taken = fit(field, views)
    count = setting.pick(50, 1)
    for _ in range(setting.pick(100, 1)):
        next(taken)
    seconds = fastest(lambda: [next(taken) for _ in range(count)], setting.device, 1)
    steps = setting.pick(600, 1)
    for _ in fit(field, views, stop=Stop(steps=steps)):
        pass
    score = mean_view_score(list(view_scores(field, views).values()))
    camera = views.held_out[0].camera
    pictured = fastest(lambda: field.render(camera), setting.device, 2)
    return {
        **found,
        "a step, ms": 1e3 * seconds / count,
        f"unseen views after {steps} steps more, dB": score.psnr,
        f"a view of {camera.width} x {camera.height}, ms": 1e3 * pictured,
    }
