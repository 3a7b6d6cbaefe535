"""``fieldcore neurons``: what one layer of a coordinate network gives, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import check_writable_folder
from .common import require_between
from .network_sources import NetworkSource

_USUAL_SIZE = 64
_MOST_SIZE = 1024


@dataclass(frozen=True, kw_only=True)
class NeuronsCommand(NetworkSource):
    """Show the outputs of a layer of a network as tiles, each with its dominating frequency.

    Of a shape's network the slice z = 0 is shown.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore neurons photo.safetensors --out neurons/",
        "fieldcore neurons photo.safetensors --layer 2 --order energy -o neurons/",
        "fieldcore neurons --activation finer --first-bias 20 --omega 1 -o start/",
    )

    layer: int = option("Of the hidden layers, from 1.", default=1, metavar="NUMBER", group="neurons")
    order: str = option(
        "Rising frequency, falling energy, or as they are.",
        default="frequency",
        metavar="NAME",
        choices=lambda: ("frequency", "energy", "index"),
        group="neurons",
    )
    size: int = option(
        "Pixels along the longer side of a tile.", default=_USUAL_SIZE, metavar="PIXELS", group="neurons"
    )
    out: str = option("Folder to write into.", metavar="FOLDER", short="o", group="output")

    def __post_init__(self) -> None:
        require_between("--size", self.size, 4, _MOST_SIZE)
        if self.layer < 1:
            raise InputError(f"--layer: expected a layer from 1, got {self.layer}")

    def run(self) -> None:
        """Evaluate, write and print the frequencies."""
        self.check_source()
        out = Path(self.out)
        check_writable_folder(out)
        field = self.network(2)

        from ..figure_file import write_figure
        from ..grid import Grid
        from ..network_figures import neurons_figure
        from ..neurons import neuron_pictures

        if field.dim < 2:
            raise InputError(f"field '{self.field}': expected one with at least two coordinates, got {field.dim}")
        grid = Grid.covering(field.facts.half_extent[:2], self.size)
        order: Any = self.order
        neurons = neuron_pictures(field, grid, self.layer, order)
        title = f"layer {self.layer} of {field.recipe.activation}: cycles along the longer side"
        path = out / f"neurons_layer{self.layer}.png"
        write_figure(path, neurons_figure(neurons, title))
        frequencies = sorted(neurons.frequencies)
        middle = frequencies[len(frequencies) // 2]
        self.print_result(
            {
                "out": str(path),
                "neurons": len(frequencies),
                "lowest_frequency": round(frequencies[0], 2),
                "median_frequency": round(middle, 2),
                "highest_frequency": round(frequencies[-1], 2),
            }
        )
