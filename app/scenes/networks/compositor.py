"""Networks in a frame: a tile each, with its name, its PSNR and a bar that fills while it is trained."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ...compare import ERROR, ERROR_KINDS, OTHER
from ...compositor import Overlay, Scale
from ...frame_size import Box
from ...gl.canvas import ACCENT, BACKING, QUIET_TEXT, canvas_of
from ...gl.image_overlays import Surface
from ...panes import Pane
from ...plane.compositor import NO_SPECTRA, PlaneCompositor
from .tiles import TileLayer, tile_panes

_BAR_EM = 0.3


class NetworksCompositor(PlaneCompositor):
    """See the base; there are as many tiles as were shown last."""

    def draw(
        self,
        framebuffer: Surface,
        controls: Any,
        pixel_ratio: float = 1.0,
        ring: Any = None,
        in_window: bool = False,
    ) -> None:
        """See the base."""
        self._has_grid = in_window
        tiles = self._tiles
        texts = {str(index): label_of(tile, controls.left == ERROR) for index, tile in enumerate(tiles)}
        texts |= {"truth": "truth", "field": label_of(tiles[0]) if tiles else ""}
        texts |= {OTHER: self._shown[OTHER].layer.label} if OTHER in self._shown else {}
        self.compose(framebuffer, controls, texts, pixel_ratio, self._places(controls, framebuffer))

    def _places(self, controls: Any, surface: Surface) -> tuple[Pane, ...]:
        return tile_panes(controls, len(self._tiles) or 1, surface.size)

    def _source(self, controls: Any, pane: Pane) -> tuple[str, str]:
        if pane.output in ("truth", *ERROR_KINDS):
            return ("truth", "") if pane.output == "truth" else ("0", pane.output)
        is_error = controls.show == "race" and controls.left == ERROR
        return pane.output.replace("field", "0"), controls.error if is_error else ""

    def _scale(self, controls: Any, output: str) -> Scale | None:
        return super()._scale(controls, controls.error if output.isdigit() and controls.left == ERROR else output)

    def _draw_words(self, over: Overlay, surface: Surface, controls: Any, pixel_ratio: float) -> Box | None:
        return None

    def _draw_gizmos(self, over: Overlay, surface: Surface, controls: Any, words: Box | None) -> None:
        """Draw how far each is trained."""
        for pane, layer in zip(self._places(controls, surface), self._tiles, strict=False):
            if controls.caption and pane.output != "truth":
                self._draw_bar(surface, pane, layer, over)

    @property
    def _tiles(self) -> list[TileLayer]:
        layers = [texture.layer for texture in self._shown.values()]
        return [layer for layer in layers if isinstance(layer, TileLayer)]

    def _draw_bar(self, surface: Surface, pane: Pane, layer: TileLayer, over: Overlay) -> None:
        left, top, width, height = pane.box
        margin, thick = over.margin, max(2, round(_BAR_EM * over.em))
        if layer.tile is None or layer.tile.share >= 1 or width <= 4 * margin:
            return
        done = round(layer.tile.share * (width - 2 * margin))
        self._overlays.draw(
            surface, bar_image, (width - 2 * margin, thick, done, layer.leads),
            lambda px: (left + margin, top + height - margin / 2 - px[1]),
        )  # fmt: skip

    def show(self, layers: Any, spectra: Any = NO_SPECTRA) -> None:
        """See the base; tiles of a race that is over are no more shown."""
        for name in [name for name in self._shown if name not in layers and name != "truth"]:
            if "0" in layers:
                self._spare.append(self._shown.pop(name))
        super().show(layers, spectra)


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
