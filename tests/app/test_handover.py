"""Handing values to OpenGL, with a stand-in for the CUDA runtime; the last tests take the real one, where it is."""

from __future__ import annotations

import _ctypes
import ctypes
import json
import os
from collections.abc import Callable
from pathlib import Path

import moderngl
import numpy as np
import pytest
import torch
from driving import document_of, ignore, watched_engine
from preloaded import run_preloaded
from screen import ROOT, screen
from standin_cuda import PROTOTYPES, StandInCuda, stand_in
from torch import Tensor
from waves import COLOUR_FACTS, Waves

import app.gl.cuda_runtime
import app.gl.handover
import app.work.delivery
from app.gl.cuda_runtime import CudaError, CudaRuntime, already_loaded, runtime_libraries
from app.gl.handover import Handover, Interop, connected
from app.gl.offscreen import Offscreen
from app.plane.compositor import PlaneCompositor
from app.plane.layers import Layer, Sources, evaluate_layers
from app.plane.renderer import PlaneRenderer
from app.plane.request import PlaneRequest
from app.record.frame_renderer import whole
from app.scenes.picture.controls import Controls
from app.work.asking import EvaluateHere
from app.work.delivery import DELIVERIES, WAYS, Way
from app.work.engine import Evaluated
from fieldcore.evaluation import Grid, evaluate

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
WRITING = (
    "cudaGraphicsMapResources",
    "cudaGraphicsResourceGetMappedPointer",
    "cudaMemcpyAsync",
    "cudaGraphicsUnmapResources",
)
SurfaceOf = Callable[[int, int], Offscreen]


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> StandInCuda:
    return stand_in(monkeypatch)


@pytest.fixture
def surface(surface_of: SurfaceOf) -> Offscreen:
    return surface_of(96, 48)


@pytest.fixture
def joined(cuda: StandInCuda, monkeypatch: pytest.MonkeyPatch) -> StandInCuda:
    """The stand-in as what draws, with values on it, though they are on the processor."""
    monkeypatch.setattr(app.gl.handover, "connected", lambda context, device: Interop(context, CudaRuntime(cuda)))
    return cuda


def random_values(width: int, height: int, channels: int = 3) -> Tensor:
    return torch.randn(height, width, channels, generator=torch.Generator().manual_seed(width))


def texture_for(context: moderngl.Context, values: Tensor) -> moderngl.Texture:
    height, width, channels = values.shape
    return context.texture((width, height), channels, dtype="f4")


def read(texture: moderngl.Texture) -> np.ndarray:
    return np.frombuffer(texture.read(), np.float32).reshape(texture.height, texture.width, -1)


# The hand-over itself


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (123, 77)])
def test_every_bit_arrives_and_the_buffer_is_opengls_again_before_it_is_read(
    surface: Offscreen, cuda: StandInCuda, size: tuple[int, int], channels: int
) -> None:
    interop, values = Interop(surface.context, CudaRuntime(cuda)), random_values(*size, channels)
    texture = texture_for(surface.context, values)
    interop.write(values, texture)
    assert np.array_equal(read(texture), values.numpy())
    assert cuda.calls == ["cudaGraphicsGLRegisterBuffer", *WRITING] and not cuda.mapped
    interop.release()
    texture.release()


def test_more_values_take_a_new_buffer_and_fewer_the_same(surface: Offscreen, cuda: StandInCuda) -> None:
    interop = Interop(surface.context, CudaRuntime(cuda))
    for size, registered in (((16, 8), 1), ((4, 8), 1), ((16, 8), 1), ((17, 8), 2), ((16, 8), 2), ((40, 30), 3)):
        values = random_values(*size)
        texture = texture_for(surface.context, values)
        interop.write(values, texture)
        assert np.array_equal(read(texture), values.numpy())
        assert cuda.calls.count("cudaGraphicsGLRegisterBuffer") == registered
        assert len(cuda.resources) == 1, "an old buffer is forgotten by CUDA"
        texture.release()
    interop.release()


def test_releasing_leaves_nothing_behind(surface: Offscreen, cuda: StandInCuda) -> None:
    interop, values = Interop(surface.context, CudaRuntime(cuda)), random_values(8, 8)
    texture = texture_for(surface.context, values)
    interop.write(values, texture)
    (buffer,) = cuda.buffers.values()
    interop.release()
    interop.release()
    assert cuda.calls.count("cudaGraphicsUnregisterResource") == 1
    assert not cuda.resources and isinstance(buffer.mglo, moderngl.InvalidObject)
    texture.release()


@pytest.mark.parametrize("function", [*WRITING, "cudaGraphicsGLRegisterBuffer", "cudaGraphicsUnregisterResource"])
def test_whatever_fails_is_said_once_and_pictures_go_on_through_a_copy(
    surface: Offscreen, joined: StandInCuda, function: str
) -> None:
    notices: list[str] = []
    handover = Handover(surface.context, CPU, notify=notices.append)
    assert (handover.way, handover.refused) == ("interop", {})
    joined.failing.add(function)
    values = random_values(64, 48)  # more than the self-check's, so that it registers again
    texture = texture_for(surface.context, values)
    left = handover.write(values, texture)
    assert left is not None and np.array_equal(left, values.numpy())
    assert handover.way == "pinned" and handover.refused["interop"] == f"{function}: out of order (999)"
    assert notices == [f"from now on pictures take a copy from the GPU to OpenGL ({handover.refused['interop']})"]
    assert joined.last_error == 0, "torch must not find it"
    before = list(joined.calls)
    for _ in range(3):
        assert handover.write(values, texture) is not None
    assert joined.calls == before and len(notices) == 1
    assert not joined.resources or function == "cudaGraphicsUnregisterResource"
    handover.release()
    texture.release()


def test_a_buffer_too_small_on_cudas_side_is_not_overrun(
    surface: Offscreen, joined: StandInCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    handover = Handover(surface.context, CPU)
    monkeypatch.setattr(
        Interop, "_room_for", lambda self, size: (self._buffer, self._resource)
    )  # which the self-check's values have filled
    values = random_values(64, 48)
    texture = texture_for(surface.context, values)
    copies = joined.calls.count("cudaMemcpyAsync")
    assert handover.write(values, texture) is not None
    assert "bytes for CUDA" in handover.refused["interop"] and joined.calls.count("cudaMemcpyAsync") == copies
    handover.release()
    texture.release()


@pytest.mark.parametrize("spoiled", [0, 1, 419])
def test_a_self_check_that_reads_other_bits_ends_in_a_copy_without_a_word(
    surface: Offscreen, joined: StandInCuda, spoiled: int
) -> None:
    def flip_a_bit(memory: np.ndarray) -> None:
        memory[spoiled] ^= 1

    joined.spoils = flip_a_bit
    notices: list[str] = []
    handover = Handover(surface.context, CPU, notify=notices.append)
    assert handover.way in ("pinned", "plain") and not notices and not joined.resources
    assert handover.refused["interop"] == "OpenGL reads other values than CUDA wrote"


def test_a_self_check_sees_values_that_stay(surface: Offscreen, joined: StandInCuda) -> None:
    first: list[np.ndarray] = []

    def keep_the_first(memory: np.ndarray) -> None:
        first.append(memory.copy())
        memory[:] = first[0]

    joined.spoils = keep_the_first
    assert "other values" in Handover(surface.context, CPU).refused["interop"]


@pytest.mark.parametrize("function", [*WRITING, "cudaGraphicsGLRegisterBuffer"])
def test_a_self_check_that_fails_ends_in_a_copy_without_a_word(
    surface: Offscreen, joined: StandInCuda, function: str
) -> None:
    joined.failing.add(function)
    notices: list[str] = []
    handover = Handover(surface.context, CPU, notify=notices.append)
    assert handover.way != "interop" and function in handover.refused["interop"] and not notices
    assert not joined.resources and joined.last_error == 0


def test_values_that_the_gpu_does_not_give_any_more_do_not_end_the_loop(surface: Offscreen) -> None:
    notices: list[str] = []
    handover = Handover(surface.context, CPU, notify=notices.append)
    gone = torch.empty(4, 6, 3, device="meta")  # which cannot be copied from
    left = handover.write(gone, texture_for(surface.context, gone))
    assert left is not None and left.shape == (4, 6, 3) and not left.any()
    assert len(notices) == 1 and "start the program again" in notices[0]


# Which way there is


def test_on_a_processor_values_are_copied(surface: Offscreen) -> None:
    handover = Handover(surface.context, CPU)
    assert handover.way == "plain" and set(handover.refused) == {"interop", "pinned"}


@pytest.mark.parametrize("way", ["pinned", "plain"])
def test_a_way_that_was_not_asked_for_is_not_tried(surface: Offscreen, joined: StandInCuda, way: Way) -> None:
    handover = Handover(surface.context, CPU, way)
    assert handover.way == "plain" and "interop" not in handover.refused and not joined.calls


def test_another_drivers_opengl_is_refused_before_cuda_is_asked(
    surface: Offscreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = {"GL_VENDOR": "Mesa", "GL_RENDERER": "llvmpipe (LLVM 15.0.6, 256 bits)"}
    monkeypatch.setattr(moderngl.Context, "info", driver)
    monkeypatch.setattr(app.gl.handover, "loaded_runtime", lambda: pytest.fail("CUDA was asked"))
    with pytest.raises(CudaError, match="OpenGL is not the CUDA device's own: llvmpipe"):
        connected(surface.context, CUDA)


@pytest.mark.parametrize(
    ("drawing", "computing", "device"), [([1], 0, "cuda"), ([], 0, "cuda"), ([0], 1, "cuda"), ([0, 1], 0, "cuda:1")]
)
def test_another_gpu_is_refused(
    surface: Offscreen,
    cuda: StandInCuda,
    monkeypatch: pytest.MonkeyPatch,
    drawing: list[int],
    computing: int,
    device: str,
) -> None:
    on_nvidia(cuda, monkeypatch)
    cuda.devices = drawing
    monkeypatch.setattr(torch.cuda, "current_device", lambda: computing)
    with pytest.raises(CudaError, match="another GPU"):
        connected(surface.context, torch.device(device))


def test_the_gpu_that_draws_is_taken(surface: Offscreen, cuda: StandInCuda, monkeypatch: pytest.MonkeyPatch) -> None:
    on_nvidia(cuda, monkeypatch)
    cuda.devices = [2, 0]
    interop, values = connected(surface.context, CUDA), random_values(9, 4)
    texture = texture_for(surface.context, values)
    interop.write(values, texture)
    assert np.array_equal(read(texture), values.numpy())
    interop.release()
    texture.release()


def on_nvidia(cuda: StandInCuda, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = {"GL_VENDOR": "NVIDIA Corporation", "GL_RENDERER": "NVIDIA"}
    monkeypatch.setattr(moderngl.Context, "info", driver)
    monkeypatch.setattr(app.gl.handover, "loaded_runtime", lambda: CudaRuntime(cuda))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: None)


def test_a_context_that_is_not_cudas_is_refused(cuda: StandInCuda) -> None:
    cuda.failing.add("cudaGLGetDevices")
    with pytest.raises(CudaError, match=r"cudaGLGetDevices: out of order \(999\)"):
        CudaRuntime(cuda).drawing_devices()
    assert cuda.last_error == 0


# Finding the library


def test_the_runtime_is_the_one_that_is_mapped_of_torchs_version() -> None:
    rows = [
        "7f01-7f02 r--p 00000000 08:01 11   /opt/my env/nvidia/cuda_runtime/lib/libcudart.so.12",
        "7f02-7f03 r-xp 00001000 08:01 11   /opt/my env/nvidia/cuda_runtime/lib/libcudart.so.12",
        "7f03-7f04 r-xp 00000000 08:01 12   /opt/old/torch/lib/libcudart-d0da41ae.so.11.0",
        "7f04-7f05 r-xp 00000000 08:01 13   /usr/local/cuda/lib64/libcudart.so.12.4.127",
        "7f05-7f06 r-xp 00000000 08:01 14   /gone/libcudart.so.12 (deleted)",
        "7f06-7f07 r-xp 00000000 08:01 15   /usr/lib/libcudart_static_not.so.12",
        "7f07-7f08 rw-p 00000000 00:00 0    [heap]",
    ]
    memory_map = "\n".join(rows) + "\n"
    assert runtime_libraries(memory_map, "12") == [
        "/opt/my env/nvidia/cuda_runtime/lib/libcudart.so.12",
        "/usr/local/cuda/lib64/libcudart.so.12.4.127",
    ]
    assert runtime_libraries(memory_map, "11") == ["/opt/old/torch/lib/libcudart-d0da41ae.so.11.0"]
    assert runtime_libraries(memory_map, "13") == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_library_that_is_not_loaded_stays_so(tmp_path: Path) -> None:
    loaded = Path(_ctypes.__file__)
    assert already_loaded(str(loaded))._handle
    twin = tmp_path / "libcudart.so.12"
    twin.write_bytes(loaded.read_bytes())
    with pytest.raises(CudaError, match="is not loaded"):
        already_loaded(str(twin))
    assert str(twin) not in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize("name", PROTOTYPES)
def test_functions_are_called_as_they_are_declared(name: str) -> None:
    declared, called = PROTOTYPES[name], StandInCuda()
    CudaRuntime(called)
    function = getattr(called, name)
    assert tuple(function.argtypes) == declared._argtypes_
    assert ctypes.sizeof(function.restype) == ctypes.sizeof(declared._restype_)


def test_a_library_that_lacks_a_function_is_refused() -> None:
    with pytest.raises(CudaError, match="lacks cudaGetErrorString"):
        CudaRuntime(ctypes.CDLL(_ctypes.__file__))


@pytest.mark.parametrize("version", [None, "99.1"])
def test_without_a_runtime_there_is_a_reason(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    monkeypatch.setattr(torch.version, "cuda", version)
    with pytest.raises(CudaError, match="no CUDA runtime" if version is None else r"libcudart\.so\.99"):
        app.gl.cuda_runtime.loaded_runtime()


# Scenes, worker and frames


def layer_of(field: Waves, kept: bool) -> Layer:
    grid = Grid((96, 48), (-1.0, -0.5), (1.0, 0.5))
    values = evaluate(field, grid)
    return Layer(values if kept else values.numpy(), grid, field.facts)


def picture_of(surface: Offscreen, scene: PlaneCompositor, layer: Layer) -> np.ndarray:
    scene.show({"field": layer})
    assert scene.uploading
    assert scene.upload() and not scene.uploading
    scene.draw(surface.framebuffer, Controls(field="f", caption=False))
    return surface.pixels()


def test_a_scene_shows_what_the_gpu_has_as_it_shows_an_array(surface: Offscreen, joined: StandInCuda) -> None:
    handover, field = Handover(surface.context, CPU), Waves()
    scene = PlaneCompositor(surface.context, handover)
    expected = picture_of(surface, scene, layer_of(field, kept=False))
    surface.framebuffer.clear()
    copies = joined.calls.count("cudaMemcpyAsync")
    assert np.array_equal(picture_of(surface, scene, layer_of(field, kept=True)), expected) and np.ptp(expected) > 100
    assert joined.calls.count("cudaMemcpyAsync") == copies + 1
    scene.release()
    handover.release()
    assert not joined.resources


def test_a_scene_shows_the_very_picture_at_which_the_hand_over_fails(surface: Offscreen, joined: StandInCuda) -> None:
    notices: list[str] = []
    handover, field = Handover(surface.context, CPU, notify=notices.append), Waves()
    scene = PlaneCompositor(surface.context, handover)
    expected = picture_of(surface, scene, layer_of(field, kept=False))
    surface.framebuffer.clear()
    joined.failing.add("cudaMemcpyAsync")
    assert np.array_equal(picture_of(surface, scene, layer_of(field, kept=True)), expected)
    assert np.array_equal(picture_of(surface, scene, layer_of(field, kept=True)), expected)
    assert len(notices) == 1
    scene.release()
    handover.release()


def test_several_layers_share_the_buffer_and_are_handed_over_once(surface: Offscreen, joined: StandInCuda) -> None:
    handover = Handover(surface.context, CPU)
    scene = PlaneCompositor(surface.context, handover)
    copies = joined.calls.count("cudaMemcpyAsync")
    big = Grid((1200, 600), (-1.0, -0.5), (1.0, 0.5))
    truth = Layer(evaluate(Waves(), big).numpy(), big, COLOUR_FACTS)
    scene.show({"field": layer_of(Waves(), kept=True), "truth": truth})
    slices = 1
    while not scene.upload(0.0):
        slices += 1
    assert slices > 5 and joined.calls.count("cudaMemcpyAsync") == copies + 1
    scene.release()
    handover.release()


@pytest.mark.parametrize("way", WAYS)
def test_layers_of_a_processor_are_arrays_whatever_the_way(way: Way) -> None:
    layers = [
        next(evaluate_layers(Controls(field="f"), Sources(Waves()), (64, 32), way=each)).layers["field"].values
        for each in (way, "plain")
    ]
    assert isinstance(layers[0], np.ndarray) and layers[0].dtype == np.float32
    assert np.array_equal(layers[0], layers[1])


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a field on the processor deliver what one on a GPU does."""
    monkeypatch.setitem(DELIVERIES, "interop", lambda values: values)


def test_the_worker_delivers_as_it_is_told(kept: None) -> None:
    with watched_engine() as engine:
        for way, kind in (("interop", torch.Tensor), ("pinned", np.ndarray), ("interop", torch.Tensor)):
            engine.way = way  # type: ignore[assignment]
            engine.log.clear()
            engine.show(PlaneRequest(Controls(field="f"), (64, 32), document_of(Waves()), ignore))
            engine.until(lambda: any(event.stage.final for event in engine.logged(Evaluated)))
            assert all(isinstance(e.stage.layers["field"].values, kind) for e in engine.logged(Evaluated))


def test_frames_without_a_window_are_handed_over_too(surface: Offscreen, joined: StandInCuda, kept: None) -> None:
    def drawn() -> Any:
        handover = app.gl.handover.Handover(surface.context, torch.device("cpu"))
        renderer, controls = (
            PlaneRenderer(surface.context, handover, EvaluateHere()),
            Controls(field="f", caption=False),
        )
        frame = whole(renderer.render(Sources(Waves()), controls, surface.framebuffer))
        renderer.release()
        return frame.pixels

    handed = drawn()
    assert joined.calls.count("cudaMemcpyAsync") == 3, "twice in the self-check"
    joined.failing.add("cudaGraphicsGLRegisterBuffer")
    assert np.array_equal(handed, drawn()) and np.ptp(handed) > 100
    assert not joined.resources


WINDOW_PROGRAM = """
import json, sys, torch
from pathlib import Path
import pytest
import app.gl.handover
from app.gl.cuda_runtime import CudaRuntime
from app.work.delivery import DELIVERIES
from app.window.instrument import open_instrument, open_session
from app.layout_file import Layout
from app.scenes.picture.state import pictures
from patience import HANG_S, hangs_in
from standin_cuda import stand_in

cuda, hanging, notices = stand_in(pytest.MonkeyPatch()), hangs_in(HANG_S), []
app.gl.handover.connected = lambda context, device: app.gl.handover.Interop(context, CudaRuntime(cuda))
DELIVERIES["interop"] = lambda values: values
with open_session(Layout(view_window=(0, 0, 200, 200)), torch.device("cpu"), Path(sys.argv[1])) as session:
    with open_instrument(session) as instrument:
        def shown(width):
            while instrument.window.framebuffer_px[0] != width or instrument._presenter("picture").busy(True) or not (
                pictures(session).evaluated and pictures(session).evaluated.stage.final
                and pictures(session).evaluated.request.framebuffer_px[0] == width
            ):
                assert not hanging()
                instrument.window.wait(instrument.step())
            copies = cuda.calls.count("cudaMemcpyAsync")
            return [session.engine.way, copies, " ".join(notices)]
        session.messages.notice = lambda text, now: notices.append(text)
        instrument.open([sys.argv[2]])
        told = [shown(200)]
        cuda.failing.add("cudaMemcpyAsync")
        for width in (220, 240):
            instrument.window.resize((width, 200))
            told.append(shown(width))
    told.append(len(cuda.resources))
print(json.dumps(told))
"""


def test_in_the_window_a_failing_hand_over_is_a_notice_and_the_worker_copies_from_then_on(tmp_path: Path) -> None:
    with screen() as display:
        environment = {
            **os.environ, "DISPLAY": display, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{Path(__file__).parent}",
            "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path),
        }  # fmt: skip
        command = ["-c", WINDOW_PROGRAM, str(tmp_path), str(ROOT / "assets" / "pyramid.safetensors")]
        result = run_preloaded(command, env=environment)
    assert result.returncode == 0, result.stderr
    (way, copies, message), failed, later, left = json.loads(result.stdout.splitlines()[-1])
    assert (way, message) == ("interop", "") and copies > 2
    assert failed[0] == later[0] == "pinned" and "cudaMemcpyAsync: out of order" in failed[2]
    assert later[1] == failed[1] == copies + 1, "it is not tried again"
    assert left == 0


# On a machine with CUDA


@pytest.mark.parametrize("way", WAYS)
def test_on_a_gpu_every_bit_arrives_in_every_way(surface: Offscreen, gpu: torch.device, way: Way) -> None:
    handover = Handover(surface.context, gpu, way)
    if handover.way != way:
        pytest.skip(f"{way}: {handover.refused[way]}")
    for size in ((96, 48), (1920, 1080), (33, 17)):
        values = random_values(*size).to(gpu)
        texture = texture_for(surface.context, values)
        delivered = DELIVERIES[way](values)
        if isinstance(delivered, torch.Tensor):
            assert handover.write(delivered, texture) is None, handover.refused
        else:
            texture.write(delivered)
        assert np.array_equal(read(texture), values.cpu().numpy())
        texture.release()
    handover.release()


def test_on_a_gpu_values_stay_whole_while_their_memory_is_used_again(surface: Offscreen, gpu: torch.device) -> None:
    handover = Handover(surface.context, gpu)
    if handover.way != "interop":
        pytest.skip(f"interop: {handover.refused['interop']}")
    texture = surface.context.texture((1920, 1080), 3, dtype="f4")
    for number in range(20):
        values = app.work.delivery.kept_on_device(torch.full((1080, 1920, 3), float(number), device=gpu))
        assert isinstance(values, torch.Tensor) and handover.write(values, texture) is None
        del values
        torch.full((1080, 1920, 3), -1.0, device=gpu)  # which may get their memory
        assert (read(texture) == number).all()
    texture.release()
    handover.release()
