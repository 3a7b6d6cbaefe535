"""The Ackley function, as a signal given by a formula."""

from __future__ import annotations

import hashlib
import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters.filter import Numbers
from .signal import Signal, SignalFacts, as_points


class Ackley(Signal):
    """Ackley's function in 2-D, coordinates times 4 and values over 10.

    ``(20 + e - 20 exp(-0.2 sqrt(|4x|^2 / 2)) - exp((cos 8 pi x + cos 8 pi y) / 2)) / 10``

    Source: D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing (1987); scaled as in the scale-space
    paper (Mujkanovic et al. 2024).

    Example:
        >>> Ackley()([[0.0, 0.0]])
        tensor([[0.]])
    """

    type = "ackley"

    def __init__(self) -> None:
        formula = "ackley(4x)/10"
        self.facts = SignalFacts(
            type=self.type,
            name="ackley",
            digest=hashlib.sha256(formula.encode()).hexdigest(),
            half_extent=(1.0, 1.0),
            channels=1,
            value_range=(0.0, 1.254),  # its least and greatest value in [-1, 1]^2
        )

    def __call__(self, x: Numbers) -> Float[Tensor, "n 1"]:
        """Values at the points ``x`` (n, 2); 0 at the origin, at most 1.254 in [-1, 1]^2.

        Raises InputError: see ``as_points``.
        """
        scaled = 4 * as_points(x, 2)
        bowl = -20 * torch.exp(-0.2 * (scaled.square().mean(-1, keepdim=True)).sqrt())
        ripples = -torch.exp(torch.cos(2 * math.pi * scaled).mean(-1, keepdim=True))
        return (bowl + ripples + math.e + 20) / 10

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Ackley:
        """The formula, whose only source is its name."""
        if source != cls.type:
            raise InputError(
                f"signal '{source}': the field was trained on {cls.type}, not on a picture; give {cls.type}"
            )
        return cls()

    @classmethod
    def sources(cls, facts: SignalFacts) -> tuple[str, ...]:
        """Its name."""
        return (cls.type,)
