"""The group *Diracs*: the repeated integral of the picture, and where a kernel looks it up for the point under the
cursor."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

from fieldcore.fields import Integral
from fieldcore.fields.kernel_taps import RunningSums, Samples
from fieldcore.filters import Kernel

from ....document import Document
from ....panel import theme
from ....panel.board import NONE, Board, Tag
from ..state import PictureState, pictures

_SIDE_PT, _DOT_PT = 260, 6.0
_LONGER_SIDE = 256
_MOST_DIRACS = 400
_INSET = (
    "the picture, summed again and again along its width and its height: what is left of the kernel after as many "
    "derivatives are a few Diracs, positive (amber) and negative (blue), as large as their weights. The filtered value "
    "under the cursor is the sum of what lies under them. Move the cursor over the view, and they slide; size it, and "
    "they spread"
)
_COUNT = "how many look-ups a point takes, and how often the picture is integrated along its width and its height"


def build(board: Board, header: Tag) -> None:
    """Make it."""
    state = pictures(board.session)
    with board.row("integral", _INSET):
        inset = _Inset(board)
    count = board.fact("Diracs", _COUNT)
    shown: list[object] = [None]

    def refresh() -> None:
        document, controls = state.document, state.controls
        now = id(document), document and document.version, controls, state.pointer
        if now == shown[0]:
            return
        shown[0] = now
        diracs = None if document is None else diracs_under(state, document)
        if document is None or diracs is None:
            count.show("none: choose a kernel with a size" if document else NONE)
            inset.hide()
            return
        positions, weights, orders = diracs
        count.show(f"{len(weights)} at a point; integrated {orders[0]} by {orders[1]} times")
        inset.show(document, orders, positions, weights)

    board.refreshed(header, refresh)


Diracs = tuple[Float[np.ndarray, "k 2"], Float[np.ndarray, "k"], tuple[int, ...]]
"""Positions in domain units, weights relative to the greatest, and how often the picture is integrated."""


def diracs_under(state: PictureState, document: Document) -> Diracs | None:
    """The Diracs of the filter under the cursor, of its first product; None where it has none."""
    controls, at = state.controls, torch.tensor([state.pointer])
    if controls.is_gaussian or controls.is_off or not isinstance(document.field, Integral):
        return None
    asked = controls.filters_at(document.field.facts, at, 0.0) if controls.varies else controls.filter
    if not isinstance(asked, Kernel):
        return None
    first = asked.diracs(2)[0]
    positions, weights = first.product()
    where = at[0].double() - positions * asked.lengths(2).reshape(-1, 2)[0].double()
    return where.numpy(), (weights / weights.abs().max()).numpy(), first.orders


class _Inset:
    """The integral as a picture, with the Diracs over it."""

    def __init__(self, board: Board) -> None:
        self._side, self._unit = board.px(_SIDE_PT), board.unit
        self._pixels = np.zeros((_LONGER_SIDE, _LONGER_SIDE, 4), np.float32)
        self._of: object = None
        with dpg.texture_registry():
            self._texture = dpg.add_raw_texture(
                _LONGER_SIDE, _LONGER_SIDE, self._pixels, format=dpg.mvFormat_Float_rgba
            )
        with dpg.drawlist(self._side, self._side) as canvas:
            dpg.draw_rectangle((0, 0), (self._side, self._side), color=theme.colours.sunken, fill=theme.colours.sunken)
            dpg.draw_image(self._texture, (0, 0), (self._side, self._side))
            self._dots = dpg.add_draw_layer()
        board.widgets["diracs"] = canvas

    def hide(self) -> None:
        """Show nothing."""
        dpg.delete_item(self._dots, children_only=True)
        self._of = None
        self._pixels[:] = 0
        dpg.set_value(self._texture, self._pixels)

    def show(
        self,
        document: Document,
        orders: tuple[int, ...],
        positions: Float[np.ndarray, "k 2"],
        weights: Float[np.ndarray, "k"],
    ) -> None:
        """Show that integral under these Diracs."""
        of = document, document.version, orders
        if of != self._of:
            self._of = of
            picture = integral_picture(document.field, orders)
            height, width = picture.shape[:2]
            top, left = (_LONGER_SIDE - height) // 2, (_LONGER_SIDE - width) // 2
            self._pixels[:] = 0
            self._pixels[top : top + height, left : left + width] = picture
            dpg.set_value(self._texture, self._pixels)
        dpg.delete_item(self._dots, children_only=True)
        scale = self._side / (2 * max(document.field.facts.half_extent))
        largest = np.argsort(-np.abs(weights))[:_MOST_DIRACS]
        for (x, y), weight in zip(positions[largest].tolist(), weights[largest].tolist(), strict=True):
            at = self._side / 2 + x * scale, self._side / 2 + y * scale
            radius = max(_DOT_PT * abs(weight) ** 0.5, 1.5) * self._unit
            colour = theme.colours.accent if weight > 0 else theme.colours.blue
            dpg.draw_circle(at, radius, color=(0, 0, 0, 160), fill=colour, thickness=self._unit, parent=self._dots)


def integral_picture(field: Any, orders: tuple[int, ...]) -> Float[np.ndarray, "h w 4"]:
    """The samples, summed so often along the width and the height, each channel from its least to its greatest."""
    samples = field.samples.float()[None]
    scale = _LONGER_SIDE / max(samples.shape[2:])
    small = F.interpolate(samples, scale_factor=scale, mode="area")[0] if scale < 1 else samples[0]
    values = small.double()
    for axis, order in enumerate(orders):
        dim, border = values.ndim - 1 - axis, field.facts.borders[axis]
        sums = RunningSums(Samples(values.shape[dim], border), order)
        summed = sums.summed(values.movedim(dim, 0))[: values.shape[dim]]
        values = summed.movedim(0, dim)
    reach = values.abs().amax((1, 2), keepdim=True).clamp_min(1e-12)
    shown = (0.5 + 0.5 * values / reach).permute(1, 2, 0).float().numpy()
    if shown.shape[2] == 1:
        shown = np.repeat(shown, 3, 2)
    return np.concatenate([shown, np.ones_like(shown[..., :1])], 2)
