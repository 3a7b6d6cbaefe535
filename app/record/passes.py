"""The passes that a path can be rendered in, beside what its keyframes show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Content = Literal["picture", "numbers", "mesh"]
"""What the files of a pass hold: the picture that a video shows, exact numbers behind it, or a mesh and no picture."""


@dataclass(frozen=True)
class Pass:
    """A way of looking.

    Attributes:
        changes: entries of the controls that are other than the path's.
        content: of its files.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    content: Content = "picture"


AS_SHOWN = Pass()
"""What the keyframes show."""
