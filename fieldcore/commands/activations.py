"""``fieldcore activations``: what the activations of coordinate networks look like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import check_writable_folder
from .common import GeneralOptions, require_above_zero


@dataclass(frozen=True, kw_only=True)
class Activations(GeneralOptions):
    """Draw every activation with its published numbers, and FINER over what its first layer sees."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore activations --out activations/",
        "fieldcore activations --first-bias 1,5,10,20 --omega 1 --out activations/",
    )

    first_bias: str = option(
        "Ranges of FINER's first biases, with commas between them.", default="1,5,10,20", metavar="K[,K...]"
    )
    omega: float = option("Omega of FINER in that plot.", default=1.0, metavar="W")
    out: str = option("Folder to write into.", metavar="FOLDER", short="o", group="output")

    def __post_init__(self) -> None:
        require_above_zero(self, "omega")
        parse_biases(self.first_bias)

    def run(self) -> None:
        """Draw and write."""
        out = Path(self.out)
        check_writable_folder(out)

        from ..fields.networks import ACTIVATIONS
        from ..figure_file import write_figure
        from ..network_figures import activations_figure, bias_figure

        published = {}
        for name, kind in ACTIVATIONS.items():
            numbers = kind.published
            published[name] = kind(
                numbers.get("omega_first", 1.0), numbers.get("spread", 1.0), numbers.get("carrier", 1.0)
            )
        write_figure(out / "activations.svg", activations_figure(published, reach=0.5))
        write_figure(out / "first_bias.png", bias_figure(self.omega, parse_biases(self.first_bias)))
        self.print_result({"out": [str(out / name) for name in ("activations.svg", "first_bias.png")]})


def parse_biases(text: str) -> list[float]:
    """The numbers in a text. Raises InputError unless they are 0 or more, at most eight."""
    try:
        biases = [float(part) for part in text.split(",")]
    except ValueError:
        biases = []
    if not 1 <= len(biases) <= 8 or not all(0 <= bias < math.inf for bias in biases):
        raise InputError(f"--first-bias: expected one to eight numbers from 0, as in 1,5,10,20, got '{text}'")
    return biases
