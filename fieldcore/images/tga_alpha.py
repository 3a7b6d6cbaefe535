"""What alpha means in a TGA file, which Pillow does not say.

Source: Truevision TGA File Format Specification 2.0 (1991).
"""

from __future__ import annotations

import struct

from .image import Alpha

_SIGNATURE = b"TRUEVISION-XFILE.\0"
_EXTENSION_BYTES = 495
_BY_ATTRIBUTES: dict[int, Alpha] = {0: "none", 1: "none", 2: "none", 3: "straight", 4: "premultiplied"}


def tga_alpha(data: bytes) -> Alpha:
    """By the extension area's attributes type, if there is one; else by whether the header counts bits of alpha."""
    if data[-18:] == _SIGNATURE:
        at = struct.unpack("<I", data[-26:-22])[0]
        if 0 < at <= len(data) - _EXTENSION_BYTES:
            return _BY_ATTRIBUTES.get(data[at + 494], "straight")
    return "straight" if data[17] & 15 else "none"
