"""What ``--render-views`` takes: photographs of a model that are to be made, understood before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldcore.commands.common import require_between
from fieldcore.errors import InputError

from ..frame_size import Size, parsed_size
from ..modes import GENERATION, option_for

USUAL_SIZE = "256x256"
USUAL_VIEWS = 36
USUAL_ELEVATION = "-50,70"
LIGHTS = ("sun", "flat", "head")
LARGEST_PX = 4096
_GROUP = "photographs of a model"


@dataclass(frozen=True, kw_only=True)
class ViewOptions:
    """Photographs of a model with cameras, masks and the truth."""

    render_views: Path | None = option_for(
        (GENERATION,),
        "Photograph a model from all around and write a scene: pictures with masks, cameras in three formats, the "
        "truth. Without a texture it gets a pattern.",
        default=None,
        metavar="MODEL",
        group=_GROUP,
    )
    views: int = option_for((GENERATION,), "Photographs.", default=USUAL_VIEWS, metavar="COUNT", group=_GROUP)
    elevation: str = option_for(
        (GENERATION,),
        "The lowest and the highest camera, in degrees above level.",
        default=USUAL_ELEVATION,
        metavar="LOW,HIGH",
        group=_GROUP,
    )
    fov: float = option_for(
        (GENERATION,), "Vertical angle of view, in degrees.", default=36.0, metavar="DEGREES", group=_GROUP
    )
    lighting: str = option_for(
        (GENERATION,),
        "Two lights from afar, none, or one at the camera.",
        default="sun",
        flag="--light",
        choices=lambda: LIGHTS,
        group=_GROUP,
    )
    specular: float = option_for(
        (GENERATION,),
        "Strength of the highlight, which depends on the view; 0 is matte.",
        default=0.25,
        metavar="SHARE",
        group=_GROUP,
    )
    pose_noise_deg: float = option_for(
        (GENERATION,),
        "Write cameras that are turned by this angle (root mean square), and moved; the exact ones are in truth.json.",
        default=0.0,
        metavar="DEGREES",
        group=_GROUP,
    )
    seed: int = option_for((GENERATION,), "Of all that is random.", default=0, metavar="NUMBER", group=_GROUP)


@dataclass(frozen=True)
class ViewRequest:
    """What is to be photographed, and how; see ``ViewOptions``."""

    model: Path
    folder: Path
    size: Size
    views: int
    elevations: tuple[float, float]
    fov: float
    lighting: str
    specular: float
    pose_noise_deg: float
    seed: int


def views_asked(options: Any) -> ViewRequest:
    """What the options of a command line ask for. Raises InputError for what cannot be."""
    if options.out is None:
        raise InputError("--out: give the folder that the scene is to be written to")
    size = parsed_size(options.size or USUAL_SIZE, "--size")
    if max(size) > LARGEST_PX or min(size) < 8:
        raise InputError(f"--size: expected from 8 to {LARGEST_PX} pixels a side, got {options.size}")
    require_between("--views", options.views, 3, 1000)
    require_between("--fov", options.fov, 5, 120)
    require_between("--specular", options.specular, 0, 1)
    require_between("--pose-noise-deg", options.pose_noise_deg, 0, 30)
    require_between("--seed", options.seed, 0, 2**32 - 1)
    return ViewRequest(
        options.render_views,
        options.out,
        size,
        options.views,
        _elevations(options.elevation),
        options.fov,
        options.lighting,
        options.specular,
        options.pose_noise_deg,
        options.seed,
    )


def _elevations(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low, high = 1.0, 0.0
    if not -90 <= low <= high <= 90:
        raise InputError(f"--elevation: expected LOW,HIGH in degrees from -90 to 90, such as -50,70, got '{text}'")
    return low, high
