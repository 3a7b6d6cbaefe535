"""ICC profiles: colours to sRGB by Little CMS, relative colorimetric with black point compensation."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped

Space = Literal["grey", "rgb", "cmyk"]

_SIGNATURES: dict[Space, tuple[bytes, ...]] = {
    "grey": (b"GRAY", b"RGB "),
    "rgb": (b"RGB ",),
    "cmyk": (b"CMYK",),
}
"""What colour space a profile for such channels has; grey pictures often carry one of RGB."""

_CMS_NAMES = {b"GRAY": "gray", b"RGB ": "rgb", b"CMYK": "cmyk"}
_RELATIVE_COLORIMETRIC = 1
_BLACK_POINT_COMPENSATION, _NO_OPTIMISATION = 0x2000, 0x0100

_UNSEEN = 2 / 255
"""A profile that changes no colour by more than this is one of sRGB."""


def profile_fault(profile: bytes, space: Space) -> str | None:
    """What is wrong with a profile for such channels, or None."""
    if len(profile) < 128 or profile[36:40] != b"acsp":
        return "is broken"
    if profile[16:20] not in _SIGNATURES[space]:
        return f"is of {profile[16:20].decode('latin-1').strip()} colours, not of {_SPOKEN[space]}"
    return None if _answers(profile) else "is broken"


_SPOKEN: dict[Space, str] = {"grey": "grey", "rgb": "RGB", "cmyk": "CMYK"}


def converted(samples: Shaped[np.ndarray, "h w c"], profile: bytes, space: Space) -> Float[np.ndarray, "h w d"]:
    """Colours in sRGB, float32.

    Args:
        samples: uint8 or uint16, their whole range being [0, 1]; or floats, of which none is cut off.
        profile: without a fault.
        space: grey stays grey, one channel.
    """
    if space != "cmyk" and _is_srgb(profile):
        return _unit(samples)
    if space == "grey" and profile[16:20] == b"RGB ":
        samples = np.repeat(samples, 3, axis=2)
    colours = _unit(_transformed(samples, profile))
    return colours.mean(2, keepdims=True, dtype=np.float32) if space == "grey" else colours


def _transformed(samples: np.ndarray, profile: bytes) -> np.ndarray:
    """8 bits become 16; 16 bits go the slow and exact way, as the quick one is 10 of 255 off in dark colours."""
    import imagecodecs

    quick = samples.dtype == np.uint8
    name = _CMS_NAMES[profile[16:20]]
    return imagecodecs.cms_transform(
        np.ascontiguousarray(samples[..., 0] if name == "gray" else samples),
        profile,
        imagecodecs.cms_profile("srgb"),
        colorspace=name,
        outcolorspace="rgb",
        outdtype="float32" if samples.dtype.kind == "f" else "uint16",
        intent=_RELATIVE_COLORIMETRIC,
        flags=_BLACK_POINT_COMPENSATION | (0 if quick else _NO_OPTIMISATION),
    )


@lru_cache(maxsize=8)
def _answers(profile: bytes) -> bool:
    channels = {b"GRAY": 1, b"CMYK": 4}.get(profile[16:20], 3)
    try:
        _transformed(np.zeros((1, 1, channels), np.uint8), profile)
    except Exception:  # Little CMS says only that it cannot
        return False
    return True


@lru_cache(maxsize=8)
def _is_srgb(profile: bytes) -> bool:
    """By what it does to a lattice of colours: names in profiles are many."""
    if profile[16:20] == b"CMYK":
        return False
    steps = np.linspace(0, 255, 16).astype(np.uint8)
    channels = 1 if profile[16:20] == b"GRAY" else 3
    lattice = np.stack(np.meshgrid(*[steps] * channels, indexing="ij"), -1).reshape(1, -1, channels)
    return bool(np.abs(_unit(_transformed(lattice, profile)) - _unit(lattice)).max() <= _UNSEEN)


def _unit(samples: np.ndarray) -> np.ndarray:
    if samples.dtype.kind == "f":
        return samples.astype(np.float32, copy=False)
    values = samples.astype(np.float32)
    values /= np.iinfo(samples.dtype).max
    return values
