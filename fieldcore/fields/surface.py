"""A surface and its appearance from photographs with masks: on processors in a minute or two.

A signed distance, negative inside, begins as the photographs' visual hull and is moved by them where the hull is
wrong, which no silhouette shows. It is followed along rays as NeuS does, with colours once a ray, from features
composited along it.

Sources: A. Laurentini, The Visual Hull Concept for Silhouette-Based Image Understanding, IEEE Trans. PAMI 1994 (the
start); L. Yariv et al., Multiview Neural Surface Reconstruction by Disentangling Geometry and Appearance, NeurIPS 2020
(IDR: geometry apart from appearance, the silhouette's loss); P. Wang et al., NeuS, NeurIPS 2021 (weights along a ray);
T. Müller et al., Instant Neural Graphics Primitives, SIGGRAPH 2022 (levels of values in place of a network).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..exclusive import exclusive
from ..filters import Filter, Gaussian, as_filter
from ..filters.filter import Numbers
from ..grid import Grid
from ..largest_part import largest_part
from ..meshing import surface_of_volume
from ..radiance.pixel_rays import camera_rays
from ..radiance.rendering import Rays, Seen
from ..signals import SignalFacts
from ..signals.mesh_file import Mesh
from ..views.camera import Camera
from ..views.hull import Hull, visual_hull
from ..views.kept_cameras import KeptCameras
from ..views.view import View
from ..views.views import Views
from .appearance import Appearance, for_features_of
from .compact_samples import rounded
from .hull_grid import HullGrid
from .levelwise_adam import LevelwiseAdam
from .network_geometry import NetworkGeometry
from .pyramid import Pyramid
from .refined_poses import RefinedPoses
from .seen_field import SeenField
from .silhouette_pixels import SilhouettePixels, dilated, near_mask
from .smoothed_geometry import SmoothedGeometry
from .surface_losses import colour_loss, eikonal_loss, mask_loss, numerical_gradient, stencil
from .surface_recipe import SurfaceRecipe
from .surface_rendering import Search, SurfaceSeen, see_surface, volume_at

_MERGED_EVERY = 25
"""Steps after which rays look for the surface where it is by then."""

_SEARCHED = 64
_SEARCHED_FOR_PICTURES = 160
_RAYS_AT_ONCE = {"cpu": 1 << 13, "cuda": 1 << 17}
_MONITORED_PIXELS = 4096

_POINTS_AT_ONCE = 1 << 14
_STATISTICS_POINTS = 20_000

_POSE_RATE = 0.1
"""Learning rate of cameras as a share of the features': a thousandth of a radian, or of a domain unit, a step."""

_INEXACT_RANGE = (-0.1, 0.1)
"""Domain units that a ray's least distance is clamped to where cameras are inexact, and the hull is too large."""

_SMOOTHED_EVERY = 100
"""Steps after which a smoothed surface is made anew while it is trained."""


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


class Surface(SeenField):
    """The field described at the head of this file: ``field(x)`` is the signed distance in domain units.

    Attributes:
        geometry: distance and features.
        smooth: what filtered distances are asked of, once the field is trained.
        look: the appearance.
        sharpness: of NeuS's weights by now.
    """

    kind = "surface"
    dims: ClassVar[tuple[int, ...]] = (3,)
    recipe_type = SurfaceRecipe
    shaped_by_data = True
    one_body = True
    has_colours = True
    filters = (Gaussian,)
    presets: ClassVar = {"preview": SurfaceRecipe(preset="preview")}

    recipe: SurfaceRecipe
    smooth: Pyramid | None
    merged: Tensor
    bounds: Tensor
    schedule: Tensor

    def __init__(self, recipe: SurfaceRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.geometry = HullGrid(recipe) if recipe.embedding == "grid" else NetworkGeometry(recipe, generator)
        self.look = Appearance(self.geometry.feature_count, recipe.appearance, generator)
        self.register_buffer("merged", torch.zeros(0, 0, 0))
        self.register_buffer("bounds", torch.tensor([[-1.0] * 3, [1.0] * 3]))
        self.register_buffer("schedule", torch.tensor([0.0, -1.0], dtype=torch.float64))
        self.cameras = KeptCameras(facts.views)
        self.poses = RefinedPoses(len(facts.views)) if recipe.refine_cameras else None
        self.register_module("smooth", None)
        self._while_training: tuple[int, Pyramid] | None = None
        self._last_parts: tuple[tuple[str, ...], Tensor] | None = None
        self._share_done, self._fell_at = 0.0, -1.0
        self._step = 0
        self._drawn_from: tuple[Views, SilhouettePixels] | None = None

    @property
    def points_a_step(self) -> int:
        """Rays."""
        return self.recipe.rays

    def optimizer(self) -> torch.optim.Optimizer:
        """Adam, level-wise for distances; see ``LevelwiseAdam``."""
        groups = [
            *self.geometry.parameter_groups(),
            {"params": list(self.look.parameters()), "scale": self.recipe.network_rate},
        ]
        if self.poses is not None:
            groups.append({"params": list(self.poses.parameters()), "scale": _POSE_RATE})
        return LevelwiseAdam(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.99), eps=1e-15, fused=True)

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        merged = state_dict.get(f"{prefix}merged")
        if merged is not None and merged.ndim == 3:
            self.merged = self.merged.new_zeros(merged.shape)
        self.smooth = self._pyramid() if f"{prefix}smooth.samples" in state_dict else None
        super()._load_from_state_dict(state_dict, prefix, *rest)
        self._share_done, self._fell_at = self.schedule.tolist()
        self._switch_levels()

    # What it is asked for

    def _values(self, x: Float[Tensor, "n 3"], filter: Gaussian | None) -> Float[Tensor, "n 1"]:
        if filter is None or _is_nothing(filter):
            return self.geometry.distance(x)[:, None]
        return self._smoothed()._values(x, filter)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``: unfiltered from the dense copy, which is as linear between vertices."""
        filter = self._check(filter, math.prod(map(len, axes)))
        if filter is not None and not _is_nothing(filter):
            return self._smoothed().on_lattice(axes, filter)
        on_device = [axis.to(self.device, self.dtype) for axis in reversed(axes)]
        x = torch.cartesian_prod(*on_device).reshape(-1, 3).flip(-1)
        return self.geometry.distance_at_many(x)[:, None]

    def features(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n f"]:
        """What the appearance knows of points, best on the surface."""
        return self.geometry.distance_and_features(self._points(x))[1]

    def appearance(
        self, features: Float[Tensor, "n f"], normals: Float[Tensor, "n 3"], directions: Float[Tensor, "n 3"]
    ) -> Float[Tensor, "n 3"]:
        """Display-encoded colours; see ``Appearance``."""
        colours: Tensor = self.look(features, normals, directions)
        return colours

    @property
    def loss_parts(self) -> dict[str, float]:
        """Of the last step, by name; empty before the first one."""
        if self._last_parts is None:
            return {}
        names, losses = self._last_parts
        return dict(zip(names, losses.tolist(), strict=True))

    def _switch_levels(self) -> None:
        if isinstance(self.geometry, HullGrid):
            self.geometry.levels_on = self.recipe.levels_at(self._share_done, len(self.geometry.grids))

    @property
    def training_figures(self) -> dict[str, float]:
        """The parts of the loss, and the sharpness."""
        return {**self.loss_parts, "sharpness": self.sharpness} if self.loss_parts else {}

    @property
    def sharpness(self) -> float:
        """See the class."""
        return self.recipe.sharpness_at(self._share_done)

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
        look_along = self._looked_along if filter is None or _is_nothing(filter) else self._looker(filter)
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

    # The scale knob

    def _smoothed(self) -> Pyramid:
        """What is asked for smoothed distances: after training what was solved for, before that of some steps ago."""
        if self.smooth is not None:
            return self.smooth
        if self._while_training is None or not 0 <= self._step - self._while_training[0] < _SMOOTHED_EVERY:
            self._while_training = self._step, self._solved()
        return self._while_training[1]

    def _pyramid(self) -> Pyramid:
        return Pyramid(Pyramid.presets["shape"], self.facts).to(self.device)

    @torch.no_grad()
    def _solved(self) -> Pyramid:
        """The distance as a pyramid, solved for as of any shape."""
        pyramid = self._pyramid()
        axes = [line.vertices.to(self.device, self.dtype) for line in reversed(pyramid.geometry.lines[0])]
        x = torch.cartesian_prod(*axes).flip(-1)
        values = volume_at(self.geometry.dense(), x) + (x - x.clamp(-1, 1)).norm(dim=1)
        pyramid.solve(rounded(values.view(pyramid.samples.shape)))
        return pyramid.eval()

    def finish(self, data: Any) -> None:
        """Solve for what smoothed distances are asked of, which then is in the field's file."""
        if self.poses is not None:
            self.cameras.refine(self.poses)
        self.smooth, self._while_training = self._solved(), None
        self.merged = self.merged.new_zeros(0, 0, 0)  # it follows from the rest

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

    # Another's appearance

    def feature_statistics(self) -> tuple[Float[Tensor, "f"], Float[Tensor, "f"]]:
        """Mean and standard deviation of each feature over the surface."""
        vertices = torch.from_numpy(self.surface_mesh().vertices).to(self.device, self.dtype)
        some = vertices[:: max(1, len(vertices) // _STATISTICS_POINTS)]
        with torch.no_grad():
            features = torch.cat([self.features(part) for part in some.split(_POINTS_AT_ONCE)])
        return features.mean(0), features.std(0)

    def with_appearance(self, other: Surface) -> Surface:
        """This geometry with the appearance of another surface, which is left as it is.

        Raises:
            InputError: the other's appearance takes another number of features.
        """
        own, theirs = self.geometry.feature_count, other.geometry.feature_count
        if own != theirs:
            raise InputError(
                f"appearance: that of '{other.facts.name}' takes {theirs} features, and '{self.facts.name}' has {own}; "
                "train both with the same recipe"
            )
        borrowed = copy.deepcopy(self)
        statistics = other.feature_statistics(), self.feature_statistics()
        borrowed.look = for_features_of(other.look, *statistics).to(self.device)
        borrowed.recipe = replace(self.recipe, appearance=other.recipe.appearance)
        return borrowed

    def surface_mesh(self, largest: bool = True) -> Mesh:
        """Its surface in domain units, from the vertices of the finest level.

        Args:
            largest: only the connected part with the greatest area.

        Raises:
            InputError: it has no surface.
        """
        volume = self.geometry.dense().cpu().numpy()
        half = 1 / (len(volume) - 1)
        grid = Grid((len(volume),) * 3, (-1 - half,) * 3, (1 + half,) * 3)
        mesh = surface_of_volume(volume, grid)
        if mesh is None:
            raise InputError(f"surface of '{self.facts.name}': nothing is inside of it")
        return largest_part(mesh) if largest else mesh

    # Training

    def prepare(self, signal: Any) -> None:
        """Become the hull of the views."""
        views = _checked(signal)
        self.cameras.keep(views.views)
        if self.poses is not None:
            self.poses.centres.copy_(torch.stack([view.camera.centre for view in views.views]))
        hull = self._first_hull(views).distance.to(self.device)
        self.geometry.begin(hull)
        self.bounds = _bounds_of(hull, self.recipe.shell)
        self.merged = self.geometry.searched()

    def _first_hull(self, views: Views) -> Hull:
        """Of masks that are as much larger as cameras may be off, where they are to be refined."""
        if self.poses is None:
            return views.hull()
        larger = [dilated(view, round(self.recipe.camera_error_px)) for view in views.training]
        return visual_hull(f"views '{views.facts.name}'", larger)

    def scheduled(self, step: int, share_done: float) -> float:
        """The learning rate of a step: full at first, then falling; notes where the schedule is."""
        self._step, self._share_done = step, share_done
        self._switch_levels()
        if self._fell_at < 0 and self.recipe.falls_from(step, share_done):
            self._fell_at = share_done
        self.schedule.copy_(torch.tensor([share_done, self._fell_at], dtype=torch.float64))
        return self.recipe.learning_rate if self._fell_at < 0 else self.recipe.rate_after(self._fell_at, share_done)

    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """Colours, silhouettes, and that the distance is smooth and one, of rays drawn from all views."""
        views = _checked(signal)
        self.smooth = None  # it would no longer be this surface's
        if self._step % _MERGED_EVERY == 0 or self.merged.numel() == 0:
            self.merged = self.geometry.searched()
        rays, pixels, numbers = self._pixels_of(views).drawn(self.recipe.rays, generator)
        if self.poses is not None:
            used = torch.tensor([n for n, view in enumerate(views.views) if not view.held_out], device=self.device)
            self.poses.project(used)
            rays = self.poses.moved(rays, used[numbers])
        search = Search(self.merged, self.bounds, _SEARCHED)
        seen = see_surface(self.geometry, search, rays, self.sharpness, self.recipe.samples, generator)
        colours = self.look(seen.features, seen.normals, rays.directions)
        alpha = pixels[:, 3]
        slope = (seen.slope / self.recipe.mask_error_at(self._share_done)).clamp_max(
            self.geometry.most_slope(self._share_done)
        )
        quiet = 1 - 0.8 * self._share_done
        parts = {
            "colour": colour_loss(colours, pixels[:, :3], alpha),
            "mask": self.recipe.mask_weight * mask_loss(seen.nearest.clamp(*self._nearest_range), alpha, slope),
            "eikonal": self.recipe.eikonal_weight * eikonal_loss(seen.gradients),
            "curvature": self.recipe.curvature_weight * quiet * (seen.laplacians * self.geometry.step).abs().mean(),
        }
        losses = torch.stack([*parts.values()])
        self._last_parts = tuple(parts), losses.detach()
        return losses.sum()

    @property
    def _nearest_range(self) -> tuple[float, float]:
        return self.geometry.nearest_range if self.poses is None else _INEXACT_RANGE

    def _pixels_of(self, views: Views) -> SilhouettePixels:
        if self._drawn_from is None or self._drawn_from[0] is not views:
            self._drawn_from = views, SilhouettePixels(views.training, self.device)
        return self._drawn_from[1]

    def __getstate__(self) -> dict[str, Any]:
        """Copies read their own pixels."""
        return {**self.__dict__, "_drawn_from": None, "_while_training": None}

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


def _is_nothing(filter: Filter) -> bool:
    """Whether it averages over nothing, and nobody asks for its gradient."""
    assert isinstance(filter, Gaussian)
    covariance = filter.covariance(3)
    return not covariance.requires_grad and not bool(covariance.any())


def _checked(signal: Any) -> Views:
    if not isinstance(signal, Views):
        raise InputError(f"kind: a surface field is trained on views, got {type(signal).__name__}")
    if not signal.has_masks:
        raise InputError(
            f"views '{signal.facts.name}': these views have no masks, which a surface needs; give --masks DIR or RGBA "
            "pictures, or learn density and colour with 'fieldcore fit radiance'"
        )
    return signal


def _bounds_of(distance: Float[Tensor, "n n n"], margin: float) -> Float[Tensor, "2 3"]:
    """The box of what is inside, with a margin."""
    inside = (distance < 0).nonzero().flip(1)
    if len(inside) == 0:
        raise InputError("views: their hull is empty")
    size = 2 / (len(distance) - 1)
    margin += size
    return torch.stack([inside.amin(0) * size - 1 - margin, inside.amax(0) * size - 1 + margin]).float()


def _monitored(view: View) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n 4"]]:
    """Pixels of a view at and around its object, every so many-th."""
    near = torch.from_numpy(near_mask(view, 1)).reshape(-1).nonzero()[:, 0]
    near = near[:: max(1, len(near) // _MONITORED_PIXELS)]
    return view.camera.pixel_centres()[near], view.pixels().reshape(-1, 4)[near]
