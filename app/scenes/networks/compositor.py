"""Networks in a frame: a tile each, with its name, its PSNR and a bar that fills while it is trained."""

from __future__ import annotations

import math
from typing import Any

import moderngl
import numpy as np
from jaxtyping import UInt8

from ...compositor import Label, Overlay, Pane, clear_between
from ...gl.canvas import ACCENT, BACKING, QUIET_TEXT, canvas_of
from ...gl.image_overlays import Surface
from ...gl.overlays import colour_bar_image
from ...plane.compositor import PlaneCompositor
from .tiles import TileLayer, tile_panes

_BAR_EM = 0.3


class NetworksCompositor(PlaneCompositor):
    """See the base; there are as many tiles as were shown last."""

    def draw(self, framebuffer: Surface, controls: Any, pixel_ratio: float = 1.0, ring: Any = None) -> None:
        """See the base."""
        framebuffer.use()
        self._context.disable(moderngl.BLEND)
        panes = tile_panes(controls, len(self._tiles) or 1, framebuffer.size)
        clear_between(framebuffer, panes)
        for pane in panes:
            self._draw_pane(framebuffer, controls, pane, pixel_ratio, ring)
        if controls.caption:
            self._write(framebuffer, controls, panes, pixel_ratio)
        elif controls.comparison == "wipe":
            Overlay(self._overlays, framebuffer, pixel_ratio).divider(controls.divider)

    @property
    def _tiles(self) -> list[TileLayer]:
        layers = [texture.layer for texture in self._shown.values()]
        return [layer for layer in layers if isinstance(layer, TileLayer)]

    def _write(self, surface: Surface, controls: Any, panes: tuple[Pane[str], ...], pixel_ratio: float) -> None:
        over = Overlay(self._overlays, surface, pixel_ratio)
        if controls.comparison == "wipe":
            over.divider(controls.divider)
        width, truth = surface.size[0], "truth"
        labels = []
        for pane, layer in zip(panes, self._tiles, strict=False):
            left, top, across, _ = pane.box
            room = across // 2 if controls.comparison == "wipe" else across
            said = truth if pane.output == truth else label_of(layer, is_error=controls.comparison == "error")
            labels.append(Label(said, left, left + room, top))
            if pane.output != truth:
                self._draw_bar(surface, pane, layer, over)
        if controls.comparison == "wipe":
            labels.append(Label(truth, width // 2, width, at_right=True))
        over.labels(labels)
        if controls.comparison == "error":
            over.lower_right(colour_bar_image, (controls.error_range, over.em))

    def _draw_bar(self, surface: Surface, pane: Pane[str], layer: TileLayer, over: Overlay) -> None:
        left, top, width, height = pane.box
        margin, thick = over.margin, max(2, round(_BAR_EM * over.em))
        if layer.tile is None or layer.tile.share >= 1 or width <= 4 * margin:
            return
        done = round(layer.tile.share * (width - 2 * margin))
        self._overlays.draw(
            surface, bar_image, (width - 2 * margin, thick, done, layer.leads),
            lambda px: (left + margin, top + height - margin / 2 - px[1]),
        )  # fmt: skip

    def show(self, layers: Any) -> None:
        """See the base; tiles of a race that is over are no more shown."""
        for name in [name for name in self._shown if name not in layers and name != "truth"]:
            if "0" in layers:
                self._spare.append(self._shown.pop(name))
        super().show(layers)


def label_of(layer: TileLayer, is_error: bool = False) -> str:
    """Name and PSNR of a network, and what went wrong with it."""
    tile = layer.tile
    if tile is None:
        return layer.label
    psnr = "" if tile.psnr is None or not math.isfinite(tile.psnr) else f"  {tile.psnr:.1f} dB"
    name = f"{tile.name} − truth" if is_error else tile.name  # noqa: RUF001 (a minus sign)
    return f"{'★ ' if layer.leads else ''}{name}{psnr}{'  diverged' if tile.remark else ''}"


def bar_image(width: int, height: int, done: int, leads: bool) -> UInt8[np.ndarray, "h w 4"]:
    """A bar of which the first ``done`` pixels are filled."""
    canvas = canvas_of(width, height, height / 2, BACKING)
    canvas.fill(0, 0, min(max(done, height), width), height, ACCENT if leads else QUIET_TEXT)
    return canvas.pixels()
