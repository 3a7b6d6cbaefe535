"""Camera paths of other programs: a file a program, and the table of them."""

from __future__ import annotations

from .format import CameraFilm, CameraKey, PathFormat
from .instant_ngp import INSTANT_NGP
from .nerfstudio import NERFSTUDIO

FORMATS: dict[str, PathFormat] = {each.name: each for each in (NERFSTUDIO, INSTANT_NGP)}

__all__ = ["FORMATS", "CameraFilm", "CameraKey", "PathFormat"]
