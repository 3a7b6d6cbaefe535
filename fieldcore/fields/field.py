"""The base of all fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import InputError
from ..filters import Filter
from ..recipe import Precision, Recipe
from ..sampling import sobol
from ..signals import SignalFacts

_TILE_POINTS = {"cpu": 1 << 14, "cuda": 1 << 18}


class Field(nn.Module, ABC):
    """A network from coordinates to values that can be asked for its smoothed self.

    ``field(x)`` is the signal at the points ``x``; ``field(x, filter)`` the signal averaged over ``filter`` there.

    Class attributes, set by each kind:
        kind: its name on the command line.
        recipe_type: its dataclass of settings.
        presets: recipes with names; ``preview`` suits a laptop, ``paper`` is the publication's.
        filters: the filters it evaluates in one pass; others are refused by name.
        calibrated: whether its scales must be calibrated after training (see calibration.py).
    """

    kind: ClassVar[str]
    recipe_type: ClassVar[type[Recipe]]
    presets: ClassVar[dict[str, Any]]
    filters: ClassVar[tuple[type[Filter], ...]]
    calibrated: ClassVar[bool] = False

    def __init__(self, recipe: Recipe, facts: SignalFacts) -> None:
        super().__init__()
        self.recipe = recipe
        self.facts = facts

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.facts.half_extent)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def is_distance(self) -> bool:
        """Whether its values are taken for distances to a surface: those in 3-D with one channel."""
        return self.dim == 3 and self.facts.channels == 1

    @property
    def parameter_count(self) -> int:
        """Number of trained values."""
        return sum(parameter.numel() for parameter in self.parameters())

    @property
    def calibration_factor(self) -> float:
        """What a filter's covariance is multiplied by before the network sees it; 1 where none is needed."""
        return 1.0

    def forward(self, x: Float[Tensor, "n d"], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """Values at ``x``, averaged over ``filter`` (one for all points or one a point).

        Raises:
            InputError: wrong number of coordinates, a filter for another number of points, or a kind of filter
                that this kind of field does not support.
        """
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise InputError(f"points: expected shape (n, {self.dim}), got {tuple(x.shape)}")
        self._check(filter, len(x))
        return self._values(x, filter)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """Values where positions along each axis cross, the first axis varying fastest: those of ``forward``.

        Kinds that look values up may do so for whole rows at once, and keep what no filter changes: ``axes`` are best
        on the processor, wherever the weights are. Raises InputError as ``forward``.
        """
        on_device = [axis.to(self.device) for axis in reversed(axes)]
        return self(torch.cartesian_prod(*on_device).flip(-1), filter)

    def refuses(self, filter: Filter) -> str | None:
        """Why the field cannot be filtered so, in a sentence; None where it can."""
        if isinstance(filter, self.filters):
            return None
        supported = ", ".join(supported.__name__ for supported in self.filters)
        return f"a {self.kind} field cannot be filtered by {type(filter).__name__}; it supports {supported}"

    def sampled(
        self, x: Float[Tensor, "n d"], filter: Filter, samples: int = 256, seed: int = 0
    ) -> Float[Tensor, "n c"]:
        """The unfiltered field, averaged over so many samples of the filter."""
        noise = sobol(samples, self.dim, seed).to(x)[:, None].expand(-1, *x.shape)
        return self((x + filter.offsets(noise)).flatten(0, 1)).unflatten(0, noise.shape[:2]).mean(0)

    def tile_points(self, filter: Filter | None) -> int:
        """How many points are best evaluated at once: what a processor's caches like, or what fills a GPU.

        It bounds memory, and the time between two checks whether to go on.
        """
        return _TILE_POINTS.get(self.device.type, _TILE_POINTS["cpu"])

    def _check(self, filter: Filter | None, points: int) -> None:
        """Raise InputError unless so many points can be filtered so."""
        if filter is None:
            return
        refusal = self.refuses(filter)
        if refusal is not None:
            raise InputError(refusal)
        if filter.per_point is not None and filter.per_point != points:
            raise InputError(f"filter: expected one for each of the {points} points, got {filter.per_point}")

    @abstractmethod
    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        """``forward`` after its checks; ``filter`` is None or one of ``filters``."""

    def prepare(self, signal: Any) -> None:
        """Start near the answer instead of at noise, where a kind can; called once, before the first step."""

    @abstractmethod
    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """Draw one training batch on the generator's device and return the loss to be minimised.

        Args:
            signal: a ``Signal``, or whatever other ``Dataset`` the kind is made for.
            generator: of every random number.
        """

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam over all parameters; ``fit`` multiplies each group's ``scale`` by the recipe's learning rate."""
        groups = [{"params": list(self.parameters()), "scale": 1.0}]
        return torch.optim.Adam(groups, lr=self.recipe.learning_rate, fused=True)


@contextmanager
def dense_layers(precision: Precision, device: torch.device, training: bool, distance: bool = False) -> Iterator[None]:
    """Run matrix products in the arithmetic that ``dense_dtype`` says."""
    dtype = dense_dtype(precision, device, training, distance)
    with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
        yield


def dense_dtype(precision: Precision, device: torch.device, training: bool, distance: bool = False) -> torch.dtype:
    """The arithmetic of dense layers, where the recipe and the device allow it: bfloat16 while training.

    Evaluation on a processor stays in float32, so that a field gives the same picture wherever it is loaded. On a GPU
    float16 has bits enough for a colour and takes half the time and memory; a ``distance`` is evaluated in float32
    everywhere, because normals are differences of distances two thousandths apart, in which rounding would show.
    """
    if precision == "float32":
        return torch.float32
    if training:
        return torch.bfloat16 if precision == "bfloat16" or has_bfloat16(device) else torch.float32
    return torch.float16 if has_quick_float16(device) and not distance else torch.float32


def has_quick_float16(device: torch.device) -> bool:
    """Whether float16 matrix products run on tensor cores there."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= (7, 0)


def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 matrix products run in hardware there."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return bool(getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", bool)())
    return False
