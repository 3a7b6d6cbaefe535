"""Radiance fields: a density and a colour at every point, trained on photographs of which only the cameras are known.

What a pixel shows is the volume composited along its ray (radiance/compositing.py), with one renderer
(radiance/rendering.py) and one grid of what is empty (radiance/occupancy.py) for every kind of volume
(radiance_volumes.py).

Sources: B. Mildenhall et al., NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis, ECCV 2020; T.
Mueller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, SIGGRAPH 2022; for what fades
with distance J. T. Barron et al., Mip-NeRF, ICCV 2021, and Zip-NeRF, ICCV 2023.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import InputError
from ..exclusive import exclusive
from ..filters import Filter, Gaussian, as_filter
from ..filters.filter import Numbers
from ..radiance.occupancy import REFRESH_STEPS, OccupancyGrid
from ..radiance.pixel_rays import PixelRays, camera_rays
from ..radiance.rendering import Marching, Rays, Seen, look_along
from ..signals import SignalFacts
from ..views.camera import Camera
from ..views.kept_cameras import KeptCameras
from ..views.views import Views
from .levelwise_adam import LevelwiseAdam
from .radiance_recipe import RadianceRecipe
from .radiance_volumes import GridVolume, new_volume
from .seen_field import SeenField
from .trilinear_levels import TrilinearGrid

_LEAST_DENSITY = 3.0
"""Per domain unit: cells of less are empty. It is instant-ngp's, a hundredth in a step of sqrt(3)/1024 of the box."""

_BACKGROUND_RAYS = 1 << 16
"""Pixels of which the first background is made."""

_BACKGROUND_CELLS = 16
_MONITORED_RAYS = 2048
_COARSE_STEPS = 256
_RAYS_AT_ONCE = {"cpu": 1 << 12, "cuda": 1 << 15}


@dataclass(frozen=True)
class RenderedRadiance:
    """What a camera sees of a radiance field.

    Attributes:
        colour: (h, w, 3) display-encoded, in front of the background; where there were masks, times alpha.
        alpha: (h, w) opacity of what is in the box.
        depth: (h, w) along the view direction, in domain units; 0 where nothing is.
    """

    colour: Float[Tensor, "h w 3"]
    alpha: Float[Tensor, "h w"]
    depth: Float[Tensor, "h w"]


class Radiance(SeenField):
    """The field described at the head of this file. ``field(x)`` is the density at ``x``, per domain unit.

    Colours are display-encoded, as photographs are. The buffer ``steps_done`` counts steps: levels join and the grid
    of what is empty is renewed by it.
    """

    kind = "radiance"
    dims: ClassVar[tuple[int, ...]] = (3,)
    recipe_type = RadianceRecipe
    filters = (Gaussian,)
    presets: ClassVar = {
        "preview": RadianceRecipe(
            preset="preview",
            steps=1500,
            points_per_step=1024,
            learning_rate=4e-2,
            learning_rate_end=0.1,
            density_rate=5.0,
        ),
        "standard": RadianceRecipe(
            preset="standard",
            steps=6000,
            points_per_step=4096,
            learning_rate=1e-2,
            learning_rate_end=0.05,
            coarsest_cells=16,
            finest_cells=512,
            levels=6,
            log2_entries=19,
            intervals=256,
            occupancy_cells=96,
        ),
        "paper": RadianceRecipe(
            preset="paper",
            encoding="finer",
            omega=30.0,
            first_bias=1.0,
            width=182,
            steps=37_500,
            points_per_step=4096,
            learning_rate=2e-4,
            learning_rate_end=0.1,
            occupancy_cells=128,
        ),
    }

    recipe: RadianceRecipe
    steps_done: Tensor
    masked: Tensor

    def __init__(self, recipe: RadianceRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.volume = new_volume(recipe, generator)
        self.occupancy = OccupancyGrid(recipe.occupancy_cells)
        self.directions = TrilinearGrid(_BACKGROUND_CELLS)
        self.background = nn.Parameter(torch.zeros(self.directions.row_count, 3))
        self.register_buffer("steps_done", torch.zeros((), dtype=torch.long))
        self.cameras = KeptCameras(facts.views)
        self.register_buffer("masked", torch.tensor(False))
        self._pixels: tuple[Any, PixelRays] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the views that it was last trained on, for copies and pickles."""
        return {**super().__getstate__(), "_pixels": None}

    @property
    def is_distance(self) -> bool:
        """Never: its values are densities."""
        return False

    @property
    def takes_filters(self) -> bool:
        """Whether it can be smoothed at all."""
        return isinstance(self.volume, GridVolume)

    def refuses(self, filter: Filter) -> str | None:
        """Dense networks take no filter, grids isotropic Gaussians."""
        if not self.takes_filters:
            return f"a {self.kind} field of dense networks cannot be filtered; train one with --encoding grid"
        if isinstance(filter, Gaussian) and not filter.isotropic:
            return f"a {self.kind} field is filtered by isotropic Gaussians only; give a variance"
        return super().refuses(filter)

    def _values(self, x: Float[Tensor, "n 3"], filter: Any) -> Float[Tensor, "n 1"]:
        return self.volume.at(x, self._variances(x, filter)).density()[:, None]

    def _variances(self, x: Float[Tensor, "n 3"], filter: Any) -> Float[Tensor, "n"] | None:
        return None if filter is None else filter.variance.to(x).expand(len(x))

    def colours(
        self, x: Float[Tensor, "n 3"], directions: Float[Tensor, "n 3"], filter: Filter | Numbers | None = None
    ) -> Float[Tensor, "n 3"]:
        """Colours of points seen along unit vectors, display-encoded.

        Raises:
            InputError: as ``field(x, filter)``.
        """
        x = self._points(x)
        filter = self._check(as_filter(filter), len(x))
        return self.volume.at(x, self._variances(x, filter)).colours(directions.to(x))

    def prepare(self, signal: Any) -> None:
        """Settle what is behind the box, and keep the cameras. Raises InputError for what are no views."""
        self.masked.fill_(_checked(signal).has_masks)
        self.cameras.keep(signal.views)
        if self.recipe.background == "auto" and not self._is_free:
            self._begin_background(signal)

    @torch.no_grad()
    def _begin_background(self, signal: Any) -> None:
        """What is behind the box begins as the mean of the photographs in each direction, or fog would stand for it."""
        generator = torch.Generator(self.device).manual_seed(self.recipe.seed)
        rays, seen = self._pixels_of(signal).drawn(_BACKGROUND_RAYS, generator)
        corners, colour = self.directions.corners(rays.directions), seen[:, :3]
        weighted = corners.weights[..., None] * torch.cat([colour, torch.ones_like(colour[:, :1])], 1)[:, None]
        sums = seen.new_zeros(self.directions.row_count, 4)
        sums.index_add_(0, corners.rows.flatten(), weighted.flatten(0, 1))
        mean = (sums[:, :3] + colour.mean(0)) / (sums[:, 3:] + 1)
        self.background.copy_(mean.clamp(0.01, 0.99).logit())

    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """Mean squared error of the colours of pixels drawn from all views."""
        self._switch_levels()
        if int(self.steps_done) % REFRESH_STEPS == 0:
            self._refresh(generator)
        self.steps_done += 1
        rays, wanted = self._pixels_of(signal).drawn(self.recipe.points_per_step, generator)
        noise = torch.rand(len(wanted), generator=generator, device=generator.device)
        seen = look_along(self.volume, rays, self._marching(), self.occupancy, noise)
        behind = self.behind(rays.directions)
        if self._is_free:  # what is behind does not matter, so that it is opacity which has to be right
            behind = torch.rand(behind.shape, generator=generator, device=generator.device)
        colour = seen.colour + (1 - seen.opacity)[:, None] * behind
        return (colour - wanted[:, :3] - (1 - wanted[:, 3:]) * behind.detach()).square().mean()

    @property
    def _is_free(self) -> bool:
        """Whether there is nothing behind the box, since masks say where the scene ends."""
        return self.recipe.background == "auto" and bool(self.masked)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        super()._load_from_state_dict(state_dict, prefix, *rest)
        self._switch_levels()

    def _switch_levels(self) -> None:
        if isinstance(self.volume, GridVolume):
            self.volume.levels_on = self.recipe.levels_at(int(self.steps_done))

    def _refresh(self, generator: torch.Generator) -> None:
        with torch.no_grad():
            self.occupancy.refresh(lambda x: self.volume.at(x, None).density(), _LEAST_DENSITY, generator)

    def _pixels_of(self, signal: Any) -> PixelRays:
        if self._pixels is None or self._pixels[0] is not signal:
            self._pixels = (signal, PixelRays(_checked(signal).training, self.device))
        return self._pixels[1]

    def behind(self, directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """What rays meet behind the box."""
        if self.recipe.background == "black" or self._is_free:
            return torch.zeros_like(directions)
        if self.recipe.background == "white":
            return torch.ones_like(directions)
        return self.directions.corners(directions).of(self.background).sigmoid()

    def _marching(self, variance: float = 0.0) -> Marching:
        step = self.recipe.step * (2 if int(self.steps_done) < _COARSE_STEPS else 1)
        return Marching(step, self.recipe.near, variance)

    def look_along(self, rays: Rays, variance: float = 0.0) -> Seen:
        """What rays see, in front of the background."""
        seen = look_along(self.volume, rays, self._marching(variance), self.occupancy)
        colour = seen.colour + (1 - seen.opacity)[:, None] * self.behind(rays.directions)
        return Seen(colour, seen.opacity, seen.distance, seen.samples)

    def looking(self, variance: float = 0.0) -> Callable[[Rays], Seen]:
        """See the base."""
        return partial(self.look_along, variance=variance)

    def render(
        self, camera: Camera, size: tuple[int, int] | None = None, filter: Filter | Numbers | None = None
    ) -> RenderedRadiance:
        """What a camera sees, every pixel averaged over its cone and over ``filter``.

        Args:
            camera: in domain coordinates.
            size: width and height; by default the camera's.
            filter: an isotropic Gaussian in space; a number is its variance.

        Raises:
            InputError: a filter that the field does not take.
        """
        filter = self._check(as_filter(filter), 1)
        variance = 0.0 if filter is None else float(filter.variance)  # type: ignore[attr-defined]
        camera = camera if size is None else camera.resized(*size)
        rays = camera_rays(camera, self.device)
        with torch.no_grad(), exclusive(self, training=False):
            at_once = _RAYS_AT_ONCE.get(self.device.type, _RAYS_AT_ONCE["cpu"])
            parts = [self.look_along(part, variance) for part in rays.split(at_once)]
        shape = (camera.height, camera.width)
        along = rays.directions @ -camera.rotation[:, 2].to(rays.directions)
        depth = torch.cat([part.distance for part in parts]) * along
        return RenderedRadiance(
            torch.cat([part.colour for part in parts]).clamp(0, 1).view(*shape, 3),
            torch.cat([part.opacity for part in parts]).view(shape),
            depth.view(shape),
        )

    def views_monitor(self, views: Any) -> Callable[[], float]:
        """PSNR in dB at fixed pixels of the held-out views, or where none is of the others."""
        pixels = PixelRays(views.held_out or views.training, self.device)
        generator = torch.Generator(self.device).manual_seed(0)
        rays, wanted = pixels.drawn(_MONITORED_RAYS, generator)

        def psnr() -> float:
            with torch.no_grad(), exclusive(self, training=False):
                behind = self.behind(rays.directions)
                error = self.look_along(rays).colour - wanted[:, :3] - (1 - wanted[:, 3:]) * behind
            return float(-10 * error.square().mean().clamp_min(1e-20).log10())

        return psnr

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam, with rates of their own; for densities of grids level-wise, see ``LevelwiseAdam``."""
        groups = [*self.volume.parameter_groups(), {"params": [self.background], "scale": 1.0}]
        return LevelwiseAdam(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.99), eps=1e-15, fused=True)


def _checked(signal: Any) -> Views:
    if not isinstance(signal, Views):
        raise InputError(f"data: a radiance field is trained on views, got '{signal.facts.name}'")
    return signal
