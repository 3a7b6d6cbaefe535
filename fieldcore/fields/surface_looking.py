"""A surface as cameras see it: pictures, colours of points, and where photographs agree on it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..exclusive import exclusive
from ..filters import Filter, Gaussian, as_filter
from ..filters.filter import Numbers
from ..radiance.pixel_rays import camera_rays
from ..radiance.rendering import Rays, Seen
from ..views.camera import Camera
from ..views.photo_agreement import Agreement, photo_agreement
from ..views.view import View
from ..views.views import Views
from .appearance import Appearance
from .hull_grid import HullGrid
from .network_geometry import NetworkGeometry
from .seen_field import SeenField
from .silhouette_pixels import near_mask
from .smoothed_geometry import SmoothedGeometry
from .surface_losses import numerical_gradient, stencil
from .surface_recipe import SurfaceRecipe
from .surface_rendering import Search, SurfaceSeen, see_surface

_SEARCHED_FOR_PICTURES = 160
_RAYS_AT_ONCE = {"cpu": 1 << 13, "cuda": 1 << 17}
_MONITORED_PIXELS = 4096
_POINTS_AT_ONCE = 1 << 14


class Rendering(NamedTuple):
    """What a camera sees, rows from the top.

    Attributes:
        colour: display-encoded, times alpha.
        alpha: share of each pixel that the surface covers.
        depth: along the view direction, in domain units; 0 where alpha is below a half.
        normal: of length 1, in the scene's axes; 0 there likewise.
    """

    colour: Float[Tensor, "h w 3"]
    alpha: Float[Tensor, "h w"]
    depth: Float[Tensor, "h w"]
    normal: Float[Tensor, "h w 3"]


class SeenSurface(SeenField):
    """What has a signed distance with features, and an appearance.

    Attributes:
        geometry: distance and features.
        look: the appearance.
        merged: the distance at vertices, for rays to look for the surface in; empty until it is asked for.
        bounds: the least and the greatest corner of what holds the surface.
    """

    recipe: SurfaceRecipe
    geometry: HullGrid | NetworkGeometry
    look: Appearance
    merged: Tensor
    bounds: Tensor

    @property
    @abstractmethod
    def sharpness(self) -> float:
        """Of NeuS's weights by now, 1 over domain units."""

    def features(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n f"]:
        """What the appearance knows of points, best on the surface."""
        return self.geometry.distance_and_features(self._points(x))[1]

    def appearance(
        self, features: Float[Tensor, "n f"], normals: Float[Tensor, "n 3"], directions: Float[Tensor, "n 3"]
    ) -> Float[Tensor, "n 3"]:
        """Display-encoded colours; see ``Appearance``."""
        colours: Tensor = self.look(features, normals, directions)
        return colours

    @torch.no_grad()
    def render(
        self, camera: Camera, size: tuple[int, int] | None = None, filter: Filter | Numbers | None = None
    ) -> Rendering:
        """The surface from a camera, smoothed by a filter.

        Args:
            camera: in domain units, as the cameras of ``Views`` and of this field (``cameras``) are.
            size: width and height in pixels; by default the camera's own.
            filter: one Gaussian for all of space, or its variance.

        Raises:
            InputError: a filter that the field does not take.

        Example:
            seen = field.render(field.cameras.camera(0), (320, 240), filter=1e-3)
            write_image("smooth.png", seen.colour.numpy())
        """
        filter = self._check(as_filter(filter), 1)
        camera = camera if size is None else camera.resized(*size)
        look_along = self._looked_along if filter is None or is_nothing(filter) else self._looker(filter)
        parts = []
        for part in camera_rays(camera, self.device).split(_RAYS_AT_ONCE.get(self.device.type, _RAYS_AT_ONCE["cpu"])):
            seen, colours = look_along(part)
            solid = (seen.alpha >= 0.5)[:, None]
            along = (part.directions @ -camera.rotation[:, 2].to(part.directions))[:, None]
            values = [colours * seen.alpha[:, None], seen.alpha[:, None], solid * seen.t[:, None] * along]
            parts.append(torch.cat([*values, solid * seen.normals], 1))
        picture = torch.cat(parts).view(camera.height, camera.width, 8)
        return Rendering(picture[..., :3], picture[..., 3], picture[..., 4], picture[..., 5:])

    def looking(self, variance: float = 0.0) -> Callable[[Rays], Seen]:
        """See the base; what is smoothed is the distance."""
        look_along = self._looker(Gaussian(variance)) if variance else self._looked_along

        def looked(rays: Rays) -> Seen:
            seen, colours = look_along(rays)
            solid = seen.alpha >= 0.5
            distance, normals = solid * seen.t, solid[:, None] * seen.normals
            return Seen(colours * seen.alpha[:, None], seen.alpha, distance, len(rays.spread), normals)

        return looked

    def _looked_along(self, rays: Rays) -> tuple[SurfaceSeen, Float[Tensor, "r 3"]]:
        with exclusive(self, training=False):
            search = Search(self._dense(), self.bounds, _SEARCHED_FOR_PICTURES)
            seen = see_surface(self.geometry, search, rays, self.sharpness, self.recipe.samples)
            return seen, self.look(seen.features, seen.normals, rays.directions)

    def _looker(self, filter: Filter) -> Callable[[Rays], tuple[SurfaceSeen, Float[Tensor, "r 3"]]]:
        """What looks at the smoothed surface, which may have left the bounds of the other."""
        geometry = SmoothedGeometry(self, filter)
        search = Search(geometry.searched(), self.bounds.new_tensor([[-1.0] * 3, [1.0] * 3]), _SEARCHED_FOR_PICTURES)

        def look_along(rays: Rays) -> tuple[SurfaceSeen, Float[Tensor, "r 3"]]:
            with exclusive(self, training=False):
                seen = see_surface(geometry, search, rays, self.recipe.sharpness_end, self.recipe.samples)
                return seen, self.look(seen.features, seen.normals, rays.directions)

        return look_along

    def _dense(self) -> Float[Tensor, "n n n"]:
        """The distance at vertices, for rays to look for the surface in."""
        if self.merged.numel() == 0:
            self.merged = self.geometry.searched()
        return self.merged

    @torch.no_grad()
    def colours_at(self, x: Numbers, farthest: float = 0.2) -> Float[Tensor, "n 3"]:
        """Colours of points on the surface, or on the smoothed one, seen along their normals.

        Points are moved to the unsmoothed surface first, by two of Newton's steps along its gradient.

        Args:
            x: (n, 3) in domain units.
            farthest: of a step, in domain units.
        """
        parts = []
        for part in self._points(x).split(_POINTS_AT_ONCE):
            points, normals = self.on_surface(part, farthest)
            parts.append(self.look(self.geometry.distance_and_features(points)[1], normals, -normals))
        return torch.cat(parts) if parts else self._points(x)

    def on_surface(
        self, x: Float[Tensor, "n 3"], farthest: float = 0.2
    ) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
        """Points moved to the unsmoothed surface by two of Newton's steps, and the normals there."""
        step = self.geometry.step
        normals = torch.zeros_like(x)
        for _ in range(2):
            around = self.geometry.distance(stencil(x, step).flatten(0, 1)).view(-1, 7)
            gradient, _ = numerical_gradient(around, step)
            length = gradient.norm(dim=1, keepdim=True).clamp_min(0.1)
            normals = gradient / length
            x = x - (around[:, 6:] / length).clamp(-farthest, farthest) * normals
        return x, normals

    def agreement(self, x: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], views: Views) -> Agreement:
        """Where the photographs agree: how far apart they show the colours of points on the surface.

        Args:
            x: points on the surface, in domain units.
            normals: there, of length 1, outwards.
            views: the photographs that it was trained on.

        Example:
            points, normals = field.on_surface(vertices)
            spread = field.agreement(points, normals, views).spread  # 0 where all show the same colour
        """
        return photo_agreement(x, normals, views.training, self._dense())

    def views_monitor(self, views: Views) -> Callable[[], float]:
        """PSNR in dB of pixels of one view that is held out, or is the first; colours over black."""
        view = (views.held_out or views.training)[0]
        positions, pixels = _monitored(view)
        origins, directions = view.camera.rays(positions.to(self.device))
        rays = Rays(origins, directions, origins.new_full((len(origins),), 1 / view.camera.fx))
        pixels = pixels.to(self.device)

        @torch.no_grad()
        def measured() -> float:
            seen, colours = self._looked_along(rays)
            error = float((colours * seen.alpha[:, None] - pixels[:, :3]).square().mean())
            return -10 * math.log10(max(error, 1e-10))

        return measured


def is_nothing(filter: Filter) -> bool:
    """Whether it averages over nothing, and nobody asks for its gradient."""
    assert isinstance(filter, Gaussian)
    covariance = filter.covariance(3)
    return not covariance.requires_grad and not bool(covariance.any())


def _monitored(view: View) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n 4"]]:
    """Pixels of a view at and around its object, every so many-th."""
    near = torch.from_numpy(near_mask(view, 1)).reshape(-1).nonzero()[:, 0]
    near = near[:: max(1, len(near) // _MONITORED_PIXELS)]
    return view.camera.pixel_centres()[near], view.pixels().reshape(-1, 4)[near]
