"""The command line: ``fieldscope``.

Without ``--render-path`` it opens the window. Results go to standard output (JSON objects with ``--json``), progress
and errors to standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from fieldcore.command import run_command
from fieldcore.devices import DeviceName, choose_device
from fieldcore.errors import InputError

from .rendering import OF_RENDERS, given, render
from .setting import Setting
from .settings import SETTINGS


@dataclass(frozen=True, kw_only=True)
class ProgramOptions:
    """What ``fieldscope`` takes beside the settings."""

    sources: tyro.conf.Positional[tuple[str, ...]] = ()
    """Fields (.safetensors), pictures to train on, also sample:NAME, models (.glb, .obj, .ply) to fly through and paths
    (.json); the shipped fields if none."""
    render_path: Path | None = None
    """A path of keyframes (JSON, see docs/paths.md) to render without a window: pictures, a flight, or a shape."""
    uv_sequence: Path | None = None
    """A folder of 16-bit PNG or EXR frames (u, v, 0, coverage) to shade with a field, without a window."""
    out: Path | None = None
    """Folder for the frames rendered, numbered files, and frames.json, which says what made each."""
    size: str = "1280x720"
    """With --render-path: width and height of the frames in pixels."""
    video: Path | None = None
    """Also write the frames rendered as an H.264 video; the name ends in .mp4. Of passes, the first has that name."""
    overwrite: bool = False
    """Replace frames, videos and a report that are there already."""
    passes: str | None = None
    """Ways of looking to render, a folder and a video each: of a flight such as neural,single,mipmap,supersampled,uv,
    of a shape such as baked,exact,truth,error,normals,curvature,mesh; what the keyframes show if none."""
    report: bool = False
    """Write report.json. Of a flight, with --passes: compares each frame with the judge, the model's texture sampled
    --samples (16) squared times a pixel. Of a shape: compares its bakes with those of the path's truth."""
    field: Path | None = None
    """Of a flight or a UV sequence: the field that is the texture; of a shape: the field shown. It takes the place of
    the one that the path names."""
    downsample: int | None = None
    """With --uv-sequence: how many times smaller the frames come out, without aliasing."""
    benchmark: bool = False
    """Measure how the window answers, with scripted slider drags in real windows, and print it."""
    device: DeviceName = "auto"
    """Where to evaluate and train; auto takes CUDA where there is one."""
    require_gpu: bool = False
    """Stop rather than let OpenGL draw in software."""
    json: bool = False
    """Print JSON on standard output: one object, or with the window one for each thing that happens."""


def _flag(setting: Setting) -> tuple[str, Any, Any]:
    entry = setting.name.replace("-", "_")
    if setting.widget == "toggle":
        value_type: Any = bool
        default: Any = setting.usual
    else:
        value_type = (setting.flag_type or {"text": str}.get(setting.widget, float)) | None
        default = None
    return entry, Annotated[value_type, tyro.conf.arg(help=setting.meaning)], field(default=default)


Options: Any = make_dataclass(
    "Options",
    [_flag(setting) for setting in SETTINGS if setting.flag],
    bases=(ProgramOptions,),
    frozen=True,
    kw_only=True,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    options = tyro.cli(
        Options,
        prog="fieldscope",
        description="Turn the scale knob of neural fields: in a window, or along a path of keyframes without one.",
        args=arguments,
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    return run_command(lambda: _run(options))


def _run(options: Any) -> None:
    if options.render_path is not None or options.uv_sequence is not None:
        render(options)
        return
    for name in OF_RENDERS:
        if given(options, name):
            raise InputError(f"--{name} goes with --render-path PATH.json; in the window, press R to record")
    # A headless run must not import windowing libraries.
    if options.benchmark:
        from .benchmark import run_benchmark

        run_benchmark(choose_device(options.device), options.json)
    else:
        from .instrument import run_instrument

        device = choose_device(options.device)
        run_instrument(options.sources, given_settings(options), device, options.require_gpu, options.json)


def given_settings(options: Any) -> dict[Setting, Any]:
    """The settings that the command line changes."""
    values = {s: getattr(options, s.name.replace("-", "_")) for s in SETTINGS if s.flag}
    return {s: value for s, value in values.items() if value is not None and value != _flag(s)[2].default}
