"""The state of light stages: which are open, and where the light is, dragged in its disc or on the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fieldcore.errors import InputError
from fieldcore.fields import field_type
from fieldcore.fields.relight import FITTED, Relight
from fieldcore.lights.chart import chart_from_direction, direction_from_angles, direction_from_chart
from fieldcore.lights.stage_facts import chart_scale, degrees_beyond, nearest_photo, stage_lights

from ...document import Document
from ...frame_size import Box
from ...plane.controls import Point
from ...plane.filter_state import FilteredPlaneState
from ...resources import asset_path
from ...scene_state import Position
from ...services import Services
from .controls import LightStageControls
from .disc import GRIP_PX, GRIP_SHARE, Disc
from .normals import NO_NORMALS, normals_of

if TYPE_CHECKING:
    from ...session import Session

SHIPPED_STAGE = "ammonite_stage"
SOLVED_KIND = "relight"
NUDGE = 0.02
"""Of the chart: what a press of an arrow key moves the light by."""

SHOWN = "photos as shown"

BASES_IN_TURN: dict[str, dict[str, Any]] = {
    "photos": {},
    SHOWN: {"between": "shown"},
    **{basis: {"basis": basis} for basis in ("kriging", "ptm", "hsh")},
    "lobes": {"lobes": True},
}
"""By name the settings of ``relight`` that a key steps through."""

_IN_DISC, _ON_PICTURE = "light in disc", "light on picture"


class LightStageState(FilteredPlaneState):
    """The light stages."""

    controls: LightStageControls
    truth_words = "the light stage"

    def __init__(self, services: Services) -> None:
        super().__init__(services, LightStageControls())
        self._shift = False
        self._wanted = ""

    def open_shipped(self) -> None:
        """Open the stage that comes with the program."""
        self.open_source(str(asset_path(SHIPPED_STAGE)))

    def take_filter(self, **changes: Any) -> None:
        """See the base; fields of light stages take Gaussians alone, and none is made for another filter."""
        changed = type(self.controls)(**{**vars(self.controls), **changes})
        reason = self.document and self.document.field.refuses(changed.filter)
        if reason:
            raise InputError(f"{reason}; a light is a Gaussian")
        self.change(**changes)

    def train(self) -> None:
        """See the base; where the plan's kind takes no light stages, a field is solved for of the kind that does."""
        document, plan = self.document, self._services.training.plan
        if document is None or document.signal is None or document.signal.dim in field_type(plan.kind).dims:
            super().train()
            return
        signal, source = document.signal, document.signal_source
        self._services.attempt(
            lambda: self._services.begin_training(signal, source, self.take_document, kind=SOLVED_KIND)
        )

    # The basis

    @property
    def basis(self) -> str:
        """The name of that of the field shown; empty of other fields."""
        return "" if self.document is None else basis_of(self.document)

    @property
    def basis_words(self) -> str:
        """The basis, and how many principal pictures stand for the photos where these do."""
        kept = self._principal_pictures
        return f"{self.basis}, {kept} principal pictures" if kept else self.basis

    @property
    def _principal_pictures(self) -> int:
        field = None if self.document is None else self.document.field
        return field.recipe.pictures if isinstance(field, Relight) else 0

    @property
    def next_refusal(self) -> str:
        """See the base; of photos that are known there is always a next basis."""
        known = self.document is not None and self.document.signal is not None
        return "" if known else super().next_refusal

    def next_field(self, step: int = 1) -> None:
        """Show the field of the next basis, solved for where none is open; after the last one all other fields."""
        document = self.document
        if document is None or document.signal is None:
            super().next_field(step)
            return
        digest = document.signal.facts.digest
        known = {basis_of(one): path for path, one in self.documents.items() if one.field.facts.digest == digest}
        others = [path for path, one in self.documents.items() if path not in known.values()]
        round_of = [*(name for name in BASES_IN_TURN if name != SHOWN or not self._principal_pictures), *others]
        now = self._wanted or self.basis or self.controls.field
        following = round_of[(round_of.index(now) + step) % len(round_of)] if now in round_of else round_of[0]
        if following in known or following in others:
            self._wanted = ""
            self.show_opened(known.get(following, following))
        else:
            self._solve(document.signal, document.signal_source, following)

    def _solve(self, signal: Any, source: str, basis: str) -> None:
        """Solve for the field of a basis; one that the lights do not determine is passed over the next time."""
        self._wanted = basis

        def take(document: Document) -> None:
            self._wanted = ""
            self.take_document(document)

        services, settings = self._services, BASES_IN_TURN[basis]
        if self._principal_pictures and basis not in FITTED:
            settings = {**settings, "pictures": self._principal_pictures}
        services.attempt(
            lambda: services.begin_training(signal, source, take, asked=False, kind=SOLVED_KIND, **settings)
        )

    # The light

    def set_light(self, light: Point) -> None:
        """Put the light there, within the chart."""
        u, v = light
        beyond = max(1.0, (u * u + v * v) ** 0.5)
        self.change(light=(u / beyond, v / beyond))

    def nudge(self, du: float, dv: float) -> None:
        """Move the light by steps."""
        u, v = self.controls.light
        self.set_light((u + NUDGE * du, v + NUDGE * dv))

    @property
    def angles_deg(self) -> tuple[float, float]:
        """Azimuth, from the right over the top, and elevation of the light."""
        x, y, z = direction_from_chart(self.controls.light, self._scale)
        return float(np.degrees(np.arctan2(y + 0.0, x + 0.0))), float(np.degrees(np.arcsin(np.clip(z, -1, 1))))

    def set_angles(self, azimuth_deg: float | None = None, elevation_deg: float | None = None) -> None:
        """Put the light at other angles; what is None stays as it is."""
        azimuth, elevation = self.angles_deg
        direction = direction_from_angles(
            azimuth if azimuth_deg is None else azimuth_deg, elevation if elevation_deg is None else elevation_deg
        )
        u, v = chart_from_direction(direction, self._scale).tolist()
        self.set_light((u, v))

    @property
    def _scale(self) -> float:
        return 1.0 if self.facts is None else chart_scale(self.facts)

    @property
    def nearest(self) -> str:
        """The photo whose light is nearest, and the angle to it; empty where nothing is open."""
        if self.facts is None:
            return ""
        number, angle = nearest_photo(self.facts, np.array(self.controls.light))
        return f"{self.facts.photos[number]}, {angle:.1f}°"

    @property
    def beyond_deg(self) -> float:
        """How far the light is beyond the last photos' hull, in degrees."""
        return 0.0 if self.facts is None else degrees_beyond(self.facts, np.array(self.controls.light))

    def toggle_nearest(self) -> None:
        """Compare with the photo whose light is nearest, or with the truth again."""
        self.change(nearest=not self.controls.nearest)
        if self.controls.nearest and "truth" not in self.controls.shown:
            self.compare("wipe")

    # The mouse

    def hold(self, key: str) -> bool:
        """While Shift is held, dragging on the picture moves the light."""
        self._shift = self._shift or key == "Shift"
        return False

    def release(self, key: str) -> None:
        """See the base."""
        self._shift = self._shift and key != "Shift"

    def let_go(self) -> None:
        """See the base."""
        super().let_go()
        self._shift = False

    def take_light(self, disc: Disc, position: Point, unit: float = 1.0) -> None:
        """Put the light where a disc was clicked: on a dot exactly that photo's; ``unit``: pixels in a point."""
        if self.facts is not None:
            self.set_light(self._dot_at(disc, position, unit) or disc.light_at(position))

    def disc_arguments(self, size_px: int) -> tuple[Any, ...]:
        """What a disc of that size shows; empty where nothing is open."""
        return () if self.facts is None else self.controls.disc_arguments(self.facts, size_px)

    def output_refusal(self, output: str) -> str:
        """See the base; normals come with lobes."""
        refusal = super().output_refusal(output)
        if refusal or output != "normals" or self.document is None:
            return refusal
        return "" if normals_of(self.document.field) is not None else NO_NORMALS

    @property
    def disc(self) -> Disc | None:
        """Where the disc of lights is in the view; None while it is not shown."""
        return Disc.of(self.controls, self._services.framebuffer_px)

    pixel_size = 0.0

    @property
    def held_places(self) -> Sequence[tuple[Position, float, Box | None]]:
        """See the base: what is filtered is the light, in its disc."""
        disc, (u, v) = self.disc, self.controls.light
        if disc is None or self.facts is None or not self.facts.has_light:
            return ()
        return [((disc.middle[0] + u * disc.radius, disc.middle[1] + v * disc.radius), 1 / disc.radius, None)]

    @property
    def held_unit(self) -> tuple[float, str]:
        """See the base: the radius of the horizon."""
        return 1.0, ""

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """In the disc it moves the light, on a dot it takes that photo's; with Shift the picture does likewise."""
        disc = self.disc
        if self.take_hold(position, pixel_ratio):
            return
        if self.facts is not None and disc is not None and disc.holds(position):
            self._hand = _IN_DISC, position
            self.take_light(disc, position, pixel_ratio)
        elif self._shift and self.view is not None:
            self._hand = _ON_PICTURE, position
            self._light_on_picture(position)
        else:
            super().press_button(position, pixel_ratio)

    def move(self, position: Position) -> None:
        """See the base."""
        what, last = self._hand
        if last is None or what not in (_IN_DISC, _ON_PICTURE):
            super().move(position)
            return
        if position == last:
            return
        self._hand = what, position
        disc = self.disc
        if what == _IN_DISC and disc is not None:
            self.set_light(disc.light_at(position))
        else:
            self._light_on_picture(position)

    def _light_on_picture(self, position: Position) -> None:
        """The chart lies over the picture, its horizon about the shorter side."""
        view = self.view
        assert view is not None
        x, y = view.domain_from_frame(self._in_pane(position))
        half = min(view.half_extent)
        self.set_light((x / half, y / half))

    def _dot_at(self, disc: Disc, position: Position, pixel_ratio: float) -> Point | None:
        """The light of the photo whose dot is there."""
        assert self.facts is not None
        lights = stage_lights(self.facts)
        away = np.linalg.norm(lights * disc.radius + disc.middle - np.array(position), axis=1)
        if away.min() > min(GRIP_PX * pixel_ratio, GRIP_SHARE * disc.radius):
            return None
        u, v = lights[int(away.argmin())].tolist()
        return u, v


def basis_of(document: Document) -> str:
    """The name in ``BASES_IN_TURN`` of the basis of a field; empty of other fields."""
    field = document.field
    if not isinstance(field, Relight):
        return ""
    if field.recipe.between == "shown":
        return SHOWN
    return "lobes" if field.recipe.lobes else field.basis_name


def light_stages(session: Session) -> LightStageState:
    """The state of the light stages of a session."""
    state = session.state_of("light_stage")
    assert isinstance(state, LightStageState)
    return state
