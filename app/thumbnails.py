"""Small pictures of what is open, by which it is told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import UInt8

from .frame_size import Size
from .scene import SceneName

SIZE: Size = (64, 48)
"""Width and height, in pixels."""

_SEEN_EVERY_S = 3.0


class Thumbnails:
    """Those of all scenes: asked of the scene's state where it can make one unseen, else taken from the view.

    Args:
        services: the session, whose background makes them.
    """

    def __init__(self, services: Any) -> None:
        self._services = services
        self._made: dict[tuple[SceneName, str], UInt8[np.ndarray, "h w 3"]] = {}
        self._asked: dict[tuple[SceneName, str], Any] = {}
        self._seen_at: dict[tuple[SceneName, str], float] = {}

    def of(self, scene: SceneName, path: str) -> UInt8[np.ndarray, "48 64 3"] | None:
        """That of what is open by that file; None while there is none."""
        return self._made.get((scene, path))

    def advance(self, scene: SceneName, state: Any) -> None:
        """Ask for one that is not there, while nothing else is done."""
        services = self._services
        if services.background.pending or services.training.state == "running":
            return
        for path in state.opened:
            made, key = state.thumbnail_work(path, SIZE), (scene, path)
            if made is not None and self._asked.get(key) != made[0]:
                self._asked[key] = made[0]
                services.background.submit(made[1], lambda pixels, key=key: self._take(key, pixels), _leave)
                return

    def wants_view(self, scene: SceneName, path: str, now: float) -> bool:
        """Whether what is shown of it now is to be taken for it."""
        key = scene, path
        return bool(path) and key not in self._asked and now - self._seen_at.get(key, -np.inf) >= _SEEN_EVERY_S

    def see(self, scene: SceneName, path: str, pixels: UInt8[np.ndarray, "h w 3"], now: float) -> None:
        """This is shown of it."""
        self._seen_at[scene, path] = now
        self._made[scene, path] = fitted(pixels)

    def _take(self, key: tuple[SceneName, str], pixels: Any) -> None:
        if pixels is not None:
            self._made[key] = fitted(pixels)


def fitted(pixels: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "48 64 3"]:
    """The middle of a picture, as large as a thumbnail.

    Example:
        >>> fitted(np.zeros((480, 480, 3), np.uint8)).shape
        (48, 64, 3)
    """
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(np.ascontiguousarray(pixels)), SIZE))


def _leave(error: Exception) -> None:
    """What cannot be made small is told apart by its name."""
