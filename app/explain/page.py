"""The page of all explanations, made from the registry: ``python -m app.explain.page docs``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ..gl.canvas import SHEET, canvas_of, font_of
from ..setting import Setting
from ..settings import SETTINGS
from .registry import EXPLANATIONS, Explanation
from .sketch import Sketch

_SIZE, _SIDE, _FONT_PX = (640, 250), 24, 21
_HEAD = """# What it means

Press `?` (or `F1`) with the mouse on a control, a label or a picture: a card says what it means in two sentences, and
its drawing moves with the slider. This page has the same texts and drawings, from
[app/explain/registry.py](../app/explain/registry.py), by `python -m app.explain.page docs`. What has no explanation of
its own is explained by its help, which [controls.md](controls.md) lists.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD, *map(_section, EXPLANATIONS)])


def _section(one: Explanation) -> str:
    picture = f"\n![{one.title}](images/explained/{one.name}.png)\n" if one.draw else ""
    flags = [f"`--{setting.name}`" for setting in _flags(one)]
    told = f"\nSet by {', '.join(flags)}.\n" if flags else ""
    return f"## {one.title}\n\n{one.text}\n{picture}{told}"


def _flags(one: Explanation) -> list[Setting]:
    return [setting for setting in SETTINGS if setting.name in one.about and setting.flag]


def write_pictures(folder: Path) -> None:
    """Write the drawings as ``NAME.png``, as the docs show them."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for one in EXPLANATIONS:
        if one.draw:
            width, height = _SIZE
            canvas = canvas_of(width, height, 12, (SHEET[0], 1.0))
            room = width - 2 * _SIDE, height - 2 * _SIDE
            one.draw(Sketch(canvas, _SIDE, _SIDE, room, font_of(_FONT_PX)), *one.usual)
            picture = Image.fromarray(np.asarray(canvas.pixels()[..., :3]))
            picture.quantize(64).save(folder / f"{one.name}.png", optimize=True)


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    (docs / "explained.md").write_text(page(), encoding="utf-8")
    write_pictures(docs / "images" / "explained")
