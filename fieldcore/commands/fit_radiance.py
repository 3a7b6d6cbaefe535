"""``fieldcore fit radiance``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..fields.networks import RADIANCE_ENCODINGS
from .fit import FIELD_GROUP, FitOptions
from .preset_names import kind_names
from .views_options import SCENE_HELP, SETTLED, ViewsOptions

if TYPE_CHECKING:
    from ..views.views import Views

_RADIANCE = "radiance"
_OF_RECIPE = ("encoding", "levels", "finest_cells", "background", "near")
"""Options that are settings of the recipe, by the same names."""

_OF_NETWORKS = ("width", "first_bias", "spread", "mapping_levels", "learning_rate", "points_per_step")
"""Options of networks that are settings of the recipe as well."""


@dataclass(frozen=True, kw_only=True)
class FitRadiance(ViewsOptions, FitOptions):
    """Learn the density and the colours of a scene from photographs and their cameras, without masks."""

    what: ClassVar[str] = "scene"
    folders: ClassVar[bool] = True
    default_kind: ClassVar[str] = "radiance"
    settled: ClassVar[tuple[str, ...]] = (*SETTLED, *_OF_RECIPE)
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit radiance fox/ --size 480 --seconds 60",
        "fieldcore fit radiance fox/ --encoding finer --steps 2000",
        "fieldcore fit radiance fox/ --encoding sine --preset paper",
    )

    sources: tuple[str, ...] = argument(SCENE_HELP, metavar="SCENE")
    kind: str | None = option(
        "Kind of field.", default=None, metavar="KIND", choices=kind_names, group=FIELD_GROUP, usual="radiance"
    )
    encoding: str | None = option(
        "grid, levels of values between which it is linear; or the activation of dense networks, relu behind a "
        "positional mapping.",
        default=None,
        metavar="NAME",
        choices=lambda: tuple(RADIANCE_ENCODINGS),
        group=_RADIANCE,
        usual="grid",
    )
    levels: int | None = option("Of the grid.", default=None, metavar="COUNT", group=_RADIANCE)
    finest_cells: int | None = option(
        "Cells of the grid's last level along each axis.", default=None, metavar="COUNT", group=_RADIANCE
    )
    background: str | None = option(
        "What is behind the box: white, black, or a colour learned for each direction.",
        default=None,
        metavar="NAME",
        choices=lambda: ("auto", "white", "black", "learned"),
        group=_RADIANCE,
        usual="auto: nothing where there are masks, else learned",
    )
    near: float | None = option(
        "Rays begin so far from their camera, in domain units.", default=None, metavar="DISTANCE", group=_RADIANCE
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_views()
        self.recipe_changes()
        if (kind := self.kind or self.default_kind) != self.default_kind:
            raise InputError(f"--kind {kind}: has no radiance field from photographs; leave it out")

    def check_network(self, kind: str) -> None:
        """Refuse settings of networks that radiance fields do not have."""
        for name in self.network_changes():
            if name not in _OF_NETWORKS and not name.startswith("omega"):
                raise InputError(f"--{name.replace('_', '-')}: has no effect on a {kind} field; leave it out")

    def recipe_changes(self) -> dict[str, Any]:
        """What was given of the field."""
        given = super().recipe_changes()
        first, hidden = given.pop("omega_first", None), given.pop("omega_hidden", None)
        if first != hidden:
            raise InputError(f"--omega: a radiance field has one for all layers, got {first:g},{hidden:g}")
        omega = {} if first is None else {"omega": first}
        own = {name: getattr(self, name) for name in _OF_RECIPE if getattr(self, name) is not None}
        return {**given, **omega, **own}

    def open(self, source: str) -> Views:  # type: ignore[override]
        """Read the scene."""
        return self.open_views(source)
