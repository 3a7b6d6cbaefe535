"""What the figures of a GPU are taken from; here with a stand-in for it, or on the processor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from preloaded import run_preloaded
from screen import ROOT, screen
from standin_cuda import StandInCuda, stand_in
from torch import Tensor, nn
from waves import Waves

import app.gl.handover
import app.work.delivery
from app.gl.cuda_runtime import CudaRuntime
from app.gl.handover import Interop
from app.gl.offscreen import Offscreen
from app.plane.compositor import PlaneCompositor
from app.plane.layers import Sources, evaluate_layers
from app.scenes.picture.controls import Controls
from benchmarks.window.gpu_figures import (
    REPEATS,
    UNCOUNTED,
    GpuFigures,
    handover_ms,
    spectral_final_ms,
    untrained_spectral,
    why_not_measured,
)
from benchmarks.window.percentiles import Percentiles
from fieldcore.filters import Gaussian

CPU = torch.device("cpu")
SurfaceOf = Callable[[int, int], Offscreen]


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> StandInCuda:
    """The stand-in as what draws, and page-locked memory as what there is."""
    cuda = stand_in(monkeypatch)
    monkeypatch.setattr(app.gl.handover, "connected", lambda context, device: Interop(context, CudaRuntime(cuda)))
    monkeypatch.setitem(app.work.delivery.DELIVERIES, "interop", lambda values: values)
    return cuda


def test_each_way_has_a_figure_or_a_reason(surface_of: SurfaceOf, joined: StandInCuda) -> None:
    figures, reasons = handover_ms(surface_of(8, 8).context, CPU, (64, 36))
    assert list(figures) == ["interop", "pinned", "plain"] and set(reasons) == {"pinned"}
    assert figures["interop"] > 0 and figures["plain"] > 0 and figures["pinned"] is None  # type: ignore[operator]
    handed_over = joined.calls.count("cudaMemcpyAsync")
    assert handed_over == UNCOUNTED + REPEATS + 2, "and twice in the self-check"
    assert not joined.resources


def test_a_way_that_fails_while_it_is_measured_has_no_figure(surface_of: SurfaceOf, joined: StandInCuda) -> None:
    def fail_later(memory: np.ndarray) -> None:
        if joined.calls.count("cudaMemcpyAsync") > 10:
            joined.failing.add("cudaGraphicsMapResources")

    joined.spoils = fail_later
    figures, reasons = handover_ms(surface_of(8, 8).context, CPU, (64, 36))
    assert figures["interop"] is None and reasons["interop"] == "cudaGraphicsMapResources: out of order (999)"
    assert figures["plain"] is not None


def test_what_is_timed_ends_with_the_final_picture(surface_of: SurfaceOf) -> None:
    surface, field, events = surface_of(96, 48), Waves(), 3
    times = spectral_final_ms(surface, field, events)
    assert 0 < times.p50 <= times.p95 <= times.p99
    variance = 10 ** (-5 + 3 * (UNCOUNTED + events - 1) / (UNCOUNTED + events))
    drawn = surface.pixels()
    controls = Controls(field="f", covariance=(variance, 0.0, variance))
    (stage,) = evaluate_layers(controls, Sources(field), (96, 48))
    scene = PlaneCompositor(surface.context)
    scene.show(stage.layers)
    scene.upload()
    surface.framebuffer.clear()
    scene.draw(surface.framebuffer, controls)
    assert np.array_equal(drawn, surface.pixels()) and np.ptp(drawn) > 100
    scene.release()


class Broken(Waves):
    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        raise ValueError("no values today")


def test_a_worker_that_fails_gives_no_figure(surface_of: SurfaceOf) -> None:
    with pytest.raises(RuntimeError, match="no values today"):
        spectral_final_ms(surface_of(16, 8), Broken())


def test_the_untrained_field_is_of_the_publications_size_and_always_the_same() -> None:
    one, other = untrained_spectral(CPU), untrained_spectral(CPU)
    layers = [layer for layer in one.modules() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in layers] == [(1024, 1024)] * 3 + [(1024, 3)]
    for first, second in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(first, second)


def test_without_cuda_there_is_a_sentence_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert why_not_measured(CPU) == "no CUDA device: hand-over not measured"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert why_not_measured(CPU) == "evaluating on cpu: hand-over not measured"
    assert why_not_measured(torch.device("cuda")) == ""


def test_the_object_has_null_where_the_text_has_a_reason() -> None:
    figures = GpuFigures(
        {"interop": None, "pinned": 3.25, "plain": 11.5}, Percentiles(20.0, 30.0, 40.0), {"interop": "another GPU"}
    )
    assert json.loads(json.dumps(figures.keys)) == {
        "handover_ms": {"interop": None, "pinned": 3.25, "plain": 11.5},
        "spectral_1080p_final_ms": {"p50": 20.0, "p95": 30.0, "p99": 40.0},
    }
    rows = [row.split() for row in figures.table().splitlines()]
    assert rows == [
        ["handover_ms", "interop", "none", "pinned", "3.25", "plain", "11.50"],
        ["spectral_1080p_final_ms", "p50", "20.00", "p95", "30.00", "p99", "40.00"],
        ["interop", "not", "measured", "another", "GPU"],
    ]
    missing = GpuFigures({"plain": 1.0}, None, {"spectral_1080p_final_ms": "too small"})
    assert missing.keys["spectral_1080p_final_ms"] is None
    assert missing.table().splitlines()[1].split() == ["spectral_1080p_final_ms", "not", "measured", "too", "small"]


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_command_without_a_window(surface_of: SurfaceOf, flags: list[str]) -> None:
    surface_of(8, 8)
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    result = run_preloaded(["-m", "benchmarks.handover", *flags], cwd=ROOT, env=environment)
    assert result.returncode == 0, result.stderr
    keys = {"handover_ms", "spectral_1080p_final_ms"}
    there = set(json.loads(result.stdout)) & keys if flags else {key for key in keys if key in result.stdout}
    assert there == (keys if torch.cuda.is_available() else set())
    if not flags and not torch.cuda.is_available():
        assert result.stdout.splitlines()[-1] == "no CUDA device: hand-over not measured"


def test_in_a_window(tmp_path: Path) -> None:
    """As the benchmark does it, with a field and a size that a processor can fill."""
    program = (
        "import json, sys, torch\n"
        "from pathlib import Path\n"
        "from waves import COLOUR_FACTS\n"
        "from benchmarks.window.benchmark import Bench, open_instrument, open_session\n"
        "from app.layout_file import Layout\n"
        "from fieldcore.fields import build_field, preset_recipe\n"
        "field = build_field(preset_recipe('pyramid', 'picture', COLOUR_FACTS), COLOUR_FACTS)\n"
        "layout = Layout(view_window=(0, 0, 200, 200))\n"
        "with open_session(layout, torch.device('cpu'), Path(sys.argv[1])) as session:\n"
        "    with open_instrument(session) as instrument:\n"
        "        figures = Bench(instrument, patience=100.0).run_on_gpu(field, (320, 180))\n"
        "        print(json.dumps([session.framebuffer_px, figures.keys, figures.reasons]))\n"
    )
    with screen() as display:
        environment = {
            **os.environ, "DISPLAY": display, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}",
            "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path),
        }  # fmt: skip
        result = run_preloaded(["-c", program, str(tmp_path)], env=environment)
    assert result.returncode == 0, result.stderr
    size, figures, reasons = json.loads(result.stdout.splitlines()[-1])
    assert size == [320, 180]
    assert figures["handover_ms"]["plain"] > 0 and figures["handover_ms"]["interop"] is None
    assert figures["spectral_1080p_final_ms"]["p50"] > 0
    assert set(reasons) == {"interop", "pinned"}
