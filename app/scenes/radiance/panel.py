"""What radiance fields have in the panel: nothing beside their entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GROUPS: tuple[Any, ...] = ()
PARTS: dict[str, Callable[[Any], Callable[[], None]]] = {}
