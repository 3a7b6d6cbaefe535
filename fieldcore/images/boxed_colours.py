"""What AVIF and JPEG 2000 say about their colours in a box ``colr``, of which Pillow tells nothing or but a part.

Sources: ISO/IEC 14496-12, 12.1.5 (profiles and H.273's code points); ISO/IEC 15444-1, I.5.3.3.
"""

from __future__ import annotations

import struct

from .decoded import Decoded
from .transfer_curves import describe_by_code_points

_UNSPECIFIED = 2
_RESTRICTED_PROFILE = 2
_HEAD_BYTES = 1 << 20


def add_boxed_colours(decoded: Decoded, data: bytes, name: str) -> None:
    """Set the profile or the correction of a decoded picture in the format that Pillow calls ``name``."""
    at = data.find(b"colr", 0, _HEAD_BYTES)
    if at < 4:
        return
    box = data[at + 4 : at - 4 + struct.unpack(">I", data[at - 4 : at])[0]]
    if name == "JPEG2000" and box[:1] == bytes([_RESTRICTED_PROFILE]):
        decoded.profile = box[3:]
    elif name == "AVIF" and box[:4] == b"nclx" and len(box) >= 10 and decoded.profile is None:
        primaries, transfer = struct.unpack(">HH", box[4:8])
        if _UNSPECIFIED not in (primaries, transfer):
            describe_by_code_points(decoded, primaries, transfer)
