"""The formats that are read, known by how a file begins, never by its name; and those that are told apart to say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..registry import Registry

if TYPE_CHECKING:
    from .decoded import Decoded

BEGIN_BYTES = 1024
"""How much of a file's beginning formats are known by."""

Decoder = Callable[[Path, "str | None"], "Decoded"]

DECODERS: Registry[Decoder] = Registry(
    "picture format",
    {
        "PNG": "fieldcore.images.png_file:decode",
        "TIFF": "fieldcore.images.tiff_file:decode",
        "EXR": "fieldcore.images.exr_file:decode",
        "Radiance HDR": "fieldcore.images.radiance_file:decode",
        "Netpbm": "fieldcore.images.netpbm_file:decode",
        "Pillow": "fieldcore.images.pillow_file:decode",
    },
)
"""What reads a format, imported when first used. ``Pillow`` is for all files that no signature is known of."""


@dataclass(frozen=True)
class Signature:
    """How a file of one format begins."""

    name: str
    pattern: bytes

    def fits(self, begin: bytes) -> bool:
        """Whether a file that begins so is of this format."""
        return re.match(self.pattern, begin, re.DOTALL) is not None


SIGNATURES: list[Signature] = [
    Signature("PNG", rb"\x89PNG\r\n\x1a\n"),
    Signature("TIFF", rb"II[*+]\0|MM\0[*+]"),
    Signature("EXR", rb"v/1\x01"),
    Signature("Radiance HDR", rb"#\?(RADIANCE|RGBE|AUTOPANO)"),
    Signature("Netpbm", rb"P[1-7]\s|P[1-7]#|P[fF]\s"),
]

FOREIGN: list[Signature] = [
    Signature("a PDF document", rb"\s*%PDF"),
    Signature("a PostScript document", rb"%!PS|\xc5\xd0\xd3\xc6"),
    Signature("an SVG drawing", rb"(\xef\xbb\xbf)?\s*(<\?xml.*)?(<!--.*)?<(svg|!DOCTYPE svg)"),
    Signature("a HEIC photograph", rb"....ftyp(?!avi[fs])(hei|hev|mif1(?!.{0,64}avif)|msf1(?!.{0,64}avi[fs]))"),
    Signature("a JPEG XL picture", rb"\xff\x0a|\0\0\0\x0cJXL "),
    Signature("a video", rb"....ftyp(isom|iso\d|mp4|qt  |M4V|avc1|3gp)|\x1aE\xdf\xa3|RIFF....AVI "),
    Signature("a camera's raw data", rb"FUJIFILMCCD-RAW|IIU\0|IIR[OS]|MMOR|....ftypcrx"),
    Signature("a glTF model", rb'glTF|\s*\{.{0,500}"asset"\s*:'),
    Signature("a PLY mesh", rb"ply\r?\n"),
    Signature("an STL mesh", rb"solid\b"),
    Signature("a mesh in text", rb"(#[^\n]*\n|\s)*(v|vn|vt|f|o|g|mtllib|usemtl) \S|(C|N|ST)*OFF\b"),
    Signature("a saved field", rb'.{6}\0\0\{"'),
    Signature("a ZIP archive", rb"PK\x03\x04"),
    Signature("a gzip archive", rb"\x1f\x8b"),
    Signature("a web page", rb"\s*<(!DOCTYPE html|html|HTML)"),
    Signature("an XML file", rb"\s*<\?xml"),
]
"""What people take for a picture, and what it is called. Looked at only where no decoder knows the file."""

READ = "PNG, JPEG, TIFF, WebP, AVIF, GIF, BMP, TGA, JPEG 2000, PSD, Netpbm, PFM, EXR or Radiance HDR"
"""The usual ones of the formats that are read, for messages."""

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".avif", ".gif", ".bmp", ".tga", ".jp2", ".psd", ".qoi"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".pfm", ".exr", ".hdr"),
)
"""How pictures are usually called: for dialogs and for telling what a person drops. Reading does not look at it."""


def foreign_name(begin: bytes) -> str | None:
    """What a file is that is no picture, or no picture that is read; None if that is not known either."""
    for signature in FOREIGN:
        if signature.fits(begin):
            return signature.name
    if begin and not re.search(rb"[\x00-\x08\x0e-\x1f]", begin):
        return "text"
    return None
