"""What every scene on a plane is: rendering, passes and checks that need nothing but its controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from fieldcore.errors import InputError

from ..path.keyframes import KeyframePath
from ..scene import Presenter, Scene
from .controls import PlaneControls

if TYPE_CHECKING:
    import torch

    from ..document import Document
    from ..record.recording import Recording
    from ..scene_state import SceneState
    from ..services import Services


class PlaneScene(Scene):
    """A scene on a plane. One of its own names its controls, says which fields it shows, and has its settings."""

    family = "plane"
    controls: ClassVar[type[PlaneControls]]
    reports = True

    def read(self, file: Path, device: torch.device) -> Document:
        """Read what a path names as its field. Raises InputError if that cannot be read."""
        from ..document import open_document

        return open_document(file, device, [])

    @property
    def parts(self) -> dict[str, Callable[[Any], Callable[[], None]]]:
        """See the base; all have the figures of the group *Compare*."""
        from .panel import compare_part

        return {**super().parts, "Compare": partial(compare_part, self.name)}

    def state(self, services: Services) -> SceneState:
        """See the base."""
        from .plane_state import PlaneState

        return PlaneState(services, self.controls())

    def presenter(self, context: Any, services: Services, state: Any) -> Presenter:
        """See the base."""
        from .presenter import PlanePresenter

        return PlanePresenter(context, services, state)

    def render(self, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
        """See the base."""
        from ..record.path_rendering import render_path
        from .rendering import PlanePaths

        return render_path(options, path, PlanePaths(self))

    def check_path(self, path: KeyframePath[Any]) -> None:
        """What shows a second field needs one."""
        named = any("other" in (keyframe.left, keyframe.right) for keyframe in path.keyframes)
        for index, keyframe in enumerate(path.keyframes if named and not path.still.other else ()):
            if "other" in path.at(keyframe.time).needed:
                raise InputError(
                    f"keyframes[{index}]: a second field is shown; name its file in the path's entry 'other'"
                )
