"""Pages for tests and benchmarks: written to disk, and what is read back from one that is open in a browser."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from browser import Browser

from fieldcore.fields.field import Field
from fieldcore.web.pages import Page, PageSettings, page_of

_SHOW = """
const page = fieldscope;
clearTimeout(page.resting); // or it would draw once more before what was drawn is read
cancelAnimationFrame(page.asked);
page.asked = 0;
page.canvas.width = arguments[1]; page.canvas.height = arguments[2];
page.state = page.entries.stateOf('#' + arguments[0]);
page.drawing.draw(page.state, [0, 0, 0], arguments[3]);
"""
_VALUES = "const { gpu, values } = fieldscope.drawing; return gpu.read(values, 0, 0, values.width, values.height);"
_COLOURS = """
const { gl } = fieldscope.drawing.gpu, { width, height } = fieldscope.canvas;
fieldscope.drawing.draw(fieldscope.state, [0, 0, 0]);
const bytes = new Uint8Array(4 * width * height);
gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
return bytes;
"""
_EXTENSIONS = "WebGL2RenderingContext.prototype.getExtension"

HALF_FLOATS = f"""
const get = {_EXTENSIONS};
{_EXTENSIONS} = function (name) {{ return /half/.test(name) ? get.call(this, name) : null; }}
"""
"""Before a page: the browser has textures of half floats alone to draw to."""

NO_FLOATS = f"{_EXTENSIONS} = () => null"
"""Before a page: it has none of any floats."""


def written(shown: Field | Page, folder: Path, **settings) -> Path:
    """The file of a page, or of a field's page."""
    page = shown if isinstance(shown, Page) else page_of(shown, PageSettings(**settings))
    path = folder / "page.html"
    path.write_text(page.document.html(), encoding="utf-8")
    return path


def values_shown(window: Browser, fragment: str, width: int, height: int, *, draft: bool = False) -> np.ndarray:
    """Values of the pixels of a canvas so large, top row first, (height, width, 4)."""
    window.run(_SHOW, fragment, width, height, draft)
    return window.array(_VALUES).reshape(height, width, 4)


def colours_shown(window: Browser) -> np.ndarray:
    """What the canvas shows now, top row first, (height, width, 3) in 1/255."""
    width, height = window.run("return [fieldscope.canvas.width, fieldscope.canvas.height]")
    return window.array(_COLOURS).reshape(height, width, 4)[::-1, :, :3].astype(int)


def numbers_of(fragment: str) -> dict[str, float]:
    """What an address says, by name."""
    return {name: float(text) for name, text in (part.split("=") for part in fragment.split("&"))}


def covariance_of(fragment: str) -> np.ndarray:
    """Of the Gaussian that an address says."""
    numbers = numbers_of(fragment)
    turn, major = math.radians(numbers.get("angle", 0)), numbers["variance"]
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    covariance: np.ndarray = axes.T @ np.diag([major, numbers.get("minor", major)]) @ axes
    return covariance


def lose_context(window: Browser) -> None:
    """Take the graphics card away, and give it back once the page has said so; it shows the same afterwards."""
    before = window.run("return fieldscope.still()")
    window.run("window.lost = fieldscope.drawing.gpu.gl.getExtension('WEBGL_lose_context'); lost.loseContext()")
    window.wait("element('message').textContent.includes('returns')")
    window.run("lost.restoreContext()")
    window.wait("element('message').hidden")
    assert window.run("return fieldscope.still()") == before


_SLIDERS = """
return [...document.querySelectorAll('input[type=range]')].map((one) => one.id).filter((id) => {
    const one = document.getElementById(id);
    return !one.disabled && one.getClientRects().length > 0;
});
"""
_THUMB = """
const one = document.getElementById(arguments[0]);
one.scrollIntoView({ block: 'center' });
const box = one.getBoundingClientRect(), share = (one.value - one.min) / (one.max - one.min), thumb = 16;
const at = (along) => [box.left + thumb / 2 + along * (box.width - thumb), box.top + box.height / 2];
return [at(share), at(share < 0.5 ? 0.8 : 0.2)];
"""


def drag_sliders(window: Browser) -> list[str]:
    """Drag every slider that is seen by its thumb, with the mouse; returns those whose value did not follow."""
    stuck = []
    for slider in window.run(_SLIDERS):
        value = f"return document.getElementById({slider!r}).value"
        before = window.run(value)
        window.drag(window.run(_THUMB, slider))
        if window.run(value) == before:
            stuck.append(slider)
    return stuck
