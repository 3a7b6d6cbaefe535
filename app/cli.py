"""The command line: ``python -m app``.

Without ``--render-path`` it opens the window. Results go to standard output (JSON objects with ``--json``), progress
and errors to standard error.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from fieldcore.command import run_command
from fieldcore.devices import DeviceName, choose_device
from fieldcore.errors import InputError

from .controls import Controls
from .document import open_document
from .frame_folder import check_frame_folder
from .headless import offscreen
from .keyframes import KeyframePath
from .layers import Sources
from .path_file import read_path
from .recorder import Recording, record
from .settings import SETTINGS, Setting
from .video import check_video
from .view import parsed_size


@dataclass(frozen=True, kw_only=True)
class ProgramOptions:
    """What ``python -m app`` takes beside the settings."""

    sources: tyro.conf.Positional[tuple[str, ...]] = ()
    """Fields (.safetensors), paths (.json) and pictures to train on, also sample:NAME; the shipped fields if none."""
    render_path: Path | None = None
    """A path of keyframes (JSON, see docs/paths.md) to render without a window."""
    out: Path | None = None
    """With --render-path: folder for the frames, numbered PNG files, and frames.json, which says what made each."""
    size: str = "1280x720"
    """With --render-path: width and height of the frames in pixels."""
    video: Path | None = None
    """With --render-path: also write the frames as an H.264 video; the name ends in .mp4."""
    overwrite: bool = False
    """Replace frames and a video that are there already."""
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
        default: Any = getattr(Controls(""), entry)
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
    if options.render_path is not None:
        _render(options)
        return
    for name in ("out", "video"):
        if getattr(options, name) is not None:
            raise InputError(f"--{name} goes with --render-path PATH.json; in the window, press R to record")
    # A headless run must not import windowing libraries.
    if options.benchmark:
        from .benchmark import run_benchmark

        run_benchmark(choose_device(options.device), options.json)
    else:
        from .instrument import run_instrument

        device = choose_device(options.device)
        run_instrument(options.sources, _given(options), device, options.require_gpu, options.json)


def _given(options: Any) -> dict[Setting, Any]:
    """The settings that the command line changes."""
    values = {s: getattr(options, s.name.replace("-", "_")) for s in SETTINGS if s.flag}
    return {s: value for s, value in values.items() if value is not None and value != _flag(s)[2].default}


def _render(options: Any) -> None:
    if options.out is None:
        raise InputError("--out: give the folder that the frames are to be written to")
    framebuffer_px = parsed_size(options.size, "--size")
    path = read_path(options.render_path)
    check_frame_folder(options.out, options.overwrite)
    if options.video is not None:
        check_video(options.video, options.overwrite)
    device = choose_device(options.device)
    with offscreen(framebuffer_px, require_gpu=options.require_gpu) as surface:
        sources = _sources(path, device)
        recording = record(options.render_path, path, sources, surface, options.out, options.video)
    print(json.dumps(asdict(recording)) if options.json else _summary(recording))


def _sources(path: KeyframePath, device: Any) -> Sources:
    document = open_document(path.field, device, [path.truth] if path.truth else [])
    other = open_document(path.other, device, []).field if path.other else None
    return Sources(document.field, document.truth, other)


def _summary(recording: Recording) -> str:
    pace = recording.frames / recording.seconds
    video = f" and '{recording.video}'" if recording.video else ""
    return (
        f"{recording.frames} frames in '{recording.folder}'{video}, "
        f"{recording.seconds:.1f} s ({pace:.1f} a second), drawn by {recording.renderer}"
    )
