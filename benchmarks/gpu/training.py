"""Training on a GPU: how long steps take, what they wait for, and what they say of their first losses."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import fastest, matrix_product_rate, synchronize
from fieldcore import Gaussian, Grid, evaluate, fit
from fieldcore.fields import kinds_for
from fieldcore.fields.field import Field
from fieldcore.fitting import Training
from fieldcore.images import write_image
from fieldcore.signals import Signal

from .setting import Setting, wavy_pixels

ARITHMETIC = {"fp32": ("float32", "highest"), "tf32": ("float32", "high"), "bf16": ("bfloat16", "high")}
"""Of the dense kinds: the recipe's precision, and what float32 products may be."""


def steps(setting: Setting) -> dict[str, Any]:
    """Milliseconds a step of every kind, of the publications' sizes where there is a publication."""
    picture = setting.picture()
    size = setting.pick(8192, 64)
    rates = {str(dtype): matrix_product_rate(dtype, setting.device, size) for dtype in (torch.float32, torch.bfloat16)}
    found: dict[str, Any] = {f"matrix products, {name}, TFLOP/s": rate / 1e12 for name, rate in rates.items()}
    for kind in kinds_for(2):
        if Training(setting.field(kind, picture.facts)).solved:
            found[f"{kind}, solved as a whole, ms"] = 1e3 * _seconds_to_solve(kind, setting, picture)
            continue
        for name, (precision, products) in ARITHMETIC.items():
            torch.set_float32_matmul_precision(products)
            field = setting.field(kind, picture.facts, precision=precision, points_per_step=100_000)
            found[f"{kind}, {name}, ms"] = 1e3 * _seconds_a_step(field, picture, setting.pick(20, 2))
    return found


def _seconds_a_step(field: Field, signal: Signal, count: int) -> float:
    taken = fit(field, signal)
    next(taken)
    seconds = fastest(lambda: [next(taken) for _ in range(count)], field.device, repeats=2)
    return seconds / count


def _seconds_to_solve(kind: str, setting: Setting, signal: Signal) -> float:
    fields = [setting.field(kind, signal.facts) for _ in range(3)]
    return fastest(lambda: list(fit(fields.pop(), signal)), setting.device, repeats=2)


def waits(setting: Setting) -> dict[str, Any]:
    """How often a step, and an evaluation, makes the processor wait for the GPU, and where.

    PyTorch warns of what it knows to wait. Reading a loss of some steps ago waits on purpose, and is not counted.
    """
    picture = setting.picture()
    grid = Grid.covering(picture.facts.half_extent, setting.pick(512, 16))
    found: dict[str, Any] = {}
    for kind in kinds_for(2):
        field = setting.field(kind, picture.facts, points_per_step=100_000)
        taken = fit(field, picture)
        for _ in range(setting.pick(60, 3)):
            last = next(taken)
            if last.stopped_by is not None:
                break
        if last.stopped_by is None:
            found[f"{kind}, a step"] = _waits_of(lambda taken=taken: next(taken), setting)  # type: ignore[misc]
        field.eval()
        for name, variance in (("unfiltered", 0.0), ("filtered", 1e-3)):
            work = lambda field=field, variance=variance: evaluate(field, grid, Gaussian(variance))  # noqa: E731
            work()
            found[f"{kind}, a picture {name}"] = _waits_of(work, setting)
    return found


def _waits_of(work: Callable[[], object], setting: Setting) -> dict[str, int] | str:
    if setting.device.type != "cuda":
        work()
        return "not on a GPU"
    synchronize(setting.device)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            work()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in warned if "synchron" in str(one.message)]
    return {place: places.count(place) for place in dict.fromkeys(places)} or {"none": 0}


def losses(setting: Setting) -> dict[str, Any]:
    """Whether the report of a training of a few steps, whose loss is still on its way, is JSON by the letter."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "waves.png"
        write_image(picture, wavy_pixels(setting.pick(64, 16)))
        command = ["fit", "picture", str(picture), "--kind", "spectral", "--steps", "5", "--json"]
        out = ["--device", setting.device.type, "--out", str(Path(folder) / "field.safetensors")]
        done = subprocess.run([sys.executable, "-m", "fieldcore", *command, *out], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"fit ended with code {done.returncode}: {done.stderr.strip()[-300:]}")
    told = json.loads(done.stdout.splitlines()[-1], parse_constant=_not_json)
    return {"valid JSON": True, "loss": told.get("loss")}


def _not_json(name: str) -> None:
    raise ValueError(f"fit --steps 5 --json prints {name}, which is no JSON")
