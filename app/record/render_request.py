"""What is asked to be rendered, understood before anything heavy is imported."""

from __future__ import annotations

from typing import Any

from fieldcore.errors import InputError
from fieldcore.progress_lines import note

from ..camera.foreign_paths import foreign_format, read_foreign, write_foreign
from ..camera.path_formats import FORMATS
from ..entries import Entry, entries_of, with_values
from ..frame_size import Size, parsed_size
from ..modes import refuse_without_effect
from ..opening import scene_of_field
from ..path.path_file import AnyPath, read_path
from ..scene import Scene
from ..scenes import scene_of
from .frame_range import frames_asked

USUAL_SIZE = "1280x720"
USUAL_EXPORT = next(iter(FORMATS))


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
    path = _path(options)
    refuse_without_effect(options, [scene_of(path.still).name])
    size_asked(options)
    frames_asked(options.frames, len(path.frame_times()))
    return path


def export_asked(options: Any) -> None:
    """Write the camera of a path for another program. Raises InputError for what is missing, or cannot be done."""
    if options.render_path is None:
        raise InputError("--export-path: give the path by --render-path")
    path = _path(options)
    if options.export_path.exists() and not options.overwrite:
        raise InputError(f"--export-path '{options.export_path}': is there already; choose another or --overwrite")
    width, height = size_asked(options)
    write_foreign(options.export_path, path, options.to or USUAL_EXPORT, width / height)


def _path(options: Any) -> AnyPath:
    """The path asked for, which may be a camera's of another program."""
    file = options.render_path
    found = foreign_format(file)
    if found is None:
        return read_path(file)
    if options.field is None:
        raise InputError(f"path '{file}', of {found.name}: says nothing of what is seen; give it by --field FILE")
    scene = scene_of_field(options.field)
    if scene.family != "camera" or any(entry.facts.required for entry in _files_beside(scene)):
        raise InputError(f"--field '{options.field}': a camera's path is rendered of a shape, a surface or radiance")
    still = with_values(scene.controls(), {("field",): str(options.field)})
    path, said = read_foreign(file, still)
    note(*filter(None, [said]))
    return path


def _files_beside(scene: Scene) -> list[Entry]:
    return [entry for entry in entries_of(scene.controls) if entry.facts.along == "file" and entry.name != "field"]


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
