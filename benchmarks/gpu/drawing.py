"""OpenGL beside CUDA: values handed from one to the other, and the fly-through drawn by the GPU itself."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from app.gl.offscreen import Offscreen, is_software, offscreen
from app.path.path_file import read_path
from app.resources import asset_path
from app.scenes.textured_mesh.controls import Shading, TexturedMeshControls
from app.scenes.textured_mesh.open_model import TexturedMeshSubject
from app.scenes.textured_mesh.renderer import TexturedMeshRenderer
from app.work.asking import EvaluateHere
from app.work.slices import completed
from benchmarks.machine import synchronize
from benchmarks.window.gpu_figures import FULL_HD, handover_ms, spectral_final_ms, untrained_spectral
from fieldcore.models import load_model
from fieldcore.signals.texture import Texture

from .setting import Setting

_WAYS: tuple[Shading, ...] = ("single", "mipmap", "anisotropic", "supersampled", "neural", "shader")


def handover(setting: Setting) -> dict[str, Any]:
    """Milliseconds from a tensor to the texture that shows it, each way, and from a slider to a final picture."""
    size = (64, 36) if setting.small else FULL_HD
    with offscreen(size) as surface:
        ways, reasons = handover_ms(surface.context, setting.device, size)
        field = setting.field("spectral", setting.picture().facts) if setting.small else None
        final = spectral_final_ms(surface, field or untrained_spectral(setting.device), setting.pick(20, 1))
        return {
            "drawn by": _renderer(surface),
            **{f"{way}, ms": ms if ms is not None else reasons.get(way, "none") for way, ms in ways.items()},
            "spectral at 1080p, slider to final picture, ms": vars(final),
        }


def flight(setting: Setting) -> dict[str, Any]:
    """Frames a second of the shipped flight, by each way of shading."""
    size = (64, 36) if setting.small else FULL_HD
    path = read_path(asset_path("flight.json"))
    assert isinstance(path.still, TexturedMeshControls)
    model = load_model(asset_path("fish.glb"))
    field = setting.field("pyramid", Texture.of(model).facts)
    found: dict[str, Any] = {}
    with offscreen(size) as surface:
        found["drawn by"] = _renderer(surface)
        renderer, subject = TexturedMeshRenderer(surface.context, EvaluateHere()), TexturedMeshSubject(model, field)
        motion, moments = path, path.frame_times()[: setting.pick(30, 1)]
        for name in _WAYS:
            started = 0.0
            for number, moment in enumerate((moments[0], *moments)):  # the first one is not counted
                if number == 1:
                    _settle(setting, surface)
                    started = time.perf_counter()
                samples = setting.pick(motion.at(moment).samples, 1)
                controls = replace(motion.at(moment), layout="one", left=name, samples=samples)
                completed(renderer.draw(subject, controls, surface.framebuffer))
            _settle(setting, surface)
            found[f"{name}, frames a second"] = len(moments) / (time.perf_counter() - started)
        renderer.release()
    return found


def _settle(setting: Setting, surface: Offscreen) -> None:
    synchronize(setting.device)
    surface.context.finish()


def _renderer(surface: Offscreen) -> str:
    return f"{surface.renderer}{', in software' if is_software(surface.renderer) else ''}"
