"""Figures of a GPU, without a window: values handed to OpenGL in each way, and a large field to its final picture.

    python -m benchmarks.handover [--json]

``fieldscope --benchmark`` prints the same keys, measured in real windows. Draws through EGL, on the GPU where its
driver is installed; where OpenGL draws in software, only the ways that copy are there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
import tyro

from app.gl.offscreen import offscreen
from benchmarks.machine import machine_description
from benchmarks.window.gpu_figures import (
    FULL_HD,
    GpuFigures,
    handover_ms,
    spectral_final_ms,
    untrained_spectral,
    why_not_measured,
)
from fieldcore.command import run_command
from fieldcore.devices import choose_device


@dataclass(frozen=True)
class Options:
    """Measure how values of a GPU come to OpenGL."""

    json: bool = False
    """Print one JSON object."""


def main() -> int:
    """Measure and print; returns the exit code."""
    options = tyro.cli(Options)
    return run_command(lambda: _run(options.json))


def _run(as_json: bool) -> None:
    device = choose_device("auto")
    with offscreen(FULL_HD) as surface:
        missing = why_not_measured(device)
        figures = None
        if not missing:
            ways, reasons = handover_ms(surface.context, device)
            figures = GpuFigures(ways, spectral_final_ms(surface, untrained_spectral(device)), reasons)
        renderer = surface.renderer
    if as_json:
        described = {"machine": machine_description(), "renderer": renderer, "device": _name(device)}
        print(json.dumps({**described, **(figures.keys if figures else {})}))
    else:
        print(f"Machine: {machine_description()}\nOpenGL: {renderer}\n{figures.table() if figures else missing}")


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


if __name__ == "__main__":
    raise SystemExit(main())
