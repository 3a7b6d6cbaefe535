"""The passes that a path can be rendered in, beside what its keyframes show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from ..compare import Compare

Content = Literal["picture", "light", "numbers", "mesh"]
"""What the files of a pass hold: the picture that a video shows, its linear light, exact numbers behind it, or a mesh
and no picture."""


Shown = TypeVar("Shown", bound=Compare)


@dataclass(frozen=True)
class Pass:
    """A way of looking.

    Attributes:
        output: that is shown alone; none for what the controls show.
        changes: entries of the controls that are other than the path's.
        content: of its files.
        mesh_of: what its meshes are of: the surface of what is shown, or the filter.
    """

    output: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    content: Content = "picture"
    mesh_of: Literal["surface", "filter"] = "surface"

    def changed(self, controls: Shown) -> Shown:
        """What is shown of it where the path shows ``controls``."""
        return replace(controls.showing(self.output) if self.output else controls, **self.changes)


def lit(of: Pass) -> Pass:
    """The pass with linear light in its files in place of pictures; others are left as they are."""
    return replace(of, content=_LIT.get(of.content, of.content))


_LIT: Mapping[Content, Content] = {"picture": "light"}


SIDE_BY_SIDE = Pass(changes={"layout": "beside", "left": "field", "right": "truth"})
"""Field and truth, with what is said of both between them where there is anything."""

AS_SHOWN = Pass()
"""What the keyframes show."""
