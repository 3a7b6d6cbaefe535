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
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters import Filter, Gaussian
from ..grid import Grid
from ..largest_part import largest_part
from ..meshing import surface_of_volume
from ..progress_lines import note
from ..signals import SignalFacts
from ..signals.mesh_file import Mesh
from ..views.kept_cameras import KeptCameras
from ..views.views import Views
from .appearance import Appearance, for_features_of
from .compact_samples import rounded
from .hull_grid import HullGrid
from .kept_hull import keep_better
from .levelwise_adam import LevelwiseAdam
from .network_geometry import NetworkGeometry
from .pyramid import Pyramid
from .refined_poses import RefinedPoses
from .surface_looking import SeenSurface, is_nothing
from .surface_recipe import SurfaceRecipe
from .surface_rendering import volume_at
from .surface_training import TRAININGS, DrawnPixels, bounds_of, first_hull, masked_views

_MERGED_EVERY = 25
"""Steps after which rays look for the surface where it is by then."""

_POINTS_AT_ONCE = 1 << 14
_STATISTICS_POINTS = 20_000

_POSE_RATE = 0.1
"""Learning rate of cameras as a share of the features': a thousandth of a radian, or of a domain unit, a step."""

_SMOOTHED_EVERY = 100
"""Steps after which a smoothed surface is made anew while it is trained."""


class Surface(SeenSurface):
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
    presets: ClassVar = {
        "preview": SurfaceRecipe(preset="preview"),
        "paper": SurfaceRecipe(
            preset="paper",
            steps=100_000,
            learning_rate=1e-3,
            embedding="posenc",
            rendering="idr",
            hull_steps=0,
            features=64,
            sharpness_start=400.0,
            mask_weight=100.0,
            eikonal_weight=0.1,
            curvature_weight=0.0,
            network_rate=0.1,
            width=512,
            hidden_layers=8,
            appearance_width=512,
            appearance_layers=4,
        ),
    }

    recipe: SurfaceRecipe
    smooth: Pyramid | None
    merged: Tensor
    bounds: Tensor
    schedule: Tensor

    def __init__(self, recipe: SurfaceRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.geometry = HullGrid(recipe) if recipe.embedding == "grid" else NetworkGeometry(recipe, generator)
        self.look = Appearance(
            self.geometry.feature_count,
            recipe.appearance,
            generator,
            recipe.appearance_width,
            recipe.appearance_layers,
        )
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
        self._drawn_from: tuple[Views, DrawnPixels] | None = None

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
        if filter is None or is_nothing(filter):
            return self.geometry.distance(x)[:, None]
        return self._smoothed()._values(x, filter)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``: unfiltered from the dense copy, which is as linear between vertices."""
        filter = self._check(filter, math.prod(map(len, axes)))
        if filter is not None and not is_nothing(filter):
            return self._smoothed().on_lattice(axes, filter)
        on_device = [axis.to(self.device, self.dtype) for axis in reversed(axes)]
        x = torch.cartesian_prod(*on_device).reshape(-1, 3).flip(-1)
        return self.geometry.distance_at_many(x)[:, None]

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
    def share_done(self) -> float:
        """Of the training's schedule."""
        return self._share_done

    @property
    def sharpness(self) -> float:
        """See the class."""
        return self.recipe.sharpness_at(self._share_done)

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
        """Solve for what smoothed distances are asked of, which then is in the field's file.

        Before that the hull is kept where it is better, if that was asked for.
        """
        if self.poses is not None:
            self.cameras.refine(self.poses)
        if self.recipe.keep_better and isinstance(self.geometry, HullGrid):
            kept = keep_better(self.geometry, self.surface_mesh(largest=False), masked_views(data), self.recipe.seed)
            note(f"the photographs agree better on the hull than on {kept.share:.0%} of the surface, where it is kept")
        self.smooth, self._while_training = self._solved(), None
        self.merged = self.merged.new_zeros(0, 0, 0)  # it follows from the rest

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
        borrowed.recipe = replace(
            self.recipe,
            appearance=other.recipe.appearance,
            appearance_width=other.recipe.appearance_width,
            appearance_layers=other.recipe.appearance_layers,
        )
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
        views = masked_views(signal)
        self.cameras.keep(views.views)
        if self.poses is not None:
            self.poses.centres.copy_(torch.stack([view.camera.centre for view in views.views]))
        hull = first_hull(self.recipe, views).distance.to(self.device)
        self.geometry.begin(hull)
        self.bounds = bounds_of(hull, self.recipe.shell)
        self.merged = self.geometry.searched()

    def scheduled(self, step: int, share_done: float) -> float:
        """The learning rate of a step: full at first, then falling; notes where the schedule is."""
        self._step, self._share_done = step, share_done
        self._switch_levels()
        if self._fell_at < 0 and self.recipe.falls_from(step, share_done):
            self._fell_at = share_done
        self.schedule.copy_(torch.tensor([share_done, self._fell_at], dtype=torch.float64))
        return self.recipe.rate_at(self._fell_at, share_done)

    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """Colours, silhouettes, and that the distance is smooth and one, of rays drawn from all views."""
        views = masked_views(signal)
        self.smooth = None  # it would no longer be this surface's
        if self._step % _MERGED_EVERY == 0 or self.merged.numel() == 0:
            self.merged = self.geometry.searched()
        rays, pixels, numbers = self._pixels_of(views).drawn(self.recipe.rays, generator)
        if self.poses is not None:
            used = torch.tensor([n for n, view in enumerate(views.views) if not view.held_out], device=self.device)
            self.poses.project(used)
            rays = self.poses.moved(rays, used[numbers])
        parts = TRAININGS[self.recipe.rendering].losses(self, rays, pixels, generator)
        losses = torch.stack([*parts.values()])
        self._last_parts = tuple(parts), losses.detach()
        return losses.sum()

    def _pixels_of(self, views: Views) -> DrawnPixels:
        if self._drawn_from is None or self._drawn_from[0] is not views:
            self._drawn_from = views, TRAININGS[self.recipe.rendering].pixels(views.training, self.device)
        return self._drawn_from[1]

    def __getstate__(self) -> dict[str, Any]:
        """Copies read their own pixels."""
        return {**self.__dict__, "_drawn_from": None, "_while_training": None}
