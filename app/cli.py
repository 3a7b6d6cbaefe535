"""The command line: ``python -m app``.

Results go to standard output (one JSON object with ``--json``), progress and errors to standard error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from fieldcore.checkpoint import load_field
from fieldcore.command import run_command
from fieldcore.devices import DeviceName, choose_device
from fieldcore.errors import InputError

from .frame_folder import check_frame_folder
from .headless import offscreen
from .path_file import read_path
from .recorder import Recording, record
from .video import check_video
from .view import Size


@dataclass(frozen=True, kw_only=True)
class Options:
    """What ``python -m app`` takes."""

    render_path: Path | None = None
    """A path of keyframes (JSON, see docs/paths.md) to render without a window."""
    out: Path | None = None
    """Folder for the frames, numbered PNG files, and frames.json, which says what made each."""
    size: str = "1280x720"
    """Width and height of the frames in pixels."""
    video: Path | None = None
    """Also write the frames as an H.264 video; the name ends in .mp4."""
    overwrite: bool = False
    """Replace frames and a video that are there already."""
    device: DeviceName = "auto"
    """Where to evaluate the field; auto takes CUDA where there is one."""
    require_gpu: bool = False
    """Stop rather than let OpenGL draw in software."""
    json: bool = False
    """Print one JSON object on standard output instead of text."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    options = tyro.cli(
        Options,
        prog="fieldscope",
        description="Render filtered fields along a path of keyframes, without a window.",
        args=arguments,
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    return run_command(lambda: _render(options))


def _render(options: Options) -> None:
    if options.render_path is None:
        raise InputError(
            "the interactive window is not there yet; render frames with "
            "'python -m app --render-path PATH.json --out FRAMES'"
        )
    if options.out is None:
        raise InputError("--out: give the folder that the frames are to be written to")
    framebuffer_px = _size(options.size)
    path = read_path(options.render_path)
    check_frame_folder(options.out, options.overwrite)
    if options.video is not None:
        check_video(options.video, options.overwrite)
    device = choose_device(options.device)
    with offscreen(framebuffer_px, require_gpu=options.require_gpu) as surface:
        field = load_field(path.field, device)
        recording = record(options.render_path, path, field, surface, options.out, options.video)
    print(json.dumps(asdict(recording)) if options.json else _summary(recording))


def _size(text: str) -> Size:
    match = re.fullmatch(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})", text)
    if match is None:
        raise InputError(f"--size: expected a width and a height in pixels such as 1280x720, got '{text}'")
    return int(match[1]), int(match[2])


def _summary(recording: Recording) -> str:
    pace = recording.frames / recording.seconds
    video = f" and '{recording.video}'" if recording.video else ""
    return (
        f"{recording.frames} frames in '{recording.folder}'{video}, "
        f"{recording.seconds:.1f} s ({pace:.1f} a second), drawn by {recording.renderer}"
    )
