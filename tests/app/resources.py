"""Counts what has been taken from a driver and not been given back."""

from __future__ import annotations

from typing import Any

import moderngl
import pytest

_MADE_BY = (
    "texture",
    "texture3d",
    "framebuffer",
    "renderbuffer",
    "depth_renderbuffer",
    "buffer",
    "program",
    "vertex_array",
    "sampler",
)
_KINDS = (
    moderngl.Texture,
    moderngl.Texture3D,
    moderngl.Framebuffer,
    moderngl.Renderbuffer,
    moderngl.Buffer,
    moderngl.Program,
    moderngl.VertexArray,
    moderngl.Sampler,
)


class Resources:
    """Watches moderngl while it lasts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._alive: set[int] = set()
        self._kept: list[object] = []  # so that no two have the same id
        for name in _MADE_BY:
            monkeypatch.setattr(moderngl.Context, name, self._noted(getattr(moderngl.Context, name)))
        for kind in _KINDS:
            monkeypatch.setattr(kind, "release", self._forgotten(kind.release))

    @property
    def alive(self) -> int:
        """How many there are."""
        return len(self._alive)

    def _noted(self, make: Any) -> Any:
        def noted(*arguments: Any, **options: Any) -> Any:
            made = make(*arguments, **options)
            self._alive.add(id(made))
            self._kept.append(made)
            return made

        return noted

    def _forgotten(self, release: Any) -> Any:
        def forgotten(resource: Any) -> None:
            self._alive.discard(id(resource))
            release(resource)

        return forgotten
