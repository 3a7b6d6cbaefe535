"""The files that a page is made of, and the window's shaders as WebGL 2 takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent

_SCRIPTS = ("gpu.js", "state.js", "decode.js", "page.js")
"""Of every page, in the order in which they need one another; a page's own follow."""

_STYLES = ("page.css",)


@dataclass(frozen=True)
class Parts:
    """The files that a kind of page is made of, beside those that all have.

    Attributes:
        body: the stage with what lies over the canvas, the controls, and a sentence on keys.
        scripts: in the order in which they need one another; the last one opens the page.
        styles: after those of all pages.
    """

    body: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ()

    @property
    def script(self) -> str:
        """All of the page's JavaScript."""
        return '"use strict";\n' + "\n".join(map(page_file, (*_SCRIPTS, *self.scripts)))

    @property
    def style(self) -> str:
        """All of its CSS."""
        return "".join(map(page_file, (*_STYLES, *self.styles)))


_DESKTOP = "#version 330 core\n"
_PRECISE = ("float", "int", "sampler2D", "sampler2DArray", "sampler3D")
_WEB = "#version 300 es\n" + "".join(f"precision highp {name};\n" for name in _PRECISE)


def page_file(name: str) -> str:
    """The text of a file that lies beside this one."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def page_shaders(window: Sequence[str], own: Sequence[str], *defines: str) -> dict[str, str]:
    """The shaders of a page by name, in GLSL ES 3.00.

    Args:
        window: those that it shares with the window.
        own: those that lie beside this file.
        defines: names that the preprocessor is to know, such as ``VALUES_ARE_LINEAR``.
    """
    texts = {name: page_file(name) for name in own} | {name: window_shader(name) for name in window}
    return {name: for_web(text, *defines) for name, text in texts.items()}


def window_shader(name: str) -> str:
    """The text of one of the window's shaders with the files that it includes."""
    beside = _FOLDER.parents[1]
    inside = beside / "app" / "shaders"  # in a wheel
    text = ((inside if inside.is_dir() else beside / "shaders") / name).read_text(encoding="utf-8")
    return re.sub(r'^#include "(.+)"\n', lambda include: window_shader(include[1]), text, flags=re.MULTILINE)


def for_web(desktop: str, *defines: str) -> str:
    """A shader for OpenGL 3.3 as one in GLSL ES 3.00: the same text after another first line.

    Example:
        >>> for_web("#version 330 core\\nvoid main() {}\\n", "FLAT").splitlines()[::4]
        ['#version 300 es', '#define FLAT']
    """
    assert desktop.startswith(_DESKTOP), "the shaders are written for OpenGL 3.3"
    return _WEB + "".join(f"#define {name}\n" for name in defines) + desktop.removeprefix(_DESKTOP)
