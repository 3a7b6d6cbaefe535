"""Insets drawn over a frame: those of the whole frame in a corner or in the strip, a spectrum in each pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldcore.signals import SignalFacts

from ..compare import ERROR, ERROR_KINDS
from ..compositor import Overlay, parts_of
from ..frame_size import Box
from ..panes import Layout, Pane
from .controls import PlaneControls
from .inset_images import spectrum_image, title_height_px, title_image
from .insets import InsetControls
from .spectra import Spectra, SpectrumInset


def draw_insets(over: Overlay, controls: InsetControls, layout: Layout, facts: SignalFacts) -> Box | None:
    """Draw those of the whole frame; returns the left, top, right, bottom of what they take in its corner."""
    drawn = []
    for name, (left, top, side, _) in controls.inset_boxes(over.size, over.margin).items():
        made = controls.inset_image(name, facts, side)
        box = made and over.at(*made, left, top)
        if box is None:
            continue
        if layout == "beside":
            title, em = controls.inset_title(name), min(over.em, side / 6)
            over.at(title_image, (title, side, em), left, top - title_height_px(em))
        else:
            drawn.append(box)
    return _around(drawn) if drawn else None


def draw_spectra(
    over: Overlay,
    controls: PlaneControls,
    panes: Sequence[Pane],
    spectra: Spectra,
    words: Box | None,
    corner: Box | None,
) -> None:
    """Draw that of each pane in its lower left corner, above the words of the caption.

    Args:
        over: the frame.
        controls: what it shows.
        panes: of it.
        spectra: of what they show.
        words: left, top, right, bottom of the caption, if there is one.
        corner: of the insets of the whole frame.
    """
    em = min(over.em, min(panes[0].size) / 24)
    for pane, part in zip(panes, parts_of(controls.layout, panes, over.size), strict=True):
        inset = spectra.get(ERROR if pane.output in ERROR_KINDS else pane.output)
        if inset is not None and len(inset.shades) > 2 and pane.visible[2] > 0:
            over.at(spectrum_image, (inset, em), *_place(over, part, inset, em, words, corner))


def _place(
    over: Overlay, part: Box, inset: SpectrumInset, em: float, words: Box | None, corner: Box | None
) -> tuple[int, int]:
    """The upper left corner of one, above what else stands there."""
    left, bottom = part[0] + over.margin, part[1] + part[3] - over.margin
    if words is not None and bottom > words[1]:  # beside it, too: all in a row stand at one height
        bottom = words[1] - over.margin // 2
    if corner is not None and bottom > corner[1] and corner[0] < left + len(inset.shades):
        bottom = corner[1] - over.margin // 2
    return left, bottom - len(inset.shades) - title_height_px(em)


def _around(boxes: Sequence[Any]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
