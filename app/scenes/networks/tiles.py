"""Networks as pictures: what is evaluated of each, and where it lies in a frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldcore.comparison.contest import Contestant
from fieldcore.evaluation import TileSize, evaluate_progressively
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.grid import Grid
from fieldcore.truth import Truth

from ...compare import OTHER
from ...document import Document
from ...frame_size import Size
from ...panes import Pane
from ...plane.flip import with_flip
from ...plane.layers import Layer, Sources, Stage, coarse_to_fine, evaluate_layers
from ...plane.request import PlaneRequest
from ...plane.view import View
from ...work.delivery import DELIVERIES, Way
from .controls import NetworksControls

_GAP_PX = 2


@dataclass(frozen=True)
class Tile:
    """A network as it is at a moment.

    Attributes:
        name: for people.
        field: the network.
        psnr: in dB, None where that was not measured yet.
        share: of its training that is done; 1 where none is under way.
        steps: that it has taken.
        remark: what went wrong, empty if nothing did.
    """

    name: str
    field: Field
    psnr: float | None = None
    share: float = 1.0
    steps: int = 0
    remark: str = ""

    @classmethod
    def of(cls, one: Contestant) -> Tile:
        """A contestant now."""
        return cls(one.name, one.field, one.psnr, one.share_done, one.training.step, one.remark)


def tile_of(document: Document) -> Tile:
    """What was opened, as it is."""
    field, recipe = document.field, document.field.recipe
    if not isinstance(field, Coordinate):
        return Tile(field.facts.name, field)
    return Tile(network_name(recipe), field, document.training.psnr.get("0"))


def network_name(recipe: Any) -> str:
    """Of a network on the desk, such as ``finer 3 x 64``."""
    return f"{recipe.activation} {recipe.hidden_layers + 1} × {recipe.width}"  # noqa: RUF001


@dataclass(frozen=True)
class TileLayer(Layer):
    """A network's picture.

    Attributes:
        tile: what the network was then.
        leads: whether no other was better.
    """

    tile: Tile | None = None
    leads: bool = False


def tile_panes(controls: NetworksControls, count: int, framebuffer_px: Size) -> tuple[Pane, ...]:
    """Where each network lies: on the desk as any field on a plane, in a race in rows of equal tiles."""
    names = [str(index) for index in range(count)]
    if controls.show == "desk":
        return controls.panes(framebuffer_px)
    across, down = tile_rows(count, framebuffer_px)
    width, height = ((px - (n - 1) * _GAP_PX) // n for px, n in zip(framebuffer_px, (across, down), strict=True))
    boxes = [
        (index % across * (width + _GAP_PX), index // across * (height + _GAP_PX), max(1, width), max(1, height))
        for index in range(count)
    ]
    shown = ["truth"] * count if controls.left == "truth" else names
    return tuple(Pane(name, box, box) for name, box in zip(shown, boxes, strict=True))


def tile_rows(count: int, framebuffer_px: Size) -> tuple[int, int]:
    """Across and down, so that tiles are about as wide as they are high."""
    ratio = framebuffer_px[0] / max(1, framebuffer_px[1])
    fits = [(across, math.ceil(count / across)) for across in range(1, count + 1)]
    return max(fits, key=lambda fit: (min(ratio / fit[0], 1 / fit[1]), -fit[0] * fit[1]))


@dataclass(frozen=True)
class NetworksRequest(PlaneRequest):
    """A frame of networks; while they are in training its cells are no finer than the picture's pixels.

    Attributes:
        tiles: gives the networks as they are when it is evaluated.
        beside: what stands beside, if anything does.
        running: whether they are in training.
    """

    tiles: Callable[[], Sequence[Tile]] = lambda: ()
    beside: Tile | None = None
    running: Callable[[], bool] = lambda: False

    def finenesses(self, points: float) -> tuple[int, ...]:
        """See the base."""
        tiles = self.tiles()
        panes = tile_panes(self.controls, len(tiles), self.framebuffer_px)  # type: ignore[arg-type]
        cells = len(tiles) * panes[0].size[0] * panes[0].size[1]
        if not self.running():
            return coarse_to_fine(cells, points)
        facts = self.document.field.facts
        view = View.of(self.controls, facts, panes[0].size)
        enough = max(1, math.floor(2 * facts.half_extent[0] / facts.resolution[0] / view.pixel_size))
        return (max(enough, coarse_to_fine(cells, points)[0]),)

    def stages(
        self, finenesses: Sequence[int], should_stop: Callable[[], bool], tile_size: TileSize, way: Way
    ) -> Iterator[Stage]:
        """See the base."""
        controls: Any = self.controls
        yield from tile_stages(
            controls, self.tiles(), self.document.truth, self.framebuffer_px, finenesses, should_stop, tile_size, way,
            self.beside,
        )  # fmt: skip


def tile_stages(
    controls: NetworksControls,
    tiles: Sequence[Tile],
    truth: Truth | None,
    framebuffer_px: Size,
    finenesses: Sequence[int] = (1,),
    should_stop: Callable[[], bool] = lambda: False,
    tile_size: TileSize | None = None,
    way: Way = "pinned",
    beside: Tile | None = None,
) -> Iterator[Stage]:
    """Evaluate the networks, and the truth and what stands beside where they are shown, in each of these finenesses."""
    facts = tiles[0].field.facts
    view = View.of(controls, facts, tile_panes(controls, len(tiles), framebuffer_px)[0].size)
    grid = view.visible_grid()
    best = max((tile.psnr for tile in tiles if tile.psnr is not None and math.isfinite(tile.psnr)), default=math.inf)
    for factor in finenesses:
        layers: dict[Any, Layer] = {}
        for index, tile in enumerate(tiles if grid is not None and "field" in controls.needed else ()):
            assert grid is not None
            of_tile = evaluate_progressively(
                tile.field, grid, should_stop=should_stop, factors=(factor,), tile_size=tile_size
            )
            found = next(of_tile, None)
            if found is None:
                return
            leads = len(tiles) > 1 and tile.psnr == best
            layers[str(index)] = TileLayer(
                DELIVERIES[way](found[1]), found[0], facts, tile.name, tile=tile, leads=leads
            )
        if grid is not None and truth is not None and "truth" in controls.needed:
            layers["truth"] = _truth_layer(truth, grid.coarsened(factor), facts)
        if beside is not None and OTHER in controls.needed:
            sources = Sources(tiles[0].field, other=beside.field)
            stages = evaluate_layers(
                controls, sources, framebuffer_px, names=(OTHER,), factors=(factor,), should_stop=should_stop,
                tile_size=tile_size, way=way,
            )  # fmt: skip
            stage = next(stages, None)
            if stage is None:
                return
            layers |= {name: replace(layer, label=beside.name) for name, layer in stage.layers.items()}
        yield Stage(with_flip(layers, controls, "0"), factor, factor == finenesses[-1])


def _truth_layer(truth: Truth, grid: Grid, facts: Any) -> Layer:
    values = truth.values(Gaussian(0.0), grid)
    return Layer(values.reshape(*grid.shape, -1), grid, facts, "truth")


def without_progress(controls: NetworksControls) -> NetworksControls:
    """The controls but for how far the training is."""
    return replace(controls, whole=True, trained=1.0, race_steps=())
