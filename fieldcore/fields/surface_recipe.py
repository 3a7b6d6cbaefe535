"""Settings of fields that are a surface and its appearance."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as setting
from typing import ClassVar, Literal, get_args

from ..recipe import Recipe
from ..validation import ADDED_LATER

Embedding = Literal["grid", "hash", "posenc", "fourier", "ffb", "ffb-style"]
"""What geometry a surface has: levels of values on the hull, or a network of an embedded point."""

AppearanceInputs = Literal["full", "no_view", "no_normal", "no_features"]
"""What the appearance sees: the surface's features, its normal and the view, or one of them left out."""

Rendering = Literal["neus", "idr"]
"""How rays are followed in training: weights in a band around the surface, or IDR's traced points."""

Backend = Literal["own", "fused"]
"""What has the levels of hashed grids: this program, or tiny-cuda-nn."""

FUSED = ("hash", "ffb", "ffb-style")
"""Embeddings whose levels tiny-cuda-nn can have."""

_HALVED_AT = (0.5, 0.75)
"""Shares of IDR's schedule from which on its learning rate is half of what it was."""

_FULL_RATE_STEPS = 800
"""Steps after which the learning rate falls, however long the training: more of them only make normals noisier."""


@dataclass(frozen=True, kw_only=True)
class SurfaceRecipe(Recipe):
    """How to build and train a ``Surface``.

    Attributes:
        embedding: of the geometry.
        appearance: what colours depend on.
        finest_cells: of the grid's levels, which begin with 16 cells along an axis and double.
        features: at each vertex of each level.
        shell: in domain units, how far from the hull levels above 40 cells still have vertices.
        samples: intervals of a ray's band.
        sharpness_start, sharpness_end: of the surface while it is trained, 1 over domain units; it rises
            exponentially over the first 85 % of the schedule.
        mask_weight, eikonal_weight, curvature_weight: of the losses beside the colours'.
        mask_error_px: by how many pixels masks may be wrong.
        distance_rate, network_rate: learning rates as shares of that of the features.
        refine_cameras: whether a turn and a shift of each view are trained as well.
        camera_error_px: then, by how many pixels cameras may be off at first.
        width, hidden_layers: of networks, for embeddings other than ``grid``.
        rendering: how rays are followed in training.
        appearance_width, appearance_layers: of the appearance's network.
        backend: of hashed grids.
        keep_better: whether, after the last step, the hull is kept where photographs agree better on it.
        full_rate_share: of the schedule before the rate falls, though at most of 800 steps.
        hull_steps: by which a network first learns the hull's distance; with 0 it begins as a ball.
    """

    kind: ClassVar[str] = "surface"

    steps: int = 1000
    points_per_step: int = 2048
    learning_rate: float = 1e-2
    learning_rate_end: float = 0.1
    embedding: Embedding = "grid"
    appearance: AppearanceInputs = "full"
    finest_cells: int = 128
    features: int = 4
    shell: float = 0.06
    samples: int = 20
    sharpness_start: float = 18.0
    sharpness_end: float = 400.0
    mask_weight: float = 0.3
    eikonal_weight: float = 0.05
    curvature_weight: float = 0.02
    mask_error_px: float = 1.0
    distance_rate: float = 0.06
    network_rate: float = 0.3
    full_rate_share: float = 0.6
    refine_cameras: bool = False
    camera_error_px: float = 6.0
    rendering: Rendering = setting(default="neus", metadata=ADDED_LATER)
    appearance_width: int = setting(default=64, metadata=ADDED_LATER)
    appearance_layers: int = setting(default=2, metadata=ADDED_LATER)
    backend: Backend = setting(default="own", metadata=ADDED_LATER)
    keep_better: bool = setting(default=False, metadata=ADDED_LATER)
    hull_steps: int = setting(default=200, metadata=ADDED_LATER)
    width: int = 128
    hidden_layers: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("embedding", get_args(Embedding))
        self._require_one_of("appearance", get_args(AppearanceInputs))
        self._require("finest_cells", self.finest_cells in (16, 32, 64, 128, 256), "16, 32, 64, 128 or 256")
        self._require("features", 1 <= self.features <= 64, "from 1 to 64")
        self._require("shell", 0 < self.shell <= 2, "in (0, 2]")
        self._require("samples", 4 <= self.samples <= 256, "from 4 to 256")
        self._require("sharpness_start", 1 <= self.sharpness_start <= self.sharpness_end, "1 to the last sharpness")
        self._require("sharpness_end", self.sharpness_end <= 1e5, "at most 100000")
        self._require("camera_error_px", 0 < self.camera_error_px <= 100, "more than 0, at most 100")
        self._require_one_of("rendering", get_args(Rendering))
        self._require_one_of("backend", get_args(Backend))
        if self.rendering == "idr":
            self._require("embedding", self.embedding != "grid", "a network's with rendering idr, such as posenc")
        if self.backend == "fused":
            self._require("embedding", self.embedding in FUSED, f"{', '.join(FUSED)} with backend fused")
        self._require("appearance_width", 8 <= self.appearance_width <= 4096, "from 8 to 4096")
        self._require("appearance_layers", 1 <= self.appearance_layers <= 16, "from 1 to 16")
        if self.keep_better:
            self._require("keep_better", self.embedding == "grid", "false: a network has no hull to keep")
            self._require("keep_better", not self.refine_cameras, "false: with inexact cameras the hull is too large")
        self._require("hull_steps", 0 <= self.hull_steps <= 1 << 20, "from 0 to 1048576")
        self._require("width", 8 <= self.width <= 4096, "from 8 to 4096")
        self._require("hidden_layers", 2 <= self.hidden_layers <= 32, "from 2 to 32")
        for name in ("mask_weight", "eikonal_weight", "curvature_weight"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        self._require("mask_error_px", 1 <= self.mask_error_px <= 100, "from 1 to 100")
        for name in ("distance_rate", "network_rate", "full_rate_share"):
            self._require(name, 0 < getattr(self, name) <= 1, "in (0, 1]")

    @property
    def rays(self) -> int:
        """Rays a step: of networks, which cost more, a quarter of ``points_per_step``, but all in IDR's recipe."""
        is_dear = self.embedding != "grid" and self.rendering == "neus"
        return max(1, self.points_per_step // 4) if is_dear else self.points_per_step

    def mask_error_at(self, share_done: float) -> float:
        """By how many pixels silhouettes are taken to be wrong at that share of the schedule."""
        if not self.refine_cameras:
            return self.mask_error_px
        return self.mask_error_px + self.camera_error_px * max(0.0, 1 - 2 * share_done)

    def levels_at(self, share_done: float, count: int) -> int:
        """How many of so many levels are on: with inexact cameras one after another, until half of the schedule."""
        return count if not self.refine_cameras else min(count, 2 + int(share_done / 0.2))

    def sharpness_at(self, share_done: float) -> float:
        """NeuS's sharpness when that share of the schedule is done."""
        rise = min(1.0, share_done / 0.85)
        return float(self.sharpness_start * (self.sharpness_end / self.sharpness_start) ** rise)

    def falls_from(self, step: int, share_done: float) -> bool:
        """Whether the learning rate is no longer at its full height at that step."""
        return share_done >= self.full_rate_share or step >= _FULL_RATE_STEPS

    def rate_at(self, fell_at: float, share_done: float) -> float:
        """The learning rate when a share of the schedule is done; it falls from ``fell_at`` on, not yet if below 0."""
        if self.rendering == "idr":
            return float(self.learning_rate * 0.5 ** sum(share_done >= share for share in _HALVED_AT))
        return self.learning_rate if fell_at < 0 else self.rate_after(fell_at, share_done)

    def rate_after(self, fell_at: float, share_done: float) -> float:
        """The learning rate that has been falling since the share ``fell_at`` of the schedule."""
        return self.learning_rate * float(self.learning_rate_end ** ((share_done - fell_at) / max(1 - fell_at, 1e-6)))
