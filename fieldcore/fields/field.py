"""The base of all fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..devices import full_precision
from ..errors import InputError
from ..filters import Filter, as_filter
from ..filters.filter import Numbers
from ..recipe import Precision, Recipe
from ..sampling import sobol
from ..signals import SignalFacts
from ..signals.signal import PADDING, folded, mirrored

_TILE_POINTS = {"cpu": 1 << 14, "cuda": 1 << 18}


@runtime_checkable
class Optimizer(Protocol):
    """What takes the steps of a training: one of PyTorch's, or what behaves as they do."""

    param_groups: list[dict[str, Any]]

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> Any:
        """Change the parameters by their gradients."""

    def state_dict(self) -> dict[str, Any]:
        """What a training that goes on needs, by name."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""


class Field(nn.Module, ABC):
    """A network from coordinates to values that can be asked for its smoothed self.

    ``field(x)`` is the signal at the points ``x``; ``field(x, filter)`` the signal averaged over ``filter`` there. Both
    are differentiable in ``x`` and in the filter's parameters.

    Class attributes, set by each kind:
        kind: its name on the command line.
        dims: the numbers of coordinates it takes.
        recipe_type: its dataclass of settings.
        is_solved: whether ``prepare`` solves for all of it, so that nothing is trained.
        presets: recipes with names; ``preview`` suits a laptop, ``paper`` is the publication's.
        suited: what a preset changes for a type of signal, by (preset, type).
        filters: the filters it evaluates in one pass; ``refuses`` has the last word.
        takes_signals: whether it is trained on functions of coordinates, and not on other data.
        has_colours: whether it is the distance to a surface that it knows the colours of: ``colours_at``.
        whole_rows: whether pictures are best evaluated by whole rows, which ``on_lattice`` is then asked for.
        calibrated: whether its scales must be calibrated after training (see calibration.py).
        shaped_by_data: whether its weights have sizes that its recipe alone does not say.
        one_body: whether it is of one object, so that smaller parts of its surface are floaters.

    Attributes:
        notices: what its preparation has found out that people should know, one sentence each.
    """

    kind: ClassVar[str]
    dims: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5, 6)
    recipe_type: ClassVar[type[Recipe]]
    presets: ClassVar[dict[str, Any]]
    is_solved: ClassVar[bool] = False
    suited: ClassVar[dict[tuple[str, str], dict[str, Any]]] = {}
    filters: ClassVar[tuple[type[Filter], ...]] = ()
    whole_rows: ClassVar[bool] = False
    has_colours: ClassVar[bool] = False
    takes_signals: ClassVar[bool] = True
    calibrated: ClassVar[bool] = False
    shaped_by_data: ClassVar[bool] = False
    one_body: ClassVar[bool] = False
    notices: tuple[str, ...] = ()

    def __init__(self, recipe: Recipe, facts: SignalFacts) -> None:
        super().__init__()
        dim = len(facts.half_extent)
        if dim not in self.dims:
            taken = " and ".join(f"{known}-D" for known in self.dims)
            raise InputError(f"kind: a {self.kind} field takes {taken} signals, got one in {dim}-D")
        self.recipe = recipe
        self.facts = facts

    @classmethod
    def built(cls, recipe: Recipe, facts: SignalFacts) -> Field:
        """An untrained field of this kind; a kind that has several classes chooses one here."""
        return cls(recipe, facts)

    @classmethod
    def is_solved_by(cls, preset: str) -> bool:
        """Whether fields of that preset are solved for; ``is_solved`` speaks of the first."""
        return cls.is_solved

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.facts.half_extent)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Of the values: float32 unless the field was converted, say by ``field.double()``."""
        dtype = next(self.parameters()).dtype
        return dtype.to_real() if dtype.is_complex else dtype

    @property
    def is_distance(self) -> bool:
        """Whether its values are taken for distances to a surface: those in 3-D with one channel."""
        return self.dim == 3 and self.facts.channels == 1

    @property
    def parameter_count(self) -> int:
        """Number of trained values."""
        return sum(parameter.numel() for parameter in self.parameters())

    @property
    def training_figures(self) -> dict[str, float]:
        """What people who watch its training want to know besides the loss, by name; empty for most kinds."""
        return {}

    @property
    def points_a_step(self) -> int:
        """How many points a training step draws."""
        return self.recipe.points_per_step

    @property
    def calibration_factor(self) -> float:
        """What a filter's covariance is multiplied by before the network sees it; 1 where none is needed."""
        return 1.0

    def __call__(self, x: Numbers, filter: Filter | Numbers | None = None) -> Float[Tensor, "n c"]:
        """Values at ``x``, averaged over ``filter``.

        Args:
            x: points (n, d) in domain units; a tensor on any device, an array or a list, of any real dtype.
            filter: one for all points or one a point. A number is a Gaussian's variance, (n) numbers are one a point;
                a matrix is its covariance.

        Returns:
            (n, c) values on the field's device, of its dtype.

        Raises:
            InputError: wrong number of coordinates, a filter for another number of points or axes, or a filter that
                this kind of field does not take.
        """
        x = self._points(x)
        values: Tensor = super().__call__(x, as_filter(filter))
        return values

    def forward(self, x: Float[Tensor, "n d"], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``field(x, filter)``, for points on the field's device and a filter."""
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise InputError(f"points: expected shape (n, {self.dim}), got {tuple(x.shape)}")
        return self._values(x, self._check(filter, len(x)))

    def colours_at(self, x: Numbers) -> Float[Tensor, "n 3"]:
        """Display-encoded colours of the surface, seen along its normals, at its places nearest to ``x``.

        Args:
            x: points near the surface, as in ``field(x)``.

        Raises:
            InputError: fields of this kind know no colours.
        """
        raise InputError(f"kind: a {self.kind} field has no colours of its own")

    def sampled(
        self, x: Numbers, filter: Filter | Numbers | None, samples: int = 256, seed: int = 0
    ) -> Float[Tensor, "n c"]:
        """The unfiltered field averaged over Sobol samples of any filter: the reference for every kind's own smoothing.

        Samples beyond the signal's box are folded back into it as the signal's borders say, for a signal without
        samples into the padded box on which fields are trained.

        Args:
            x: points, as in ``field(x)``.
            filter: any filter, also one that ``refuses`` names.
            samples: for each point; best a power of two.
            seed: of their scrambling.

        Raises:
            InputError: wrong number of coordinates, or a filter for another number of points or axes.
        """
        x = self._points(x)
        filter = self._fitted(as_filter(filter), len(x))
        if filter is None:
            return self._values(x, None)
        return self._mean_of_samples(x, filter, samples, seed)

    def _mean_of_samples(
        self, x: Float[Tensor, "n d"], filter: Filter, samples: int, seed: int
    ) -> Float[Tensor, "n c"]:
        """``sampled`` after its checks, for a filter of all coordinates."""
        noise = sobol(samples, self.dim, seed).to(x)[:, None]
        total = x.new_zeros(len(x), self.facts.channels)
        for part in noise.split(max(1, self.tile_points(None) // max(1, len(x)))):
            offsets = filter.offsets(part.expand(-1, len(x), -1))
            values = self._values(self._folded((x + offsets).flatten(0, 1)), None).unflatten(0, offsets.shape[:2])
            if filter.has_weights:
                values = values * filter.weights(offsets)[..., None]
            total = total + values.sum(0)
        return total / samples * filter.mass(self.dim).to(total)[..., None]

    def _folded(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return mirrored(folded(x, self.facts), [half + PADDING for half in self.facts.half_extent])

    def _points(self, x: Numbers) -> Float[Tensor, "n d"]:
        """``x`` on the field's device and of its dtype. Raises InputError unless it is (n, d) real numbers."""
        try:
            x = torch.as_tensor(x)
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise InputError(f"points: expected numbers of shape (n, {self.dim}), got {x!r:.80}") from error
        if x.ndim != 2 or x.shape[1] != self.dim or x.is_complex() or x.dtype == torch.bool:
            what = "" if x.is_floating_point() else f" of {x.dtype}".replace("torch.", "")
            raise InputError(f"points: expected shape (n, {self.dim}), got {tuple(x.shape)}{what}")
        return x.to(self.device, self.dtype)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """Values where positions along each axis cross, the first axis varying fastest: those of ``forward``.

        Kinds that look values up may do so for whole rows at once, and keep what no filter changes: ``axes`` are best
        on the processor, wherever the weights are. Raises InputError as ``forward``.
        """
        on_device = [axis.to(self.device) for axis in reversed(axes)]
        return self(torch.cartesian_prod(*on_device).reshape(-1, self.dim).flip(-1), filter)

    def tile_points(self, filter: Filter | None) -> int:
        """How many points are best evaluated at once: what a processor's caches like, or what fills a GPU.

        It bounds memory, and the time between two checks whether to go on.
        """
        return _TILE_POINTS.get(self.device.type, _TILE_POINTS["cpu"])

    def refuses(self, filter: Filter) -> str | None:
        """A sentence that says why this field does not take ``filter``, or None if it does.

        Example:
            >>> from fieldcore import Ackley, build_field, preset_recipe
            >>> from fieldcore.filters import Box
            >>> facts = Ackley().facts
            >>> build_field(preset_recipe("scale_space", "preview", facts), facts).refuses(Box(0.1))
            'a scale_space field cannot be filtered by Box; it supports Gaussian'
        """
        if isinstance(filter, self.filters):
            return None
        supported = ", ".join(supported.__name__ for supported in self.filters) or "none"
        return f"a {self.kind} field cannot be filtered by {type(filter).__name__}; it supports {supported}"

    def _check(self, filter: Filter | None, points: int) -> Filter | None:
        """``_fitted``. Raises InputError also for a filter that this field does not take."""
        if filter is not None:
            reason = self.refuses(filter)
            if reason is not None:
                raise InputError(reason)
        return self._fitted(filter, points)

    def _fitted(self, filter: Filter | None, points: int) -> Filter | None:
        """The filter on the field's device, for all its coordinates. Raises InputError unless it suits the points."""
        if filter is None:
            return None
        if filter.per_point is not None and filter.per_point != points:
            raise InputError(f"filter: expected one for each of the {points} points, got {filter.per_point}")
        filter = self.facts.of_smoothed_axes(filter)
        filter.require_axes(len(self.facts.smoothed_axes))
        return self.facts.embedded(filter.to(self.device))

    @abstractmethod
    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        """``forward`` after its checks; ``filter`` is None or one that it takes."""

    def prepare(self, signal: Any) -> None:
        """Start near the answer instead of at noise, where a kind can; called once, before the first step."""

    @abstractmethod
    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """Draw one training batch on the generator's device and return the loss to be minimised.

        Args:
            signal: a ``Signal``, or whatever other ``Dataset`` the kind is made for.
            generator: of every random number.
        """

    def scheduled(self, step: int, share_done: float) -> float:
        """The learning rate of the step that comes next; kinds with schedules of their own note where they are.

        Args:
            step: steps done.
            share_done: of the schedule, in [0, 1].
        """
        return self.recipe.learning_rate_at(share_done) * self.recipe.warmup_at(step)

    def after_step(self) -> None:
        """What a kind does after every optimiser step, such as bringing weights back to a bound."""

    def finish(self, data: Any) -> None:
        """What a kind does once, after the last step of a training on ``data``."""

    def optimizer(self) -> Optimizer:
        """Adam over all parameters; ``fit`` multiplies each group's ``scale`` by the recipe's learning rate."""
        parameters = list(self.parameters())
        fused = not any(parameter.is_complex() for parameter in parameters)  # PyTorch has none for complex numbers
        return torch.optim.Adam([{"params": parameters, "scale": 1.0}], lr=self.recipe.learning_rate, fused=fused)


@contextmanager
def dense_layers(precision: Precision, device: torch.device, training: bool, distance: bool = False) -> Iterator[None]:
    """Run matrix products in the arithmetic that ``dense_dtype`` says; ``float32`` and distances without TF32."""
    dtype = dense_dtype(precision, device, training, distance)
    exactly = precision == "float32" or (distance and not training)
    with full_precision(exactly), torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
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
