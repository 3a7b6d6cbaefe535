"""What a decoder hands over: samples as they are stored, with all that says what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Shaped

from .colour_profiles import Space, converted, profile_fault
from .colour_spaces import rgb_from_cmyk
from .curves import linear_from_display
from .image import Alpha, Encoding, Image
from .orientation import upright

White = float | np.ndarray


@dataclass
class Decoded:
    """A picture as its file stores it.

    Attributes:
        samples: (height, width, channels) whole numbers, truth values or floats; alpha last, if there is any.
        white: the stored number that stands for 1, of all channels or of each.
        space: what the channels without alpha are.
        encoding: how the colours are encoded.
        alpha: what the last channel is.
        orientation: EXIF's number, 1 to 8.
        profile: ICC profile of the colours.
        corrected: colours to sRGB, where the file describes them in another way than by a profile.
        notices: what people should know, one clause each.
    """

    samples: Shaped[np.ndarray, "h w c"]
    white: White = 1.0
    space: Space = "rgb"
    encoding: Encoding = "display"
    alpha: Alpha = "none"
    orientation: int = 1
    profile: bytes | None = None
    corrected: Callable[[Float[np.ndarray, "h w c"]], Float[np.ndarray, "h w c"]] | None = None
    notices: list[str] = field(default_factory=list)


def finished(decoded: Decoded) -> Image:
    """The picture that a viewer would show: colours in sRGB, upright.

    Colours that a profile describes are converted without their alpha, as the profile describes colours, not products.
    """
    profile = _usable_profile(decoded)
    if profile is None and decoded.corrected is None and decoded.space in ("grey", "rgb"):
        values, alpha = _unit(decoded.samples, decoded.white), decoded.alpha
    else:
        values, alpha = _in_srgb(decoded, profile)
    notices = list(decoded.notices)
    if _unseen(values, alpha):
        notices.append("it is transparent everywhere, so that nothing but the background is seen")
    return Image(upright(values, decoded.orientation), decoded.encoding, alpha, tuple(notices))


def _unseen(values: Float[np.ndarray, "h w c"], alpha: Alpha) -> bool:
    """Whether nothing shows: alpha is 0 everywhere, and colours that it is multiplied into are, too."""
    if alpha == "none" or values[..., -1].any():
        return False
    return alpha == "straight" or not values.any()


def _usable_profile(decoded: Decoded) -> bytes | None:
    """The picture's profile, unless it is broken or of other channels, which a notice says."""
    if decoded.profile is None:
        return None
    fault = profile_fault(decoded.profile, decoded.space)
    if fault is None:
        return decoded.profile
    decoded.notices.append(f"its colour profile {fault} and is passed over")
    return None


def _in_srgb(decoded: Decoded, profile: bytes | None) -> tuple[Float[np.ndarray, "h w c"], Alpha]:
    samples, white, alpha = decoded.samples, decoded.white, decoded.alpha
    opacity = None
    if alpha != "none":
        opacity = _unit(samples[..., -1:], white if np.ndim(white) == 0 else np.asarray(white)[-1:])
        samples = samples[..., :-1]
        white = white if np.ndim(white) == 0 else np.asarray(white)[:-1]
    if opacity is not None and alpha == "premultiplied":
        samples = _unit(samples, white) / np.maximum(opacity, np.float32(1e-6))
        white, alpha = 1.0, "straight"
    if profile is not None:
        colour = _by_profile(samples, white, profile, decoded)
    else:
        colour = _WITHOUT_PROFILE[decoded.space](_unit(samples, white))
    if decoded.corrected is not None and profile is None:
        colour = decoded.corrected(colour)
    return (colour if opacity is None else np.concatenate([colour, opacity], 2)), alpha


def _by_profile(samples: np.ndarray, white: White, profile: bytes, decoded: Decoded) -> Float[np.ndarray, "h w c"]:
    """8 bits as they are, which is quick; others as 16 bits; linear light as floats, of which none is cut off."""
    if decoded.encoding == "linear":
        return linear_from_display(converted(_unit(samples, white), profile, decoded.space))
    if samples.dtype != np.uint8 or white != 255:
        samples = (_unit(samples, white).clip(0, 1) * np.float32(65535) + 0.5).astype(np.uint16)
    return converted(samples, profile, decoded.space)


_WITHOUT_PROFILE: dict[Space, Callable[[np.ndarray], np.ndarray]] = {
    "grey": lambda grey: grey,
    "rgb": lambda rgb: rgb,
    "cmyk": rgb_from_cmyk,
}


def _unit(samples: Shaped[np.ndarray, "h w c"], white: White) -> Float[np.ndarray, "h w c"]:
    """Samples as float32, 1 where they are white."""
    exact = samples.dtype.itemsize > 2 and samples.dtype != np.float32  # float32 cannot hold them
    values = samples.astype(np.float64 if exact else np.float32)
    if np.any(np.asarray(white) != 1):
        np.divide(values, np.asarray(white, values.dtype), out=values)
    return values.astype(np.float32, copy=False)
