"""``fieldcore fit light-stage``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from .common import require_between
from .fit import FIELD_GROUP, FitOptions
from .fit_picture import check_size
from .preset_names import kind_names

if TYPE_CHECKING:
    from ..signals import LightStage

_STAGE = "light stage"
_OF_RELIGHT = ("basis", "pictures", "order", "between", "lobes")


@dataclass(frozen=True, kw_only=True)
class StageOptions:
    """How the photos of a light stage are read."""

    size: int | None = option(
        "Shrink photos so that their longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group=_STAGE,
    )
    photos: str = option(
        "What photos' files hold; auto is linear light for EXR, HDR and floats, else the sRGB curve.",
        default="auto",
        metavar="NAME",
        choices=lambda: ("auto", "srgb", "linear"),
        group=_STAGE,
    )
    encoding: str = option(
        "Average linear light, which adds, or display-encoded values as they are shown.",
        default="linear",
        metavar="NAME",
        choices=lambda: ("linear", "display"),
        group=_STAGE,
    )
    exposure: float = option("Show so many stops brighter.", default=0.0, metavar="STOPS", group=_STAGE)
    mask: str | None = option(
        "A picture, bright where the subject is: only there is trained and scored.",
        default=None,
        metavar="PICTURE",
        group=_STAGE,
        usual="mask.png beside the photos, if there is one",
    )
    light_disc: str | None = option(
        "Train on lights in this disc of the chart alone.",
        default=None,
        metavar="U,V,RADIUS",
        group=_STAGE,
        usual="the hull of all lights",
    )

    def check_stage(self) -> None:
        """Refuse numbers that cannot be, before anything is read."""
        check_size(self.size)
        require_between("--exposure", self.exposure, -32, 32)
        self.disc()

    def disc(self) -> tuple[float, ...] | None:
        """``--light-disc`` as numbers. Raises InputError if it is none."""
        if self.light_disc is None:
            return None
        try:
            u, v, radius = (float(part) for part in self.light_disc.split(","))
        except ValueError as error:
            raise InputError(
                f"--light-disc: expected U,V,RADIUS, as in 0.1,-0.2,0.15, got '{self.light_disc}'"
            ) from error
        require_between("--light-disc", max(abs(u), abs(v)), 0, 1)
        require_between("--light-disc", radius, 1e-3, 2)
        return u, v, radius

    def open_stage(self, source: str) -> LightStage:
        """Read the photos."""
        from ..signals import LightStage

        numbers: Any = self.photos
        encoding: Any = self.encoding
        stage = LightStage.open(
            Path(source),
            max_size=self.size,
            numbers=numbers,
            encoding=encoding,
            exposure_stops=self.exposure,
            mask=self.mask,
            light_disc=self.disc(),
        )
        note(*stage.notices)
        return stage


@dataclass(frozen=True, kw_only=True)
class FitLightStage(StageOptions, FitOptions):
    """Make a field of photos of one view with one light each, which can be lit from anywhere by a light of any size."""

    what: ClassVar[str] = "light stage"
    folders: ClassVar[bool] = True
    default_kind: ClassVar[str] = "relight"
    settled: ClassVar[tuple[str, ...]] = ("size", "photos", "encoding", "exposure", "mask", "light_disc", *_OF_RELIGHT)
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit light-stage stage/",
        "fieldcore fit light-stage stage/lights.lp --size 1024 --exposure 3",
        "fieldcore fit light-stage stage/ --basis auto",
        "fieldcore fit light-stage stage/ --kind scale_space --encoding display",
    )

    sources: tuple[str, ...] = argument(
        "Folder with photos and an .lp file (the count, then 'photo.jpg x y z' a line); or .lp, .dome, .relight, .csv.",
        metavar="STAGE",
    )
    kind: str | None = option(
        "Kind of field.", default=None, metavar="KIND", choices=kind_names, group=FIELD_GROUP, usual="relight"
    )
    basis: str | None = option(
        "Of relight: which functions of the light; auto is the one nearest to photos held out.",
        default=None,
        metavar="NAME",
        choices=lambda: ("photos", "auto", "kriging", "ptm", "hsh"),
        group=_STAGE,
        usual="photos",
    )
    pictures: int | None = option(
        "Of relight: keep so many principal pictures; 0 keeps all photos.",
        default=None,
        metavar="COUNT",
        group=_STAGE,
        usual="0",
    )
    order: int | None = option(
        "Of relight: order of the basis hsh, 2 to 4.", default=None, metavar="ORDER", group=_STAGE, usual="4"
    )
    between: str | None = option(
        "Of relight: between photos interpolate light, or what is shown, which comes nearer to photos that were not "
        "taken where the light is a point, and gives way to light as it has a size.",
        default=None,
        metavar="NAME",
        choices=lambda: ("light", "shown"),
        group=_STAGE,
        usual="light",
    )
    lobes: bool = option(
        "Of relight: find a matte and a glossy lobe of each pixel first, and interpolate what they leave.",
        default=False,
        group=_STAGE,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_stage()
        kind = self.kind or self.default_kind
        for name in _OF_RELIGHT:
            if getattr(self, name) not in (None, False) and kind != "relight":
                raise InputError(f"--{name}: has no effect on a {kind} field; leave it out, or give --kind relight")

    def recipe_changes(self) -> dict[str, Any]:
        """What was given of the network, or of the basis."""
        given = {name: getattr(self, name) for name in _OF_RELIGHT if getattr(self, name) not in (None, False)}
        return {**super().recipe_changes(), **given}

    def open(self, source: str) -> LightStage:
        """Read the photos."""
        return self.open_stage(source)
