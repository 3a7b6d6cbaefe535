"""What the frames of a path on a plane need, checked before the first of them is rendered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError

from ..path.keyframes import KeyframePath
from ..record.output import check_filters
from .controls import PlanePass
from .layers import LAYERS, PASS_LAYERS, LayerName, Sources


def check_frames(path: KeyframePath[Any], sources: Sources, passes: Sequence[PlanePass] = ()) -> None:
    """Raise InputError, which names the keyframe, if a frame of the path cannot be made from these sources.

    Raises:
        InputError: a frame shows the truth or a second field that is not there, or the truth while its filter differs
            from point to point; or a field cannot be filtered as a keyframe asks.
    """
    file, other = Path(path.still.field), Path(path.still.other)
    for index, moment in path.first_frames():
        controls = path.at(moment)
        check_filters(index, controls.filter_of(sources.field.facts), file, sources.field)
        if reason := controls.unseen(sources.field.facts):
            raise InputError(f"keyframes[{index}].{reason}")
        for where, needed in _asked(index, controls.comparison, passes):
            if "other" in needed and sources.other is None:
                raise InputError(f"{where} shows a second field; name its file in the path's entry 'other'")
            if "other" in needed and sources.other is not None:
                check_filters(index, controls.filter_of(sources.other.facts), other, sources.other)
            if "truth" in needed and sources.truth is None:
                raise InputError(
                    f"{where} shows the truth, and the path names none; name the file that the field "
                    f"'{file}' was trained on ('{sources.field.facts.name}') in the path's entry 'truth'"
                )
            if "truth" in needed and controls.varies:
                raise InputError(
                    f'{where} shows the truth, which has one filter for all points, while "foveated" is on; '
                    f'say "foveated": false in keyframes[{index}], or show "field" there'
                )


def _asked(index: int, comparison: Any, passes: Sequence[PlanePass]) -> Iterator[tuple[str, Sequence[LayerName]]]:
    """What asks for layers, in words, and for which."""
    if not passes:
        yield f'keyframes[{index}]: "{comparison}"', LAYERS[comparison]
    for name in passes:
        yield f"--passes {name}", PASS_LAYERS[name]
