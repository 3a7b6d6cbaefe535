"""What the command line renders without a window: the paths of all scenes, and what else a scene renders."""

from __future__ import annotations

import json
from typing import Any

from ..path.path_file import AnyPath
from ..scenes import SCENES, scene_of
from .recording import Recording


def render(options: Any, path: AnyPath | None) -> None:
    """Do what ``--render-path`` or another option of rendering asks for, and print what came of it.

    Args:
        options: of ``program_options.Options``.
        path: that ``render_request.path_asked`` found in them.

    Raises:
        InputError: an option is wrong or does not fit the others, or something cannot be read, drawn or written.
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames so far were kept.
    """
    recording, table = _rendered(options, path)
    print(json.dumps(recording.printed) if options.json else table + _summary(recording))


def _rendered(options: Any, path: AnyPath | None) -> tuple[Recording, str]:
    if path is not None:
        return scene_of(path.still).render(options, path)
    others = {option: act for scene in SCENES for option, act in scene.other_renders.items()}
    return next(act for option, act in others.items() if getattr(options, option) is not None)(options)


def _summary(recording: Recording) -> str:
    pace = recording.frames / recording.seconds
    where = " and ".join(f"'{place}'" for place in (recording.folder, recording.video) if place)
    return (
        f"{recording.frames} frame{'s' * (recording.frames != 1)} in {where}, "
        f"{recording.seconds:.1f} s ({pace:.1f} a second), drawn by {recording.renderer}"
    )
