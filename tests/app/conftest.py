from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from resources import Resources
from screen import screen
from shape_checks import enforce_shapes

enforce_shapes("app")

from app.gl.offscreen import Offscreen, offscreen  # noqa: E402 (after the hook)
from fieldcore.errors import InputError  # noqa: E402


@pytest.fixture
def surface_of() -> Iterator[Callable[[int, int], Offscreen]]:
    """Opens an offscreen framebuffer of a size; tests that need one skip where there is no EGL."""
    with ExitStack() as stack:

        def open_surface(width: int, height: int) -> Offscreen:
            try:
                return stack.enter_context(offscreen((width, height)))
            except InputError as error:
                pytest.skip(str(error))

        yield open_surface


@pytest.fixture
def path_document() -> dict[str, Any]:
    """A path of seven frames that is right in every way."""
    return {
        "format": "fieldscope-path",
        "version": 1,
        "scene": "picture",
        "field": "waves.safetensors",
        "frames_per_second": 6,
        "keyframes": [
            {"time": 0, "variance": 0.0001, "center": [0, 0], "zoom": 1},
            {"time": 0.5, "covariance": [0.01, 0.002, 0.001]},
            {"time": 1, "variance": 0.01, "center": [0.2, 0.1], "zoom": 4},
        ],
    }


@pytest.fixture
def path_file(tmp_path: Path, path_document: dict[str, Any]) -> Path:
    """That path as a file, beside something that stands for its field."""
    (tmp_path / "waves.safetensors").write_bytes(b"waves")
    file = tmp_path / "path.json"
    file.write_text(json.dumps(path_document))
    return file


@pytest.fixture(autouse=True)
def _nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No render of a path in a process of its own, and no other program, unless a test wants them."""
    monkeypatch.setattr("app.record.film.PROGRAM", (sys.executable, "-c", ""))
    monkeypatch.setattr("app.record.path_film.open_on_desktop", lambda place, refused: None)


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch) -> Resources:
    """Counts textures, buffers and programs that are alive."""
    return Resources(monkeypatch)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen that nobody sees, for the real program; tests that need one skip where it cannot be had."""
    with screen() as name:
        yield name
