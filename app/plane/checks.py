"""What the frames of a path on a plane need, checked before the first of them is rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from fieldcore.errors import InputError

from ..record.output import check_filters
from ..record.path_rendering import PathJob
from .controls import PlaneControls
from .layers import Sources, known_each, missing


def check_frames(job: PathJob[Any], sources: Sources) -> None:
    """Raise InputError, which names the keyframe, if a frame of the path cannot be made from these sources.

    Raises:
        InputError: a frame shows the truth or a second field that is not there, or the truth while its filter differs
            from point to point; or a field cannot be filtered as a keyframe asks, or has nothing there.
    """
    still = job.path.still
    for index, moment in job.path.first_frames():
        controls = job.path.at(moment)
        check_filters(index, controls.filter_of(sources.field.facts), Path(still.field), sources.field)
        try:
            controls.check_files(sources.field.facts)
        except InputError as error:
            raise InputError(f"keyframes[{index}]: {error}") from error
        if reason := controls.unseen(sources.field.facts):
            raise InputError(f"keyframes[{index}].{reason}")
        if job.report:
            _check_truth("--report", index, controls, Path(still.field), sources)
    for where, index, controls in job.asked:
        if "other" in controls.needed and sources.other is None:
            raise InputError(f"{where} shows a second field; name its file in the path's entry 'other'")
        if "truth" in controls.needed:
            _check_truth(where, index, controls, Path(still.field), sources)
        for name in controls.needed:
            if controls.source_of(name, sources) is None:
                raise InputError(f"{where}: {missing(name)}")


def _check_truth(where: str, index: int, controls: PlaneControls, file: Path, sources: Sources) -> None:
    if sources.truth is None:
        raise InputError(
            f"{where} shows the truth, and the path names none; name the file that the field '{file}' was trained on "
            f"('{sources.field.facts.name}') in the path's entry 'truth'"
        )
    if controls.varies:
        points = torch.zeros(1, 2)
        try:
            known_each(sources.truth, controls.filters_at(sources.field.facts, points, 0.0))
        except InputError as error:
            raise InputError(
                f'{where} shows the truth: {error} in keyframes[{index}], or show "field" there'
            ) from error
