"""The geometry of a surface as a network of an embedded point, which begins as a ball and then learns the hull."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..signals.signal import lattice_points
from .surface_embeddings import EMBEDDINGS, FUSED_EMBEDDINGS
from .surface_losses import numerical_gradient, stencil
from .surface_recipe import SurfaceRecipe
from .surface_rendering import volume_at

_RADIUS = 0.6
_SOFTNESS = 100.0
_SEARCH_CELLS, _DENSE_CELLS = 48, 128
_AT_ONCE = 1 << 15
_START_POINTS = 4096
_HULL_POINTS, _NEAR_HULL = 2048, 0.1
_HULL_RATE = 2e-2


class NetworkGeometry(nn.Module):
    """A distance and features, both outputs of one network with softplus(100) and a skip to its middle.

    Its first layer sees nothing but the point at first, and its last one is solved for, so that it begins as the
    distance to a ball of radius 0.6 (``geometric initialisation``: M. Atzmon, Y. Lipman, SAL: Sign Agnostic Learning of
    Shapes from Raw Data, CVPR 2020). From there it learns the visual hull's distance in as many steps as the recipe
    says.

    Args:
        recipe: its numbers.
        generator: of the first weights.
    """

    step = 1 / 48
    nearest_range = (-math.inf, math.inf)
    """A network has to be pulled from afar."""

    def __init__(self, recipe: SurfaceRecipe, generator: torch.Generator) -> None:
        super().__init__()
        self.recipe = recipe
        embeddings = FUSED_EMBEDDINGS if recipe.backend == "fused" else EMBEDDINGS
        self.embedding = embeddings[recipe.embedding](generator)
        self.feature_count = 4 * recipe.features
        width, inputs = recipe.width, self.embedding.width
        self.skip = recipe.hidden_layers // 2
        sizes = [inputs, *[width] * recipe.hidden_layers]
        sizes[self.skip] += inputs
        self.hidden = nn.ModuleList(
            [
                _hidden_layer(size, width, seen, generator)
                for size, seen in zip(sizes[:-1], self._seen(sizes), strict=True)
            ]
        )
        self.last = nn.Linear(width, 1 + self.feature_count)
        nn.init.normal_(self.last.weight, 0, 1 / math.sqrt(width), generator=generator)
        nn.init.zeros_(self.last.bias)
        self._become_ball(generator)

    def _seen(self, sizes: list[int]) -> list[int]:
        """How many inputs of each layer are not 0 at first: of what is embedded the point alone."""
        inputs = self.embedding.width
        return [
            3 if layer == 0 else size - inputs + 3 if layer == self.skip else size
            for layer, size in enumerate(sizes[:-1])
        ]

    def _before_last(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        embedded = self.embedding(x)
        h = embedded
        for number, layer in enumerate(self.hidden):
            if number == self.skip and number > 0:
                h = torch.cat([h, embedded], 1) / math.sqrt(2)
            h = F.softplus(layer(h), beta=_SOFTNESS)
        return h

    @torch.no_grad()
    def _become_ball(self, generator: torch.Generator) -> None:
        """Solve for the last layer's weights of the distance, by least squares with a little damping."""
        ways = F.normalize(torch.randn(_START_POINTS, 3, generator=generator))
        x = 1.3 * torch.rand(_START_POINTS, 1, generator=generator) * ways
        h = torch.cat([self._before_last(x), torch.ones(len(x), 1)], 1).double()
        wanted = (x.norm(dim=1) - _RADIUS).double()
        square = h.T @ h
        damped = square + 1e-7 * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
        weights = torch.linalg.solve(damped, h.T @ wanted).float()
        self.last.weight[0], self.last.bias[0] = weights[:-1], weights[-1]

    def begin(self, hull: Float[Tensor, "n n n"]) -> None:
        """Learn the hull's distance, given at vertices over [-1, 1]^3: at points anywhere, and most of them near it."""
        steps = self.recipe.hull_steps
        generator = torch.Generator(hull.device).manual_seed(self.recipe.seed)
        optimizer = torch.optim.Adam(self._groups(_HULL_RATE), betas=(0.9, 0.99), eps=1e-15, fused=True)
        near = lattice_points(0, hull.numel(), [*hull.shape], 2 / (len(hull) - 1), hull.new_zeros(3))
        near = near[hull.flatten().abs() < _NEAR_HULL]
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = group["scale"] * 0.1 ** (step / steps)
            chosen = near[torch.randint(len(near), (_HULL_POINTS,), generator=generator, device=near.device)]
            chosen = chosen + (2 / len(hull)) * torch.randn(chosen.shape, generator=generator, device=near.device)
            anywhere = 2 * torch.rand(_HULL_POINTS // 4, 3, generator=generator, device=near.device) - 1
            x = torch.cat([chosen, anywhere])
            optimizer.zero_grad()
            with torch.enable_grad():
                (self.distance(x) - volume_at(hull, x)).abs().mean().backward()
            optimizer.step()
        self.zero_grad()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Tables at the learning rate of features, networks at a tenth; all at a tenth of that from the hull."""
        return self._groups(_RATE_FROM_HULL if self.recipe.hull_steps else 1.0)

    def _groups(self, rate: float) -> list[dict[str, Any]]:
        tables = [parameter for name, parameter in self.named_parameters() if "tables" in name]
        others = [parameter for name, parameter in self.named_parameters() if "tables" not in name]
        groups = [{"params": tables, "scale": rate}] if tables else []
        return [*groups, {"params": others, "scale": _NETWORK_RATE * rate}]

    def most_slope(self, share_done: float) -> float:
        """The steepest silhouette at that share of the schedule: soft ones pull from farther away."""
        return math.inf if self.recipe.hull_steps else float(50 * 10**share_done)

    def distance(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Signed distances, or nearly, at points."""
        return self.distance_and_features(x)[0]

    def distance_and_features(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "n f"]]:
        """Both at points."""
        values = self.last(self._before_last(x))
        return values[:, 0], values[:, 1:]

    def gradient(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """Of the distance, itself differentiable; by differences where the embedding has no second derivatives."""
        if not self.embedding.is_smooth:
            return numerical_gradient(self.distance(stencil(x, self.step).flatten(0, 1)).view(-1, 7), self.step)[0]
        x = x if x.requires_grad else x.detach().requires_grad_()
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(self.distance(x).sum(), x, create_graph=True)
        return gradient

    @torch.no_grad()
    def distance_at_many(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """``distance`` without gradients."""
        return torch.cat([x.new_empty(0), *(self.distance(part) for part in x.split(_AT_ONCE))])

    def dense(self) -> Float[Tensor, "n n n"]:
        """The distance at vertices over [-1, 1]^3, its axes z, y, x."""
        return self._at_vertices(_DENSE_CELLS)

    def searched(self) -> Float[Tensor, "n n n"]:
        """The same at fewer vertices, for rays to find the surface."""
        return self._at_vertices(_SEARCH_CELLS)

    def _at_vertices(self, cells: int) -> Float[Tensor, "n n n"]:
        size, centre = [cells + 1] * 3, self.last.weight.new_zeros(3)
        x = lattice_points(0, (cells + 1) ** 3, size, 2 / cells, centre)
        return self.distance_at_many(x).view(size)


_NETWORK_RATE = 0.1
"""Of networks with softplus, as a share of the features' learning rate."""

_RATE_FROM_HULL = 0.1
"""Of all that has learned the hull: at the whole rate its first steps would lead away from that again."""


def _hidden_layer(inputs: int, outputs: int, seen: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, 0, math.sqrt(2 / outputs), generator=generator)
    with torch.no_grad():
        layer.weight[:, seen:] = 0
    nn.init.zeros_(layer.bias)
    return layer
