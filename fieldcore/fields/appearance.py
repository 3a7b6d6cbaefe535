"""The appearance of a surface: colours from features, the normal and where one looks from."""

from __future__ import annotations

import copy
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .surface_recipe import AppearanceInputs


class Appearance(nn.Module):
    """A small network from (features, normal, view direction, reflected direction) to colours.

    Geometry and appearance meet in the features alone, so that a surface may be shown with another's appearance.
    That directions are reflected at the normal makes highlights easy: D. Verbin et al., Ref-NeRF, CVPR 2022.

    Args:
        features: how many; also an attribute ``feature_count``.
        inputs: ``full``; ``no_view`` leaves out both directions, ``no_normal`` the normal and what is reflected at it,
            ``no_features`` the features.
        generator: of the first weights.
        width, hidden_layers: of the network.
    """

    def __init__(
        self,
        features: int,
        inputs: AppearanceInputs,
        generator: torch.Generator,
        width: int = 64,
        hidden_layers: int = 2,
    ) -> None:
        super().__init__()
        self.inputs = inputs
        self.feature_count = features
        self.sees_features = inputs != "no_features"
        directions = {"no_view": 3, "no_normal": 3}.get(inputs, 9)
        seen = directions + (features if self.sees_features else 0)
        sizes = (seen, *[width] * hidden_layers, 3)
        self.layers = nn.ModuleList([_layer(*pair, generator) for pair in pairwise(sizes)])

    def forward(
        self, features: Float[Tensor, "n f"], normals: Float[Tensor, "n 3"], directions: Float[Tensor, "n 3"]
    ) -> Float[Tensor, "n 3"]:
        """Display-encoded colours in (0, 1).

        Args:
            features: of the surface's points.
            normals: of length 1, outwards.
            directions: from the camera to the points, of length 1.
        """
        parts = [features] if self.sees_features else []
        if self.inputs != "no_normal":
            parts.append(normals)
        if self.inputs != "no_view":
            parts.append(directions)
        if self.inputs not in ("no_view", "no_normal"):
            along = (directions * normals).sum(1, keepdim=True)
            parts.append(directions - 2 * along * normals)
        values = torch.cat(parts, 1)
        for layer in self.layers[:-1]:
            values = layer(values).relu()
        colours: Tensor = self.layers[-1](values).sigmoid()
        return colours


def for_features_of(
    appearance: Appearance,
    own: tuple[Float[Tensor, "f"], Float[Tensor, "f"]],
    other: tuple[Float[Tensor, "f"], Float[Tensor, "f"]],
) -> Appearance:
    """An appearance for another surface's features, put to the mean and the deviation that it was trained on.

    Features of two trainings have nothing in common but these two numbers a channel; without them the colours would be
    noise. It is folded into the first layer. Source: X. Huang, S. Belongie, Arbitrary Style Transfer in Real-Time with
    Adaptive Instance Normalization, ICCV 2017.

    Args:
        appearance: to be borrowed.
        own: mean and standard deviation of the features that it was trained on.
        other: those of the features that it shall see.
    """
    borrowed = copy.deepcopy(appearance)
    if not appearance.sees_features:
        return borrowed
    first = borrowed.layers[0]
    assert isinstance(first, nn.Linear)
    scale = own[1] / other[1].clamp_min(1e-6)
    count = appearance.feature_count
    with torch.no_grad():
        first.bias.add_(first.weight[:, :count] @ (own[0] - scale * other[0]))
        first.weight[:, :count] *= scale
    return borrowed


def _layer(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    bound = (6 / inputs) ** 0.5 if outputs > 3 else 0.1
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
