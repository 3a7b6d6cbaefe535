"""What a surface is trained by at each step: rays followed to it, and how far what they see is from photographs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..errors import InputError
from ..radiance.rendering import Rays
from ..views.hull import Hull, visual_hull
from ..views.view import View
from ..views.views import Views
from .idr_training import idr_losses
from .silhouette_pixels import OneViewPixels, SilhouettePixels, dilated
from .surface_losses import colour_loss, eikonal_loss, mask_loss
from .surface_recipe import SurfaceRecipe
from .surface_rendering import Search, see_surface

if TYPE_CHECKING:
    from .surface import Surface
else:
    Surface = Any

_SEARCHED = 64

_INEXACT_RANGE = (-0.1, 0.1)
"""Domain units that a ray's least distance is clamped to where cameras are inexact, and the hull is too large."""


def ray_losses(
    field: Surface, rays: Rays, pixels: Float[Tensor, "r 4"], generator: torch.Generator
) -> dict[str, Float[Tensor, ""]]:
    """Colours, silhouettes, and that the distance is smooth and one: the parts of the loss, weighted, by name.

    Args:
        field: in training.
        rays: as its cameras have them by now.
        pixels: of each ray, colours times alpha and alpha.
        generator: moves samples along the rays.
    """
    recipe, geometry, share_done = field.recipe, field.geometry, field.share_done
    search = Search(field.merged, field.bounds, _SEARCHED)
    seen = see_surface(geometry, search, rays, field.sharpness, recipe.samples, generator)
    colours, alpha = field.look(seen.features, seen.normals, rays.directions), pixels[:, 3]
    slope = (seen.slope / recipe.mask_error_at(share_done)).clamp_max(geometry.most_slope(share_done))
    nearest = seen.nearest.clamp(*(_INEXACT_RANGE if recipe.refine_cameras else geometry.nearest_range))
    quiet = 1 - 0.8 * share_done
    return {
        "colour": colour_loss(colours, pixels[:, :3], alpha),
        "mask": recipe.mask_weight * mask_loss(nearest, alpha, slope),
        "eikonal": recipe.eikonal_weight * eikonal_loss(seen.gradients),
        "curvature": recipe.curvature_weight * quiet * (seen.laplacians * geometry.step).abs().mean(),
    }


class Training(NamedTuple):
    """How a surface is trained.

    Attributes:
        pixels: draws what a step is trained on.
        losses: of a step, by name.
    """

    pixels: Callable[[Sequence[View], torch.device], DrawnPixels]
    losses: Callable[[Surface, Rays, Tensor, torch.Generator], dict[str, Tensor]]


@runtime_checkable
class DrawnPixels(Protocol):
    """Pixels of photographs, drawn at random."""

    def drawn(self, count: int, generator: torch.Generator) -> tuple[Rays, Float[Tensor, "n 4"], Int[Tensor, "n"]]:
        """Rays, premultiplied colours with alpha, and the numbers of the views that they are of."""


TRAININGS: Mapping[str, Training] = {
    "neus": Training(SilhouettePixels, ray_losses),
    "idr": Training(OneViewPixels, idr_losses),
}
"""By the recipe's ``rendering``."""


def first_hull(recipe: SurfaceRecipe, views: Views) -> Hull:
    """Of masks that are as much larger as cameras may be off, where they are to be refined."""
    if not recipe.refine_cameras:
        return views.hull()
    larger = [dilated(view, round(recipe.camera_error_px)) for view in views.training]
    return visual_hull(f"views '{views.facts.name}'", larger)


def masked_views(signal: Any) -> Views:
    """What a surface is trained on. Raises InputError: other signals, or views without masks."""
    if not isinstance(signal, Views):
        raise InputError(f"kind: a surface field is trained on views, got {type(signal).__name__}")
    if not signal.has_masks:
        raise InputError(
            f"views '{signal.facts.name}': these views have no masks, which a surface needs; give --masks DIR or RGBA "
            "pictures, or learn density and colour with 'fieldcore fit radiance'"
        )
    return signal


def bounds_of(distance: Float[Tensor, "n n n"], margin: float) -> Float[Tensor, "2 3"]:
    """The box of what is inside, with a margin."""
    inside = (distance < 0).nonzero().flip(1)
    if len(inside) == 0:
        raise InputError("views: their hull is empty")
    size = 2 / (len(distance) - 1)
    margin += size
    return torch.stack([inside.amin(0) * size - 1 - margin, inside.amax(0) * size - 1 + margin]).float()
