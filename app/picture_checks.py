"""What the frames of a path of pictures need, checked before the first of them is rendered."""

from __future__ import annotations

from fieldcore.errors import InputError

from .keyframes import KeyframePath
from .layers import LAYERS, Sources
from .motion import Motion


def check_frames(path: KeyframePath, sources: Sources) -> None:
    """Raise InputError, which names the keyframe, if a frame of the path cannot be made from these sources.

    Raises:
        InputError: a frame shows the truth or a second field that is not there, or the truth while the path is
            foveated.
    """
    motion = Motion(path)
    for index, moment in path.first_frames():
        controls = motion.at(moment)
        needed, where = LAYERS[controls.comparison], f'keyframes[{index}]: "{controls.comparison}"'
        if "other" in needed and sources.other is None:
            raise InputError(f"{where} shows a second field; name its file in the path's entry 'other'")
        if "truth" not in needed:
            continue
        if sources.truth is None:
            raise InputError(
                f"{where} shows the truth, and the path names none; name the picture that the field "
                f"'{path.field}' was trained on ('{sources.field.facts.name}') in the path's entry 'truth'"
            )
        if controls.foveated:
            raise InputError(
                f'{where} shows the truth, which has one filter for all points, while "foveated" is on; '
                f'say "foveated": false in keyframes[{index}], or show "field" there'
            )
