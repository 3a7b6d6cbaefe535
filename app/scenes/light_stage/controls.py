"""What the scene of light stages is asked to show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...compare import Compare
from ...entries import again, entry, file_entry
from ...filter.controls import FilterControls
from ...path.tracks import Space
from ...plane.controls import PlaneControls, Point, Words, point_check
from ...plane.insets import INSETS, InsetControls, inset_entry

if TYPE_CHECKING:
    from fieldcore.filters import Filter
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Filter = SignalFacts = Any

Output = Literal["field", "truth", "other", "error", "normals"]
"""Those of a plane, and the normals of what is photographed."""

LIGHTS = Space(np.array, lambda point: (float(point[0]), float(point[1])))
"""Where lights move: straight in the chart."""


@lru_cache(maxsize=4)
def places_of(facts: SignalFacts) -> tuple[Point, ...]:
    """The places of a stage's lights in its chart."""
    from fieldcore.lights.stage_facts import stage_lights

    return tuple((u, v) for u, v in stage_lights(facts).tolist())


@dataclass(frozen=True, kw_only=True)
class LightStageControls(InsetControls, FilterControls, PlaneControls):
    """The state of the scene of light stages. The filter is the light's own size and form, over its chart.

    Attributes:
        field: path of the field shown, or of a stage, which is shown as it is until there is a field of it.
        other: the same for the right of a two-up.
        truth: the stage that the field is of; empty where that is not known, or it is shown itself.
        light: where the light is, u and v of the chart: the zenith is (0, 0), the horizon has radius 1, v points down.
        nearest: whether the photo whose light is nearest takes the place of the truth.
        insets: at first the disc of lights.
        disc: whether that is drawn where it is among the insets, which paths of before had alone.
    """

    inset_reach = 0.75

    left: Output = again(Compare, "left", "field")  # type: ignore[assignment]
    right: Output = again(Compare, "right", "truth")  # type: ignore[assignment]

    field: str = file_entry("the path of a field of a light stage, of its folder, or of its .lp", required=True)
    other: str = file_entry("the path of a field of a light stage, of its folder, or of its .lp")
    truth: str = file_entry("the folder of a light stage, or its .lp")
    light: Point = entry(
        (0.0, 0.0),
        "light u,v",
        "where the light is: 0,0 is the camera, the horizon has radius 1; u to the right, v down",
        group="Light",
        setting="light-uv",
        bounds=(-1.0, 1.0),
        metavar="U,V",
        check=point_check,
        space=LIGHTS,
        brief=lambda light: f"light {light[0]:.2f},{light[1]:.2f}",
    )
    nearest: bool = entry(
        False,
        "nearest photo",
        "let the photo whose light is nearest, as it was taken, stand where the truth would",
        group="Compare",
        along="constant",
    )
    insets: str = inset_entry("light", tuple(INSETS))
    disc: bool = entry(True, along="constant", written=lambda disc: None if disc else False)

    def further(self, facts: SignalFacts) -> tuple[float, ...]:
        """See the base: where the light is."""
        return self.light if facts.has_light else ()

    def filter_of(self, facts: SignalFacts) -> Filter:
        """See the base; normals are not filtered."""
        if facts.has_light:
            return super().filter_of(facts)
        from fieldcore.filters import Gaussian

        return Gaussian(0.0)

    def source_of(self, name: str, sources: Any) -> Any:
        """See the base; the normals of the field, where it has any."""
        if name != "normals":
            return super().source_of(name, sources)
        from .normals import normals_of

        return normals_of(sources.field)

    def of_truth(self, facts: SignalFacts) -> LightStageControls:
        """See the base: the nearest photo's light, as a point."""
        if not self.nearest:
            return self
        from fieldcore.lights.stage_facts import nearest_photo, stage_lights

        number, _ = nearest_photo(facts, np.array(self.light))
        u, v = stage_lights(facts)[number].tolist()
        return replace(self, light=(u, v), covariance=(0.0, 0.0, 0.0))

    def truth_label(self, facts: SignalFacts) -> str:
        """See the base: which photo it is, and how far away."""
        if not self.nearest:
            return ""
        from fieldcore.lights.stage_facts import nearest_photo

        number, angle = nearest_photo(facts, np.array(self.light))
        return f"photo {facts.photos[number]}, {angle:.1f}° away"

    def is_light(self, output: str) -> bool:
        """See the base: normals are none."""
        return output != "normals"

    @property
    def shown_insets(self) -> tuple[str, ...]:
        """See the base."""
        return tuple(name for name in super().shown_insets if self.disc or name != "light")

    def inset_image(self, name: str, facts: SignalFacts, size_px: int) -> tuple[Any, tuple[Any, ...]] | None:
        """See the base; the disc of lights."""
        if name != "light":
            return super().inset_image(name, facts, size_px)
        if not facts.has_light:
            return None
        from .disc_image import disc_image

        return disc_image, self.disc_arguments(facts, size_px)

    def disc_arguments(self, facts: SignalFacts, size_px: int) -> tuple[Any, ...]:
        """What ``disc_image`` draws."""
        from fieldcore.lights.stage_facts import chart_scale, degrees_beyond

        from .disc_image import hats_of

        places = places_of(facts)
        beyond = degrees_beyond(facts, np.array(self.light), hats_of(places))
        words = f"{beyond:.0f}° beyond" if beyond > 0.5 else ""
        return places, chart_scale(facts), self.light, self.covariance, size_px, words

    @property
    def caption_words(self) -> Words:
        """See the base."""
        u, v = self.light
        return (("light  ", False), (f"{u:.2f}, {v:.2f}  ", True), *super().caption_words)

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        return {"light": list(self.light), **super().described}
