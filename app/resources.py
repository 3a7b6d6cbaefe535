"""Where the files that come with the program lie."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).parent


def shader_source(name: str) -> str:
    """The text of the shader stage ``name``, such as ``picture.frag``, with the files that it includes."""
    text = (_shipped_folder("shaders") / name).read_text(encoding="utf-8")
    return re.sub(r'^#include "(.+)"\n', lambda include: shader_source(include[1]), text, flags=re.MULTILINE)


def asset_path(name: str) -> Path:
    """The path of a shipped input, such as a field or a demonstration path."""
    return _shipped_folder("assets") / name


def font_path() -> Path:
    """DejaVu Sans, which matplotlib carries; found without importing matplotlib."""
    matplotlib = find_spec("matplotlib")
    assert matplotlib is not None and matplotlib.origin is not None, "matplotlib is a dependency"
    return Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


def _shipped_folder(name: str) -> Path:
    """A wheel carries the folder inside the package; in the repository it lies beside it."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
