"""What the frames of a path of pictures need, checked before the first of them is rendered."""

from __future__ import annotations

from pathlib import Path

from fieldcore.errors import InputError

from ...path.keyframes import KeyframePath
from ...record.output import check_filters
from .controls import Controls
from .layers import LAYERS, Sources


def check_frames(path: KeyframePath[Controls], sources: Sources) -> None:
    """Raise InputError, which names the keyframe, if a frame of the path cannot be made from these sources.

    Raises:
        InputError: a frame shows the truth or a second field that is not there, or the truth while the path is
            foveated; or a field cannot be filtered as a keyframe asks.
    """
    file, other = Path(path.still.field), Path(path.still.other)
    for index, moment in path.first_frames():
        controls = path.at(moment)
        needed, where = LAYERS[controls.comparison], f'keyframes[{index}]: "{controls.comparison}"'
        check_filters(index, controls.gaussian, file, sources.field)
        if "other" in needed and sources.other is None:
            raise InputError(f"{where} shows a second field; name its file in the path's entry 'other'")
        if "other" in needed and sources.other is not None:
            check_filters(index, controls.gaussian, other, sources.other)
        if "truth" not in needed:
            continue
        if sources.truth is None:
            raise InputError(
                f"{where} shows the truth, and the path names none; name the picture that the field "
                f"'{file}' was trained on ('{sources.field.facts.name}') in the path's entry 'truth'"
            )
        if controls.foveated:
            raise InputError(
                f'{where} shows the truth, which has one filter for all points, while "foveated" is on; '
                f'say "foveated": false in keyframes[{index}], or show "field" there'
            )
