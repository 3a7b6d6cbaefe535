"""Every format and mode that is read, written from one known picture and compared with it."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import OpenEXR
import pytest
import tifffile
from picture_files import (
    ALPHA,
    BYTES,
    DISPLAY_P3,
    HEIGHT,
    KEY,
    RED,
    RGB,
    SWAPPED,
    WIDTH,
    A,
    Case,
    bmp_with_alpha,
    by_pillow,
    chunk,
    cmyk_profile,
    content,
    display,
    exif,
    exr,
    exr_by_hand,
    lab_image,
    light_of,
    linear,
    netpbm,
    on_white,
    pam,
    pfm,
    pillow,
    planes,
    png,
    profile,
    psd,
    radiance,
    raw_exif_text,
    rgbe,
    rounded,
    saved,
    stored_as,
    tga,
    tiff,
    tiff_by_hand,
    whole,
    with_box,
    ycbcr_tiff,
)
from PIL import Image
from skimage.color import rgb2lab

from fieldcore.images import composited, read_image

ASSOCIATED = np.dstack([np.round(BYTES * A), ALPHA]).astype(np.uint8)
RGBA, LA = np.dstack([BYTES, ALPHA]), np.dstack([BYTES[..., 0], ALPHA])
DEEP, DEEP_A = whole(RGB, 65535), whole(A, 65535)
KEYED = np.where(KEY[..., None], 1.0, RGB)
GREY_KEYED = np.where(BYTES[..., :1] == BYTES[0, 0, 0], 1.0, RED)
BITS = BYTES[..., :1] > 127
LIGHT, LIGHT_A = linear(RGB).astype(np.float32), A.astype(np.float32)
PREMULTIPLIED = np.concatenate([LIGHT * LIGHT_A, LIGHT_A], -1)

TABLE = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [40, 50, 60]], np.uint8)
NUMBERS = (BYTES[..., 0] // 64).astype(np.uint8)
INDEXED = TABLE[NUMBERS] / 255


def palette_image() -> Image.Image:
    image = Image.fromarray(NUMBERS, "P")
    image.putpalette(TABLE.tobytes())
    return image


def palette(suffix: str, **options: Any):
    return lambda path: palette_image().save(path, suffix, **options)


INDEXED_KEYED = np.where((NUMBERS == 1)[..., None], 1.0, INDEXED)
HALF_SEEN = on_white(INDEXED, np.array([1.0, 128 / 255, 1.0, 1.0])[NUMBERS][..., None])


def interlaced_png() -> bytes:
    """Adam7: seven sparse pictures, one after another."""
    rows = b""
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        rows += b"".join(b"\0" + row.tobytes() for row in BYTES[y::dy, x::dx])
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100000 * value))


def primaries(numbers: list[float]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(100000 * n) for n in [0.3127, 0.3290, *numbers]))


def code_points(colours: int, curve: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([colours, curve, 0, 1])


def packed_profile(icc: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(icc)


SWAPPED_SEEN = display(linear(RGB)[..., ::-1])
P3 = profile(DISPLAY_P3)
# The matrix of CSS Color 4, section 18, from linear Display P3 to linear sRGB.
P3_MATRIX = np.array([[1.2249402, -0.2249402, 0], [-0.0420570, 1.0420570, 0], [-0.0196376, -0.0786360, 1.0982736]])
P3_SEEN = display(linear(RGB) @ P3_MATRIX.T).clip(0, 1)

# SMPTE ST 2084's own points: 100 nits are 0.5081 of the curve, 1000 are 0.7518.
PQ = np.repeat(np.where(BITS, 0.7518, 0.5081), 3, 2)
NITS = np.repeat(np.where(BITS, 1000.0, 100.0), 3, 2)

PNG = [
    Case("png-grey", content(png(BYTES[..., :1])), RED),
    Case("png-rgb", content(png(BYTES)), RGB),
    Case("png-grey-alpha", content(png(LA)), on_white(RED)),
    Case("png-rgba", content(png(RGBA)), on_white(RGB)),
    Case("png-grey-16", content(png(DEEP[..., :1])), rounded(RED, 65535)),
    Case("png-rgb-16", content(png(DEEP)), rounded(RGB, 65535)),
    Case("png-grey-alpha-16", content(png(np.dstack([DEEP[..., 0], DEEP_A]))), on_white(RED), 2e-5),
    Case("png-rgba-16", content(png(np.dstack([DEEP, DEEP_A]))), on_white(RGB), 2e-5),
    Case("png-1-bit", lambda path: Image.fromarray(BITS[..., 0]).save(path, "PNG"), BITS.astype(float)),
    Case("png-palette-2-bit", palette("PNG", bits=2), INDEXED),
    Case("png-palette-key", palette("PNG", transparency=1), INDEXED_KEYED),
    Case("png-palette-alpha", palette("PNG", transparency=bytes([255, 128])), HALF_SEEN),
    Case("png-grey-key", content(png(BYTES[..., :1], (b"tRNS", struct.pack(">H", BYTES[0, 0, 0])))), GREY_KEYED),
    Case("png-rgb-key", content(png(BYTES, (b"tRNS", struct.pack(">3H", *BYTES[0, 0])))), KEYED),
    Case("png-rgb-16-key", content(png(DEEP, (b"tRNS", struct.pack(">3H", *DEEP[0, 0])))), KEYED, 1e-5),
    Case("png-interlaced", content(interlaced_png()), RGB),
    Case("png-gamma-1", content(png(BYTES, gamma(1.0))), display(RGB), 1e-5),
    Case("png-gamma-1-grey", content(png(DEEP[..., :1], gamma(1.0))), display(RED), 1e-3),
    Case("png-gamma-usual", content(png(BYTES, gamma(0.45455))), RGB),
    Case("png-gamma-below-srgb", content(png(BYTES, gamma(1.0), (b"sRGB", b"\0"))), RGB),
    Case("png-primaries", content(png(BYTES, gamma(0.45455), primaries(SWAPPED))), SWAPPED_SEEN, 1e-5),
    Case("png-profile", content(png(BYTES, packed_profile(P3))), by_pillow(BYTES, P3), 3e-3),
    Case("png-profile-16", content(png(DEEP, packed_profile(P3), gamma(1.0))), by_pillow(BYTES, P3), 3e-3),
    Case("png-profile-alpha", content(png(RGBA, packed_profile(P3))), on_white(by_pillow(BYTES, P3)), 3e-3),
    Case("png-profile-broken", content(png(BYTES, packed_profile(b"?" * 200))), RGB, notice="profile is broken"),
    Case("png-code-points", content(png(BYTES, code_points(12, 13), gamma(1.0))), P3_SEEN, 1e-4),
    Case("png-linear-code-points", content(png(BYTES, code_points(1, 8))), display(RGB), 1e-5),
    Case("png-beyond-white", content(png(whole(PQ, 65535), code_points(9, 16))), NITS / 203, 2e-3, "linear"),
    Case(
        "png-animated",
        lambda path: Image.fromarray(BYTES).save(
            path, "PNG", save_all=True, append_images=[Image.new("RGB", (20, 12))]
        ),
        RGB,
        notice="it is animated; its first picture is read",
    ),
    Case("png-called-jpg.jpg", content(png(DEEP)), rounded(RGB, 65535)),
    Case(
        "png-transparent",
        content(png(np.dstack([BYTES, 0 * ALPHA]))),
        np.ones_like(RGB),
        notice="it is transparent everywhere",
    ),
]

CMYK = 255 - np.dstack([BYTES, np.full((HEIGHT, WIDTH), 255 - 51, np.uint8)])  # shares of ink; black is a fifth
CMYK_SEEN = RGB * 0.8


def save(image: Image.Image, suffix: str, **options: Any):
    return lambda path: image.save(path, suffix, **options)


FULL = {"quality": 100, "subsampling": 0}
FULL_AVIF = {"quality": 100, "subsampling": "4:4:4"}
JPEG_2000 = saved(Image.fromarray(BYTES), "JPEG2000", irreversible=False)
AVIF = saved(Image.fromarray(BYTES), "AVIF", **FULL_AVIF)
SRGB_POINTS, P3_POINTS = b"nclx\0\1\0\x0d", b"nclx\0\x0c\0\x0d"
INKS = cmyk_profile()
CMYK_BY_INKS = by_pillow(CMYK, INKS)
SAVED_P3 = {"icc_profile": P3}
BY_PILLOW = [
    Case("jpeg-rgb", pillow("RGB", "JPEG", **FULL), RGB, 0.02),
    Case("jpeg-progressive", pillow("RGB", "JPEG", progressive=True, **FULL), RGB, 0.02),
    Case("jpeg-grey", pillow("L", "JPEG", **FULL), RED, 0.02),
    Case("jpeg-cmyk", save(Image.fromarray(CMYK, "CMYK"), "JPEG", **FULL), CMYK_SEEN, 0.03),
    Case("jpeg-profile", pillow("RGB", "JPEG", **FULL, **SAVED_P3), by_pillow(BYTES, P3), 0.03),
    Case("jpeg-profile-swapped", pillow("RGB", "JPEG", **FULL, icc_profile=profile(SWAPPED)), SWAPPED_SEEN, 0.06),
    Case(
        "jpeg-grey-profile", pillow("L", "JPEG", **FULL, icc_profile=profile(grey=True, gamma=1.0)), display(RED), 0.1
    ),
    Case(
        "jpeg-profile-of-others",
        pillow("RGB", "JPEG", **FULL, icc_profile=profile(grey=True)),
        RGB,
        0.02,
        notice="profile is of GRAY colours, not of RGB",
    ),
    Case("webp-lossless", pillow("RGB", "WEBP", lossless=True), RGB),
    Case("webp-alpha", pillow("RGBA", "WEBP", lossless=True, exact=True), on_white(RGB)),
    Case("webp-lossy", pillow("RGB", "WEBP", quality=100), RGB, 0.25),
    Case("avif", pillow("RGB", "AVIF", **FULL_AVIF), RGB, 0.03),
    Case("avif-alpha", pillow("RGBA", "AVIF", **FULL_AVIF), on_white(RGB), 0.03),
    Case("gif", palette("GIF"), INDEXED),
    Case("gif-key", palette("GIF", transparency=1), INDEXED_KEYED),
    Case("gif-grey", pillow("L", "GIF"), np.repeat(RED, 3, 2)),
    Case(
        "gif-animated",
        palette("GIF", save_all=True, append_images=[Image.new("P", (WIDTH, HEIGHT))]),
        INDEXED,
        notice="it holds 2 pictures; the first is read",
    ),
    Case("bmp", pillow("RGB", "BMP"), RGB),
    Case("bmp-grey", pillow("L", "BMP"), RED),
    Case("bmp-1-bit", save(Image.fromarray(BITS[..., 0]), "BMP"), BITS.astype(float)),
    Case("bmp-palette", palette("BMP"), INDEXED),
    Case("bmp-32-bit", pillow("RGBA", "BMP"), RGB),
    Case("bmp-alpha", content(bmp_with_alpha()), on_white(RGB)),
    Case("tga", pillow("RGB", "TGA"), RGB),
    Case("tga-grey-alpha", pillow("LA", "TGA"), on_white(RED)),
    Case("tga-alpha", pillow("RGBA", "TGA", compression="tga_rle"), on_white(RGB)),
    Case(
        "tga-unused-alpha",
        save(Image.fromarray(np.dstack([BYTES, 0 * ALPHA]), "RGBA"), "TGA"),
        RGB,
        notice="its alpha is 0 everywhere and is taken for unused",
    ),
    Case("tga-premultiplied", content(tga(ASSOCIATED, 8, 4)), on_white(RGB), 3e-3),
    Case("tga-straight", content(tga(RGBA, 8, 3)), on_white(RGB)),
    Case("tga-alpha-not-counted", content(tga(RGBA, 0)), RGB),
    Case("tga-alpha-undefined", content(tga(RGBA, 8, 2)), RGB),
    Case("ico", pillow("RGBA", "ICO", sizes=[(WIDTH, HEIGHT)], bitmap_format="bmp"), on_white(RGB)),
    Case("jpeg-2000", pillow("RGB", "JPEG2000", irreversible=False), RGB),
    Case("jpeg-2000-alpha", pillow("RGBA", "JPEG2000", irreversible=False), on_white(RGB)),
    Case("jpeg-12", content(imagecodecs.jpeg_encode(whole(RED, 4095)[..., 0], bitspersample=12, level=100)), RED, 0.02),
    Case(
        "jpeg-2000-10",
        content(imagecodecs.jpeg2k_encode(whole(RGB, 1023), bitspersample=10, level=0)),
        rounded(RGB, 1023),
    ),
    Case(
        "avif-10", content(imagecodecs.avif_encode(whole(RGB, 1023), bitspersample=10, level=100)), rounded(RGB, 1023)
    ),
    Case(
        "avif-12", content(imagecodecs.avif_encode(whole(RGB, 4095), bitspersample=12, level=100)), rounded(RGB, 4095)
    ),
    Case("jpeg-2000-16", content(imagecodecs.jpeg2k_encode(DEEP, reversible=True, level=0)), rounded(RGB, 65535)),
    Case("jpeg-2000-profile", content(with_box(JPEG_2000, b"\2\0\0" + P3)), by_pillow(BYTES, P3), 3e-3),
    Case("avif-code-points", content(AVIF.replace(SRGB_POINTS, P3_POINTS)), P3_SEEN, 0.04),
    Case("avif-profile", pillow("RGB", "AVIF", **FULL_AVIF, **SAVED_P3), by_pillow(BYTES, P3), 0.04),
    Case("webp-profile", pillow("RGB", "WEBP", lossless=True, **SAVED_P3), by_pillow(BYTES, P3), 3e-3),
    Case("qoi", content(imagecodecs.qoi_encode(RGBA)), on_white(RGB)),
    Case("pcx", pillow("RGB", "PCX"), RGB),
    Case("sgi-16", pillow("RGB", "SGI", bpc=2), RGB, 1 / 255, notice="of its 16 bits the higher 8 are read"),
    Case("psd", content(psd([*BYTES.transpose(2, 0, 1)], 3)), RGB),
    Case("psd-grey", content(psd([BYTES[..., 0]], 1)), RED),
    Case("psd-lab", content(psd([*np.asarray(lab_image()).transpose(2, 0, 1)], 9)), RGB, 0.07),
    Case(
        "psd-cmyk-more",
        content(psd([*(255 - CMYK).transpose(2, 0, 1), ALPHA], 4)),
        CMYK_SEEN,
        notice="1 of its channels beside its colours is left out",
    ),
    Case("sgi", pillow("RGBA", "SGI"), on_white(RGB)),
]


def old_grey(samples: np.ndarray, photometric: int, bits: int, **tags: tuple[int, list[int]]) -> bytes:
    numbered = {int(name[1:]): value for name, value in tags.items()}
    rows = samples[..., 0]
    if bits == 1:
        data = np.packbits(rows, axis=1).tobytes()
    elif bits in (2, 4, 10, 12, 14):  # rows of whole bytes, as they are 20 pixels long
        text = "".join(format(value, f"0{bits}b") for value in rows.ravel())
        data = int(text, 2).to_bytes(len(text) // 8, "big")
    else:
        data = np.ascontiguousarray(rows).tobytes()
    return tiff_by_hand([data], {262: (3, [photometric]), 258: (3, [bits]), 277: (3, [1]), **numbered})


YCBCR = np.asarray(Image.fromarray(BYTES).convert("YCbCr"))
EVEN_YCBCR = np.repeat(np.repeat(YCBCR[::4, ::4], 4, 0), 4, 1)
EVEN = np.repeat(np.repeat(RGB[::4, ::4], 4, 0), 4, 1)
PADDED = np.dstack([BYTES, np.full_like(ALPHA, 7), 255 - ALPHA])
SIXTEEN_TABLE = np.zeros((3, 256), np.uint16)
SIXTEEN_TABLE[:, :4] = TABLE.T.astype(np.uint16) * 257
SIGNED = np.round(RGB * 32767).astype(np.int16)


# The WhitePoint tag: x and y of D65, each as a fraction.
D65_POINT = (318, 5, 2, (3127, 10000, 3290, 10000), True)


def d65_lab() -> np.ndarray:
    """CIELAB of white D65, as scikit-image computes it, a and b as signed bytes."""
    lab = rgb2lab(RGB, illuminant="D65")
    return np.round(lab * [2.55, 1, 1]).astype(np.int16).astype(np.uint8)


def jpeg_planes() -> bytes:
    """Luminance and both differences, each a JPEG of its own, as ImageMagick writes them."""
    planes = [imagecodecs.jpeg_encode(np.ascontiguousarray(YCBCR[..., k]), level=100) for k in range(3)]
    tags = {262: (3, [6]), 258: (3, [8, 8, 8]), 277: (3, [3]), 284: (3, [2]), 259: (3, [7]), 530: (3, [1, 1])}
    return tiff_by_hand(planes, tags)


def inverted_with_alpha() -> bytes:
    samples = np.dstack([255 - BYTES[..., 0], ALPHA])
    return tiff_by_hand([samples.tobytes()], {262: (3, [0]), 258: (3, [8, 8]), 277: (3, [2]), 338: (3, [2])})


def write_with_preview(path: Path) -> None:
    """A small picture that says that it is a reduced one, then the picture."""
    with tifffile.TiffWriter(path) as file:
        file.write(BYTES[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
        file.write(BYTES, photometric="rgb", metadata=None)


TIFF = [
    Case("tiff-preview-first", write_with_preview, RGB),
    Case("tiff-grey", tiff(BYTES[..., :1]), RED),
    Case("tiff-rgb", tiff(BYTES), RGB),
    Case("tiff-big-endian", tiff(DEEP, byteorder=">"), rounded(RGB, 65535)),
    Case("tiff-bigtiff", tiff(BYTES, bigtiff=True), RGB),
    Case("tiff-separate-planes", tiff(np.moveaxis(DEEP, -1, 0), planarconfig="separate", photometric="rgb"), RGB, 1e-5),
    Case("tiff-tiles", tiff(BYTES, tile=(16, 16)), RGB),
    Case("tiff-strips", tiff(BYTES, rowsperstrip=5), RGB),
    Case("tiff-half", tiff(RGB.astype(np.float16)), RGB.astype(np.float16), encoding="linear"),
    Case("tiff-half-tiles", tiff(RGB.astype(np.float16), tile=(16, 16)), RGB.astype(np.float16), encoding="linear"),
    Case("tiff-float", tiff(LIGHT * 7), LIGHT * 7, encoding="linear"),
    Case("tiff-float-predicted", tiff(LIGHT, compression="zlib", predictor=True), LIGHT, encoding="linear"),
    Case("tiff-double", tiff(LIGHT.astype(np.float64)), LIGHT, encoding="linear"),
    Case("tiff-1-bit", tiff(BITS), BITS.astype(float)),
    Case("tiff-2-bit", content(old_grey(whole(RED, 3), 1, 2)), rounded(RED, 3)),
    Case("tiff-4-bit", content(old_grey(whole(RED, 15), 1, 4)), rounded(RED, 15)),
    Case("tiff-10-bit", content(old_grey(whole(RED, 1023), 1, 10)), rounded(RED, 1023)),
    Case("tiff-12-bit", content(old_grey(whole(RED, 4095), 1, 12)), rounded(RED, 4095)),
    Case("tiff-14-bit", content(old_grey(whole(RED, 16383), 1, 14)), rounded(RED, 16383)),
    Case("tiff-1-bit-white-is-0", content(old_grey(BITS.astype(np.uint8), 0, 1)), 1.0 - BITS),
    Case("tiff-white-is-0", tiff(BYTES[..., :1], photometric="miniswhite"), 1 - RED),
    Case("tiff-16-white-is-0", tiff(DEEP[..., :1], photometric="miniswhite"), 1 - rounded(RED, 65535)),
    Case("tiff-signed", tiff(SIGNED), SIGNED / 32767, notice="its numbers are signed"),
    Case("tiff-uint32", tiff((RGB * (2**32 - 1)).astype(np.uint32)), RGB),
    Case(
        "tiff-int32-of-bytes", tiff(BYTES.astype(np.int32)), RGB, notice="255 is taken for white, the most that 8 bits"
    ),
    Case(
        "tiff-int32-declared",
        tiff(np.round(RED * 1000).astype(np.int32), extratags=[(341, 9, 1, 1000, True)]),
        rounded(RED, 1000),
        notice="1000 is taken for white, as a tag of the file says",
    ),
    Case("tiff-palette", tiff(NUMBERS[..., None], photometric="palette", colormap=SIXTEEN_TABLE), INDEXED),
    Case("tiff-unassociated", tiff(RGBA, extrasamples=["unassalpha"]), on_white(RGB)),
    Case("tiff-associated", tiff(ASSOCIATED, extrasamples=["assocalpha"]), on_white(RGB), 3e-3),
    Case(
        "tiff-grey-alpha",
        tiff(LA, photometric="minisblack", extrasamples=["unassalpha"], planarconfig="contig"),
        on_white(RED),
    ),
    Case("tiff-unspecified", tiff(RGBA, extrasamples=["unspecified"]), RGB, notice="1 channel beside its colours"),
    Case(
        "tiff-five-channels",
        tiff(PADDED, extrasamples=["unspecified", "unspecified"]),
        RGB,
        notice="2 channels beside its colours",
    ),
    Case(
        "tiff-alpha-untold",
        content(tiff_by_hand([RGBA.tobytes()], {262: (3, [2]), 258: (3, [8, 8, 8, 8]), 277: (3, [4])})),
        on_white(RGB),
        notice="taken for alpha",
    ),
    Case("tiff-cmyk", tiff(CMYK, photometric="separated"), CMYK_SEEN),
    Case("tiff-cmyk-profile", tiff(CMYK, photometric="separated", iccprofile=INKS), CMYK_BY_INKS, 3e-3),
    Case("tiff-profile-16", tiff(DEEP, iccprofile=P3), by_pillow(BYTES, P3), 3e-3),
    Case(
        "tiff-profile-associated",
        tiff(ASSOCIATED, iccprofile=P3, extrasamples=["assocalpha"]),
        on_white(by_pillow(BYTES, P3)),
        0.03,
    ),
    Case("tiff-white-is-0-alpha", content(inverted_with_alpha()), on_white(RED)),
    Case("tiff-cmyk-16", tiff(CMYK.astype(np.uint16) * 257, photometric="separated"), CMYK_SEEN),
    Case("tiff-ycbcr", tiff(YCBCR, photometric="ycbcr", extratags=[(530, 3, 2, (1, 1), True)]), RGB, 0.015),
    *(
        Case(f"tiff-ycbcr-{across}x{down}", content(ycbcr_tiff(EVEN_YCBCR, across, down)), EVEN, 0.015)
        for across, down in ((2, 2), (2, 1), (4, 2), (1, 1))
    ),
    Case("tiff-lab", save(lab_image(), "TIFF"), RGB, 0.07),
    Case("tiff-lab-white", tiff(d65_lab(), photometric="cielab", extratags=[D65_POINT]), RGB, 0.1),
    Case("tiff-jpeg-planes", content(jpeg_planes()), RGB, 0.05),
    Case("tiff-profile", tiff(BYTES, iccprofile=P3), by_pillow(BYTES, P3), 3e-3),
    Case(
        "tiff-pages",
        tiff(np.stack([BYTES, 255 - BYTES])),
        RGB,
        notice="it holds 2 pictures; the first is read",
    ),
    *(
        Case(f"tiff-{packing}-{samples.dtype}", tiff(samples, compression=packing, predictor=predictor), seen)
        for packing, predictor in (
            ("lzw", True),
            ("deflate", True),
            ("packbits", False),
            ("zstd", True),
            ("lzma", False),
        )
        for samples, seen in ((BYTES, RGB), (DEEP, rounded(RGB, 65535)))
    ),
    Case("tiff-jpeg", save(Image.fromarray(BYTES), "TIFF", compression="jpeg", quality=100), RGB, 0.25),
    Case("tiff-fax", save(Image.fromarray(BITS[..., 0]), "TIFF", compression="group4"), BITS.astype(float)),
]

NETPBM = [
    Case("pbm", content(netpbm("P4", np.packbits(BITS[..., 0], axis=1), None)), 1.0 - BITS),
    Case("pbm-text", content(netpbm("P1", BITS.astype(int), None)), 1.0 - BITS),
    Case("pgm", content(netpbm("P5", BYTES[..., :1], 255)), RED),
    Case("pgm-text", content(netpbm("P2", whole(RED, 1000), 1000)), rounded(RED, 1000)),
    *(
        Case(f"pgm-{most}", content(netpbm("P5", whole(RED, most), most)), rounded(RED, most))
        for most in (15, 1023, 65535)
    ),
    Case("ppm", content(netpbm("P6", BYTES, 255)), RGB),
    Case("ppm-two", content(2 * netpbm("P6", BYTES, 255)), RGB, notice="other pictures follow it in the same file"),
    Case("ppm-16", content(netpbm("P6", DEEP, 65535)), rounded(RGB, 65535)),
    Case("ppm-100", content(netpbm("P6", whole(RGB, 100), 100)), rounded(RGB, 100)),
    Case("ppm-text", content(netpbm("P3", BYTES, 255)), RGB),
    Case("pam-rgba", content(pam(RGBA, 255, "RGB_ALPHA")), on_white(RGB)),
    Case(
        "pam-grey-alpha-16",
        content(pam(np.dstack([DEEP[..., 0], DEEP_A]), 65535, "GRAYSCALE_ALPHA")),
        on_white(RED),
        2e-5,
    ),
    Case("pam-1-bit", content(pam(BITS.astype(np.uint8), 1, "BLACKANDWHITE")), BITS.astype(float)),
    Case("pfm", content(pfm(LIGHT * 3)), LIGHT * 3, encoding="linear"),
    Case("pfm-grey-big-endian", content(pfm(LIGHT[..., :1], "1.0")), LIGHT[..., :1], encoding="linear"),
    Case("pfm-scaled", content(pfm(LIGHT, "-2.5")), LIGHT * 2.5, encoding="linear"),
]

PIXELS = rgbe(LIGHT * 5)
PIXELS[3:6, 4:15] = PIXELS[3, 4]  # something to pack
RAD = light_of(PIXELS)
COLUMNS = np.ascontiguousarray(PIXELS.swapaxes(0, 1))

RADIANCE = [
    *(
        Case(f"hdr-{how}", content(radiance(PIXELS, "-Y 12 +X 20", how)), RAD, 1e-5, "linear")
        for how in ("flat", "old", "new")
    ),
    *(
        Case(f"hdr-{resolution.replace(' ', '')}", content(radiance(stored, resolution, "new")), RAD, 1e-5, "linear")
        for resolution, stored in (
            ("+Y 12 +X 20", PIXELS[::-1]),
            ("-Y 12 -X 20", PIXELS[:, ::-1]),
            ("+Y 12 -X 20", PIXELS[::-1, ::-1]),
            ("+X 20 -Y 12", COLUMNS),
            ("-X 20 -Y 12", COLUMNS[::-1]),
            ("+X 20 +Y 12", COLUMNS[:, ::-1]),
            ("-X 20 +Y 12", COLUMNS[::-1, ::-1]),
        )
    ),
    Case(
        "hdr-exposure",
        content(radiance(PIXELS, "-Y 12 +X 20", lines="EXPOSURE=2.0\nEXPOSURE= 4\n")),
        RAD / 8,
        1e-5,
        "linear",
    ),
]


def linear_on_white(colour: np.ndarray, alpha: np.ndarray = LIGHT_A) -> np.ndarray:
    return colour + 1 - alpha


def window(left: int, top: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([left, top], np.int32), np.array([left + width - 1, top + height - 1], np.int32)


def within(left: int, top: int, size: tuple[int, int]) -> np.ndarray:
    """The picture as a larger or smaller display window shows it, black around."""
    shown = np.zeros((size[1], size[0], 3), np.float32)
    padded = np.zeros((80, 80, 3), np.float32)
    padded[30 : 30 + HEIGHT, 30 : 30 + WIDTH] = LIGHT
    shown[:] = padded[30 - top : 30 - top + size[1], 30 - left : 30 - left + size[0]]
    return shown


LUMINANCE = LIGHT @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def chroma() -> bytes:
    """Luminance at every pixel, differences of red and blue, which grow to the right, at every second."""
    few = np.repeat(np.arange(WIDTH // 2, dtype=np.float32)[None], HEIGHT // 2, 0) / 10
    return exr_by_hand({"Y": (np.full((HEIGHT, WIDTH), 0.4), 1), "RY": (few, 2), "BY": (-few / 2, 2)})


ACROSS = np.minimum(np.arange(WIDTH), WIDTH - 2) / 20 + np.zeros((HEIGHT, 1))
CHROMA_RED, CHROMA_BLUE = 0.4 + 0.4 * ACROSS, 0.4 - 0.2 * ACROSS
CHROMA_SEEN = np.dstack([CHROMA_RED, (0.4 - 0.2126 * CHROMA_RED - 0.0722 * CHROMA_BLUE) / 0.7152, CHROMA_BLUE])
RGB_LIGHT = planes(LIGHT, "RGB")
SWAPPED_HEADER = np.array([*SWAPPED, 0.3127, 0.3290], np.float32)

EXR = [
    Case("exr-rgb", exr(RGB_LIGHT), LIGHT, encoding="linear"),
    Case("exr-half", exr(planes(LIGHT, "RGB", dtype=np.float16)), LIGHT.astype(np.float16), encoding="linear"),
    Case("exr-uint", exr(planes(BYTES, "RGB", dtype=np.uint32)), BYTES.astype(float), encoding="linear"),
    Case(
        "exr-tiled", exr(RGB_LIGHT, type=OpenEXR.tiledimage, tiles=OpenEXR.TileDescription()), LIGHT, encoding="linear"
    ),
    Case("exr-y", exr({"Y": LIGHT[..., 0]}), LIGHT[..., :1], encoding="linear"),
    Case("exr-r", exr({"R": LIGHT[..., 0]}), LIGHT[..., :1], encoding="linear"),
    Case("exr-depth", exr({"Z": LIGHT[..., 0]}), LIGHT[..., :1], encoding="linear"),
    Case("exr-rgba", exr(planes(PREMULTIPLIED, "RGBA")), linear_on_white(LIGHT * LIGHT_A), encoding="linear"),
    Case(
        "exr-y-a",
        exr({"Y": PREMULTIPLIED[..., 0], "A": PREMULTIPLIED[..., 3]}),
        linear_on_white(LIGHT[..., :1] * LIGHT_A),
        encoding="linear",
    ),
    Case("exr-emission", exr(planes(np.dstack([LIGHT, 0 * LIGHT_A]), "RGBA")), LIGHT + 1, encoding="linear"),
    Case("exr-chroma", content(chroma()), CHROMA_SEEN, 1e-4, "linear"),
    Case(
        "exr-layer-beside-depth",
        exr({**planes(LIGHT, "RGB", "beauty."), "depth.Z": LIGHT[..., 0]}),
        LIGHT,
        encoding="linear",
        notice="its layer 'beauty' is read, of others it has depth",
    ),
    Case(
        "exr-base-beside-normals",
        exr({**RGB_LIGHT, **planes(LIGHT, "XYZ", "N.")}),
        LIGHT,
        encoding="linear",
        notice="its base layer is read, of others it has N",
    ),
    Case(
        "exr-smaller-data",
        exr(RGB_LIGHT, dataWindow=window(5, 3, WIDTH, HEIGHT), displayWindow=window(0, 0, 40, 30)),
        within(5, 3, (40, 30)),
        encoding="linear",
    ),
    Case(
        "exr-larger-data",
        exr(RGB_LIGHT, dataWindow=window(-4, -2, WIDTH, HEIGHT), displayWindow=window(0, 0, 10, 8)),
        within(-4, -2, (10, 8)),
        encoding="linear",
    ),
    Case(
        "exr-primaries",
        exr(RGB_LIGHT, chromaticities=tuple(map(float, SWAPPED_HEADER))),
        LIGHT[..., ::-1],
        1e-5,
        "linear",
    ),
]

CASES = [*PNG, *BY_PILLOW, *TIFF, *NETPBM, *RADIANCE, *EXR]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_a_viewer_shows_is_read(tmp_path, capfd, case):
    path = tmp_path / case.name
    case.write(path)
    image = read_image(path)
    assert image.encoding == case.encoding
    seen = composited(image)
    assert seen.dtype == np.float32 and seen.shape == case.seen.shape
    assert np.abs(seen - case.seen).max() <= case.tolerance
    if case.notice:
        assert case.notice in " ".join(image.notices) and case.name in image.notices[0]
    else:
        assert image.notices == ()
    assert capfd.readouterr() == ("", "")


ORIENTED = {
    "png": lambda path, stored, n: path.write_bytes(png(stored, (b"eXIf", exif(n)))),
    "png-as-text": lambda path, stored, n: path.write_bytes(png(stored, raw_exif_text(n))),
    "png-after": lambda path, stored, n: path.write_bytes(png(stored, (b"eXIf", exif(n)), after=True)),
    "jpeg": lambda path, stored, n: Image.fromarray(stored).save(
        path, "JPEG", exif=b"Exif\0\0" + exif(n), quality=100, subsampling=0
    ),
    "webp": lambda path, stored, n: Image.fromarray(stored).save(path, "WEBP", exif=exif(n), lossless=True),
    "avif": lambda path, stored, n: Image.fromarray(stored).save(
        path, "AVIF", exif=exif(n), quality=100, subsampling="4:4:4"
    ),
    "tiff": lambda path, stored, n: tiff(stored, extratags=[(274, 3, 1, n, True)])(path),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ORIENTED)
def test_a_camera_orientation_is_obeyed(tmp_path, kind, orientation):
    ORIENTED[kind](tmp_path / "turned", stored_as(orientation, BYTES), orientation)
    values = read_image(tmp_path / "turned").values
    assert values.shape == RGB.shape
    assert np.abs(values - RGB).max() < 0.03


def test_no_library_says_anything_where_nothing_listens(tmp_path):
    """In a process of its own: pytest listens to what is logged, which then goes not to standard error."""
    for case in CASES:
        case.write(tmp_path / case.name)
    damaged = bytearray(png(BYTES, gamma(1.0), packed_profile(P3)))
    damaged[60] ^= 255
    (tmp_path / "damaged").write_bytes(damaged)
    code = "import sys, pathlib; from fieldcore.images import read_image; "
    code += "print(sum(read_image(file).values.size > 0 for file in pathlib.Path(sys.argv[1]).iterdir()))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{len(CASES) + 1}\n", "")
