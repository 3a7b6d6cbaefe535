"""The picture scene."""

from __future__ import annotations

from typing import Any

from fieldcore.errors import InputError

from ...path.keyframes import KeyframePath
from ...scene import Scene
from .controls import Controls


class Picture(Scene):
    """A field on a plane, smoothed and compared with the truth."""

    name, title, controls = "picture", "pictures", Controls

    def check_path(self, path: KeyframePath[Any]) -> None:
        """A two-up needs a second field."""
        for index, keyframe in enumerate(path.keyframes):
            if keyframe.comparison == "two_up" and not path.still.other:
                raise InputError(
                    f'keyframes[{index}].comparison: "two_up" shows a second field on the right; name its file in '
                    "the path's entry 'other'"
                )
