"""Reading and writing pictures: every usual format and mode, as a good viewer shows it.

Values are float32, display-encoded (sRGB, [0, 1]) for ordinary files and linear for EXR, Radiance HDR, PFM and floats.
"""

from .curves import display_from_linear, linear_from_display, quantised, quantised_to_16_bits
from .formats import DECODERS, SIGNATURES, SUFFIXES, Signature
from .image import WHITE, Alpha, Encoding, Image, composited
from .limits import MOST_PIXELS
from .reading import read_image
from .writing import check_writable_format, is_high_dynamic_range, write_image

__all__ = [
    "DECODERS",
    "MOST_PIXELS",
    "SIGNATURES",
    "SUFFIXES",
    "WHITE",
    "Alpha",
    "Encoding",
    "Image",
    "Signature",
    "check_writable_format",
    "composited",
    "display_from_linear",
    "is_high_dynamic_range",
    "linear_from_display",
    "quantised",
    "quantised_to_16_bits",
    "read_image",
    "write_image",
]
