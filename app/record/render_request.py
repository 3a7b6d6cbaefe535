"""What is asked to be rendered, understood before anything heavy is imported."""

from __future__ import annotations

from typing import Any

from fieldcore.errors import InputError

from ..frame_size import Size, parsed_size
from ..modes import refuse_without_effect
from ..path.path_file import AnyPath, read_path
from ..scenes import scene_of
from .frame_range import frames_asked

USUAL_SIZE = "1280x720"


def path_asked(options: Any) -> AnyPath | None:
    """The path that is to be rendered; None for a sequence, which has none.

    Args:
        options: of ``program_options.Options``.

    Raises:
        InputError: the path cannot be read, or an option is wrong or does nothing for such a path.
    """
    if options.out is None:
        _check_video_alone(options)
    if options.render_path is None:
        return None
    path = read_path(options.render_path)
    refuse_without_effect(options, [scene_of(path.still).name])
    size_asked(options)
    frames_asked(options.frames, len(path.frame_times()))
    return path


def _check_video_alone(options: Any) -> None:
    """Raise InputError unless a video is all that is asked for."""
    if options.video is None:
        raise InputError("--out: give the folder that the frames are to be written to, or --video for a film alone")
    needing = {"--resume": options.resume, "--report": options.report, "--uv-sequence": options.uv_sequence}
    for option, is_given in needing.items():
        if is_given:
            raise InputError(f"--out: {option} needs the folder that the frames are written to; give one")


def size_asked(options: Any) -> Size:
    """Of the frames, in pixels. Raises InputError for what is no size."""
    return parsed_size(options.size or USUAL_SIZE, "--size")
