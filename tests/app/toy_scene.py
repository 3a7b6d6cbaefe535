"""A scene that is no part of the program: stripes on a plane, from files that hold how many there are.

    python tests/app/toy_scene.py stripes.toy

is the whole program with one scene more, which the last lines register.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from app.covariance import VARIANCES, isotropic
from app.entries import entry, file_entry
from app.entry_settings import settings_of
from app.plane.controls import PlaneControls
from app.plane.scene import PlaneScene
from fieldcore.filters import Gaussian
from fieldcore.grid import Grid
from fieldcore.signals import Signal, SignalFacts
from fieldcore.truth import Truth


class Stripes(Signal):
    """So many stripes across the plane."""

    type = "stripes"

    def __init__(self, count: float, contrast: float = 1.0) -> None:
        self.facts = SignalFacts("stripes", f"{count:g} stripes", f"{count:g}", (1.0, 0.6), 1)
        self.count, self.contrast = count, contrast

    def __call__(self, x: Tensor) -> Tensor:
        return 0.5 + self.contrast / 2 * torch.cos(torch.pi * self.count * x[:, :1])

    def truth(self) -> Truth:
        return Smoothed(self)


class Smoothed(Truth):
    """Stripes under a Gaussian, in closed form."""

    def _estimated(self, filter: Any, grid: Grid, samples: int) -> tuple[Any, float]:
        stripes: Any = self._signal
        passed = filter.response(torch.tensor([[stripes.count / 2, 0.0]]))
        values = 0.5 + (stripes(grid.points(0, grid.count)) - 0.5) * passed
        return values.reshape(*grid.shape, 1).numpy(), 0.0


@dataclass(frozen=True)
class ToyControls(PlaneControls):
    """What is shown: the plane's own entries, and a filter."""

    field: str = file_entry("the path of a file of stripes", required=True)
    variance: float = entry(
        1e-3, "blur", "how much is averaged over", group="Filter", setting="blur", space=VARIANCES, bounds=(0.0, 1.0)
    )

    def filter_of(self, facts: SignalFacts) -> Gaussian:
        return Gaussian(self.variance)

    equivalent_covariance = property(lambda self: isotropic(self.variance, 2))
    caption_words = property(lambda self: (("blur  ", False), (f"{self.variance:.1g}", True)))
    described = property(lambda self: {"variance": self.variance})


class Toy(PlaneScene):
    """Stripes, whose field is a pale copy of them."""

    name, title, controls, signals = "toy", "toys", ToyControls, ("stripes",)
    path_title, invitation, opens = "a path of a toy", "Drop a file of stripes", "stripes (.toy)"
    settings = settings_of(ToyControls, ("toy",))
    suffixes = (".toy",)

    def read(self, file: Path, device: torch.device) -> Any:
        from app.plane.own_document import document_of

        count = float(file.read_text())
        document = document_of(file, Stripes(count, contrast=0.8))
        document.attach(Stripes(count), str(file))
        return document


ACTIONS, GESTURES, COMMANDS, GROUPS, PARTS = (), (), {}, (), {}


if __name__ == "__main__":
    import app.scenes

    app.scenes.SCENES += (Toy(),)  # this is all
    from app.cli import run

    sys.exit(run())
