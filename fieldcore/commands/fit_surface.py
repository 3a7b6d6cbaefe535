"""``fieldcore fit surface``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from .fit import FIELD_GROUP, FitOptions
from .preset_names import kind_names
from .views_options import SCENE_HELP, SETTLED, ViewsOptions

if TYPE_CHECKING:
    from ..views.views import Views

_SURFACE = "surface"
_FUSED = "tinycudann"
_OF_RECIPE = {
    "embedding": "embedding",
    "appearance_inputs": "appearance",
    "refine_cameras": "refine_cameras",
    "camera_error": "camera_error_px",
    "keep_better": "keep_better",
    "backend": "backend",
}
"""Options that are settings of the recipe, by their names there."""


@dataclass(frozen=True, kw_only=True)
class FitSurface(ViewsOptions, FitOptions):
    """Find the surface of an object, and how it looks, from photographs with masks and cameras."""

    what: ClassVar[str] = "scene"
    folders: ClassVar[bool] = True
    default_kind: ClassVar[str] = "surface"
    settled: ClassVar[tuple[str, ...]] = (*SETTLED, "cameras", *_OF_RECIPE)
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit surface fish-views/ --out fish.safetensors",
        "fieldcore fit surface fish-views/ --seconds 120 --size 300",
        "fieldcore fit surface scene/ --masks scene/silhouettes --holdout 0",
        "fieldcore fit surface fish-views/ --embedding hash",
        "fieldcore fit surface fish-views/ --preset paper --embedding ffb",
    )

    sources: tuple[str, ...] = argument(SCENE_HELP, metavar="SCENE")
    kind: str | None = option(
        "Kind of field.", default=None, metavar="KIND", choices=kind_names, group=FIELD_GROUP, usual="surface"
    )
    embedding: str | None = option(
        "What the distance is: grid adds levels of values to the visual hull; the others are networks.",
        default=None,
        metavar="NAME",
        choices=lambda: ("grid", "hash", "posenc", "fourier", "ffb", "ffb-style"),
        group=_SURFACE,
        usual="grid",
    )
    appearance_inputs: str | None = option(
        "What colours depend on: full is the surface's features, its normal and where one looks from.",
        default=None,
        metavar="NAME",
        choices=lambda: ("full", "no_view", "no_normal", "no_features"),
        group=_SURFACE,
        usual="full",
    )

    cameras: str | None = option(
        "Another file of cameras in the scene than the usual one, such as cameras_linear_init.npz.",
        default=None,
        metavar="FILE",
        group=_SURFACE,
    )
    refine_cameras: bool = option(
        "Train the cameras as well, which may be off by some pixels.", default=False, group=_SURFACE
    )
    camera_error: float | None = option(
        "With --refine-cameras: by how many pixels they may be off at first.",
        default=None,
        metavar="PIXELS",
        group=_SURFACE,
        usual="6",
    )

    backend: str | None = option(
        "Of hash, ffb and ffb-style, what has the hashed grids: this program, or tiny-cuda-nn on a GPU (fused).",
        default=None,
        metavar="NAME",
        choices=lambda: ("own", "fused"),
        group=_SURFACE,
        usual="own",
    )
    keep_better: bool = option(
        "After the last step, keep the hull where the photographs' colours agree better on it than on the surface.",
        default=False,
        group=_SURFACE,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_views()
        if self.camera_error is not None and not self.refine_cameras:
            raise InputError("--camera-error: has no effect without --refine-cameras; add it")
        if self.backend == "fused" and find_spec(_FUSED) is None:
            raise InputError("--backend fused: needs tiny-cuda-nn and a GPU, which are not there; leave it out")
        kind = self.kind or self.default_kind
        if kind != "surface":
            raise InputError(f"--kind {kind}: has no surface from photographs; leave it out")

    def recipe_changes(self) -> dict[str, Any]:
        """What was given of the surface."""
        given = {
            there: value for name, there in _OF_RECIPE.items() if (value := getattr(self, name)) not in (None, False)
        }
        return {**super().recipe_changes(), **given}

    def open(self, source: str) -> Views:  # type: ignore[override]
        """Read the scene; what its hull says of cameras and masks is noted."""
        views = self.open_views(source if self.cameras is None else str(_named(self.cameras, Path(source))))
        if views.has_masks:
            note(*views.hull().notices)
        return views


def _named(cameras: str, scene: Path) -> Path:
    """A file of cameras, in the scene's folder or anywhere. Raises InputError where it is not there."""
    found = next((path for path in (scene / cameras, Path(cameras)) if path.is_file()), None)
    if found is None:
        raise InputError(f"--cameras '{cameras}': no such file, neither in '{scene}' nor here")
    return found
