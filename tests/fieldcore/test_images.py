"""What is refused and with which words, what is noticed, and writing; see ``test_images_formats`` for reading."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import imagecodecs
import imageio.v3 as iio
import numpy as np
import OpenEXR
import pytest
from picture_files import (
    BYTES,
    HEIGHT,
    RGB,
    WIDTH,
    A,
    chunk,
    content,
    exr,
    linear,
    netpbm,
    pfm,
    pillow,
    planes,
    png,
    radiance,
    rgbe,
    tiff,
)
from PIL import Image

from fieldcore.errors import InputError
from fieldcore.images import (
    MOST_PIXELS,
    check_writable_format,
    composited,
    display_from_linear,
    linear_from_display,
    quantised,
    read_image,
    write_image,
)

RAMP = np.linspace(0, 1, 24 * 3, dtype=np.float32).reshape(4, 6, 3)
LIGHT = linear(RGB).astype(np.float32)


def refusal(path, **options) -> str:
    """What is said where a picture is not read: one sentence of ours that names the file."""
    with pytest.raises(InputError) as caught:
        read_image(path, **options)
    text = str(caught.value)
    assert str(path) in text and "\n" not in text
    return text


def test_display_curve_has_its_standard_values_and_inverts():
    # IEC 61966-2-1: 18 % grey is 46.1 % encoded; both branches meet at 0.0031308.
    assert display_from_linear(np.array([0.18, 0.0, 1.0])) == pytest.approx([0.46135, 0, 1], abs=1e-4)
    light = np.geomspace(1e-5, 8, 50)
    assert linear_from_display(display_from_linear(light)) == pytest.approx(light, rel=1e-5)


def test_quantising_rounds_and_survives_bad_values():
    assert quantised(np.array([0, 0.5, 1, 2, -1, np.nan])).tolist() == [0, 128, 255, 255, 0, 0]


# Refusals


WHOLE = {
    "png": content(png(BYTES)),
    "png-16": content(png(BYTES.astype(np.uint16) * 257)),
    "jpeg": pillow("RGB", "JPEG"),
    "jpeg-progressive": pillow("RGB", "JPEG", progressive=True),
    "jpeg-12": content(imagecodecs.jpeg_encode(BYTES[..., 0].astype(np.uint16) * 16, bitspersample=12)),
    "webp": pillow("RGB", "WEBP", lossless=True),
    "avif": pillow("RGB", "AVIF"),
    "gif": pillow("P", "GIF"),
    "bmp": pillow("RGB", "BMP"),
    "tga": pillow("RGB", "TGA"),
    "jp2": pillow("RGB", "JPEG2000"),
    "tiff": tiff(BYTES),
    "tiff-lzw": tiff(BYTES, compression="lzw", rowsperstrip=3),
    "tiff-tiles": tiff(BYTES, tile=(16, 16), compression="zlib"),
    "exr": exr(planes(LIGHT, "RGB")),
    "hdr": content(radiance(rgbe(LIGHT), f"-Y {HEIGHT} +X {WIDTH}", "new")),
    "ppm": content(netpbm("P6", BYTES, 255)),
    "ppm-text": content(netpbm("P3", BYTES, 255)),
    "pfm": content(pfm(LIGHT)),
}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", WHOLE)
def test_cut_files_are_refused_in_our_words_only(tmp_path, capfd, kind, share):
    WHOLE[kind](tmp_path / "whole")
    read_image(tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(share * len(data))])
    assert "cut short or damaged; copy or" in refusal(tmp_path / "cut")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", WHOLE)
def test_damaged_files_are_refused_or_read_but_nothing_else_is_said(tmp_path, capfd, kind):
    WHOLE[kind](tmp_path / "whole")
    data = np.frombuffer((tmp_path / "whole").read_bytes(), np.uint8)
    generator = np.random.default_rng(0)
    for number in range(12):
        damaged = data.copy()
        places = generator.integers(0, len(data), 1 + len(data) // 100)
        damaged[places] = generator.integers(0, 256, places.size)
        (tmp_path / f"{number}").write_bytes(damaged.tobytes())
        try:
            read_image(tmp_path / f"{number}")
        except InputError as error:
            assert str(error).startswith(f"picture '{tmp_path / str(number)}': ")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("begin", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "an SVG drawing"),
        (b"<svg/>", "an SVG drawing"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photograph"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"glTF\2\0\0\0", "a glTF model"),
        (b"ply\nformat ascii 1.0\n", "a PLY mesh"),
        (b"# Blender\nmtllib a.mtl\nv 0 0 0\n", "a mesh in text"),
        (b"OFF\n8 6 12\n", "a mesh in text"),
        (b"solid cube\nfacet normal", "an STL mesh"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (b"hello\n", "text"),
        (b'{"keyframes": []}', "text"),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.exr", "a"])
def test_what_is_no_picture_is_called_by_its_name(tmp_path, capfd, begin, what, name):
    (tmp_path / name).write_bytes(begin)
    assert f"it is {what}, not a picture that is read; give a file in PNG, JPEG" in refusal(tmp_path / name)
    assert capfd.readouterr() == ("", "")


def test_unknown_content_missing_and_empty_files_and_folders_are_refused(tmp_path):
    (tmp_path / "noise.png").write_bytes(bytes(range(1, 200)))
    assert "its content is no picture that is known" in refusal(tmp_path / "noise.png")
    assert "no such file; give a file in" in refusal(tmp_path / "missing.png")
    assert "that is a folder" in refusal(tmp_path)
    (tmp_path / "empty.png").touch()
    assert "the file is empty (0 bytes)" in refusal(tmp_path / "empty.png")
    os.mkfifo(tmp_path / "pipe")
    assert "it is no plain file" in refusal(tmp_path / "pipe")
    with pytest.raises(InputError, match="no file has such a name"):
        read_image("a\0.png")


SIDE = 30000
ROWS = zlib.compress(bytes(1 << 20), 9)
BOMBS = {
    "png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", ROWS) + chunk(b"IEND", b""),
    "gif": b"GIF89a" + struct.pack("<HHBBB", SIDE, SIDE, 0x80, 0, 0) + bytes(6)
    + b"," + struct.pack("<HHHHB", 0, 0, SIDE, SIDE, 0) + b"\x08\x01\x00\x00;",
    "bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, SIDE, SIDE, 1, 24, 0, 9, 0, 0, 0, 0) + bytes(9),
    "ppm": f"P6 {SIDE} {SIDE} 255\n".encode(),
    "pam": f"P7\nWIDTH {SIDE}\nHEIGHT {SIDE}\nDEPTH 3\nMAXVAL 255\nENDHDR\n".encode(),
    "pfm": f"PF\n{SIDE} {SIDE}\n-1.0\n".encode(),
    "hdr": f"#?RADIANCE\n\n-Y {SIDE} +X {SIDE}\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_pictures_that_are_too_large_are_refused_by_their_header(tmp_path, kind):
    (tmp_path / "bomb").write_bytes(BOMBS[kind])
    assert (
        "it has 30000 x 30000 pixels, 900 million, and at most 268 million are read; shrink it in a picture editor"
        in refusal(tmp_path / "bomb")
    )


def test_large_tiff_and_exr_files_are_refused_by_their_header(tmp_path):
    tiff(BYTES)(tmp_path / "a.tif")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    for tag, value in ((256, WIDTH), (257, HEIGHT)):
        at = (
            data.index(struct.pack("<HHII", tag, 4, 1, value)) if struct.pack("<HHII", tag, 4, 1, value) in data else -1
        )
        entry = struct.pack("<HHII", tag, 4, 1, value) if at >= 0 else struct.pack("<HHIHH", tag, 3, 1, value, 0)
        at = data.index(entry)
        data[at : at + 12] = struct.pack("<HHII", tag, 4, 1, SIDE)
    (tmp_path / "a.tif").write_bytes(data)
    assert "30000 x 30000 pixels" in refusal(tmp_path / "a.tif")
    window = (np.array([0, 0], np.int32), np.array([SIDE - 1, SIDE - 1], np.int32))
    exr(planes(LIGHT, "RGB"), displayWindow=window)(tmp_path / "a.exr")
    assert "30000 x 30000 pixels" in refusal(tmp_path / "a.exr")


@pytest.mark.long
def test_a_photograph_of_120_megapixels_is_read(tmp_path):
    Image.new("L", (12000, 10000), 51).save(tmp_path / "a.png", compress_level=1)
    assert MOST_PIXELS > 120_000_000
    values = read_image(tmp_path / "a.png").values
    assert values.shape == (10000, 12000, 1) and values[0, 0, 0] == values[-1, -1, 0] == np.float32(0.2)
    Image.new("L", (12000, 10000), 51).save(tmp_path / "a.jpg")
    assert read_image(tmp_path / "a.jpg").values.shape == (10000, 12000, 1)


def test_raw_data_of_a_camera_is_not_taken_for_its_preview(tmp_path):
    tiff(
        np.dstack([BYTES[..., 0]]),
        photometric=32803,
        extratags=[(33421, 3, 2, (2, 2), True), (33422, 1, 4, b"\0\1\1\2", True)],
    )(tmp_path / "a.dng")
    assert "it is a camera's raw data; develop it" in refusal(tmp_path / "a.dng")


def test_what_pillow_cannot_read_of_a_format_is_not_called_damaged_alone(tmp_path):
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, HEIGHT, WIDTH, 16, 3)  # Photoshop's, of 16 bits
    (tmp_path / "a.psd").write_bytes(head + bytes(12) + b"\0\0" + BYTES.astype(">u2").tobytes())
    assert "or, where another program shows it, save it as PNG there" in refusal(tmp_path / "a.psd")


# EXR layers


def test_a_layer_of_an_exr_file_is_chosen_by_its_name(tmp_path):
    other = 1 - LIGHT
    exr({**planes(LIGHT, "RGB", "beauty."), **planes(other, "RGB", "albedo."), "depth.Z": LIGHT[..., 0]})(
        tmp_path / "a.exr"
    )
    text = refusal(tmp_path / "a.exr")
    assert "which of its layers is meant is not clear" in text and "--layer NAME" in text
    assert all(name in text for name in ("albedo.R", "beauty.B", "depth.Z"))
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="albedo").values, other)
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="beauty").values, LIGHT)
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="depth.Z").values, LIGHT[..., :1])
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="beauty.G").values, LIGHT[..., 1:2])
    assert "it has no layer or channel 'gamma'; its channels are" in refusal(tmp_path / "a.exr", layer="gamma")


def test_directions_are_no_luminance(tmp_path):
    exr({**planes(LIGHT, "XYZ", "N."), **planes(LIGHT, "RGB", "beauty.")})(tmp_path / "a.exr")
    assert np.array_equal(read_image(tmp_path / "a.exr").values, LIGHT)


def test_parts_of_an_exr_file_are_chosen_by_name(tmp_path):
    parts = [
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"Z": np.ascontiguousarray(LIGHT[..., 0])}, "depth"),
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"RGB": LIGHT}, "left"),
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"RGB": 1 - LIGHT}, "right"),
    ]
    OpenEXR.File(parts).write(str(tmp_path / "a.exr"))
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="right").values, 1 - LIGHT)
    assert np.array_equal(read_image(tmp_path / "a.exr", layer="depth.Z").values, LIGHT[..., :1])
    image = read_image(tmp_path / "a.exr")
    assert np.array_equal(image.values, LIGHT)
    assert "its layer 'left' is read, of others it has depth, right" in image.notices[0]


def test_other_files_have_no_layers(tmp_path):
    write_image(tmp_path / "a.png", RAMP)
    assert "it is no EXR file, and so has no layer 'beauty'" in refusal(tmp_path / "a.png", layer="beauty")


# Writing


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_integers_survive_exactly(tmp_path, suffix, depth, channels):
    picture = (np.dstack([RAMP, RAMP[..., :1]])[..., :channels] * np.iinfo(depth).max).astype(depth)
    path = tmp_path / f"picture{suffix}"
    write_image(str(path), picture)
    image = read_image(str(path))
    assert image.encoding == "display" and image.alpha == ("straight" if channels in (2, 4) else "none")
    assert np.array_equal(image.values, picture.astype(np.float32) / np.iinfo(depth).max)
    assert image.notices == ()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_floats_are_rounded_to_8_or_16_bits(tmp_path, suffix):
    values = np.random.default_rng(0).random((9, 7, 3), np.float32)
    for bits in (8, 16):
        write_image(tmp_path / f"a{suffix}", values, bits=bits)
        error = np.abs(read_image(tmp_path / f"a{suffix}").values - values).max()
        assert 0.3 / 2**bits < error <= 0.51 / (2**bits - 1)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp", ".bmp"])
def test_8_bit_formats_are_written(tmp_path, suffix):
    smooth = np.repeat(np.linspace(0, 1, 32, dtype=np.float32)[:, None], 32, 1)
    write_image(tmp_path / f"a{suffix}", np.dstack([smooth, smooth.T, smooth]))
    assert np.abs(read_image(tmp_path / f"a{suffix}").values - np.dstack([smooth, smooth.T, smooth])).max() < 0.06
    write_image(tmp_path / f"a{suffix}", smooth)
    with pytest.raises(InputError, match=f"'{suffix}' has 8 bits; for 16 use .png, .tif, .tiff"):
        write_image(tmp_path / f"b{suffix}", smooth, bits=16)


def test_red_stays_red_for_other_readers(tmp_path):
    for suffix in (".png", ".tif", ".bmp", ".webp"):
        write_image(tmp_path / f"red{suffix}", np.full((8, 8, 3), [1.0, 0.0, 0.0], np.float32))
        assert np.abs(iio.imread(tmp_path / f"red{suffix}")[0, 0] - [255.0, 0, 0]).max() <= 3


def test_exr_and_pfm_keep_floats_and_hdr_keeps_them_to_a_shared_exponent(tmp_path):
    bright = RAMP * 40
    for name in ("a.exr", "a.pfm"):
        for values in (bright, bright[..., :1]):
            write_image(tmp_path / name, values)
            image = read_image(tmp_path / name)
            assert image.encoding == "linear" and np.array_equal(image.values, values)
    write_image(tmp_path / "a.hdr", bright)
    image = read_image(tmp_path / "a.hdr")
    assert image.encoding == "linear"
    assert np.abs(image.values - bright).max() <= 40 / 128
    wide = np.random.default_rng(0).random((5, 300, 3), np.float32)
    write_image(tmp_path / "a.hdr", wide)
    assert np.abs(read_image(tmp_path / "a.hdr").values - wide).max() <= 1 / 128


def test_exr_keeps_alpha_premultiplied(tmp_path):
    values = np.dstack([RAMP, RAMP[..., :1]])
    for kept in (values, values[..., [0, 3]]):
        write_image(tmp_path / "a.exr", kept)
        image = read_image(tmp_path / "a.exr")
        assert image.alpha == "premultiplied" and np.array_equal(image.values, kept)


def test_grey_has_one_channel(tmp_path):
    write_image(tmp_path / "grey.png", RAMP[..., 0])
    assert read_image(tmp_path / "grey.png").values.shape == (4, 6, 1)


def test_unknown_output_formats_name_the_known_ones(tmp_path):
    with pytest.raises(
        InputError, match=r"the suffix '.xyz' is no picture format that is written; use .png, .jpg, .jpeg"
    ):
        write_image(tmp_path / "a.xyz", RAMP)
    with pytest.raises(InputError, match=r"it has no suffix; use \.png"):
        check_writable_format(tmp_path / "a")
    with pytest.raises(InputError, match=r"expected values of shape \(height, width, 1 or 3\), got \(4, 6, 2\)"):
        write_image(tmp_path / "a.jpg", RAMP[..., :2])
    assert list(tmp_path.iterdir()) == []


# Compositing and imports


def test_straight_and_premultiplied_colours_are_the_same_picture_on_any_background():
    from fieldcore.images import Image as Picture

    straight = np.dstack([RGB, A]).astype(np.float32)
    multiplied = np.dstack([RGB * A, A]).astype(np.float32)
    for background in ((1.0, 1.0, 1.0), (0.2, 0.0, 0.7)):
        one = composited(Picture(straight, alpha="straight"), background)
        two = composited(Picture(multiplied, alpha="premultiplied"), background)
        assert np.abs(one - two).max() < 1e-6
        assert np.abs(one - (RGB * A + (1 - A) * np.array(background))).max() < 1e-6


def test_nothing_heavy_is_imported_before_a_picture_is_read():
    package = Path(__file__).parents[2] / "fieldcore"
    code = f"""
import sys, types
sys.modules["fieldcore"] = types.ModuleType("fieldcore")  # without all that the package offers beside
sys.modules["fieldcore"].__path__ = [{str(package)!r}]
import fieldcore.images
heavy = ("cv2", "tifffile", "OpenEXR", "imageio", "imagecodecs", "PIL", "torch")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_format_of_ones_own_is_read_by_its_signature(tmp_path, monkeypatch):
    from fieldcore.images import DECODERS, SIGNATURES, Signature
    from fieldcore.images.decoded import Decoded

    monkeypatch.setattr("fieldcore.images.reading.SIGNATURES", [*SIGNATURES, Signature("mine", rb"MINE\d")])
    monkeypatch.setitem(DECODERS, "mine", lambda path, layer: Decoded(np.full((2, 3, 1), 51, np.uint8), 255.0, "grey"))
    (tmp_path / "a.png").write_bytes(b"MINE1")
    assert read_image(tmp_path / "a.png").values.tolist() == np.full((2, 3, 1), np.float32(0.2)).tolist()


CASES = Path(__file__).parents[3] / "shared" / "faults" / "cases"


@pytest.mark.skipif(not CASES.is_dir(), reason="the collected files are not on this machine")
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("cmyk.jpg", 0.01), ("orient6.png", 0), ("pgm16.pgm", 0), ("half.tif", 3e-4), ("firefly.exr", 1.0)],
)
def test_collected_pictures_are_those_that_they_were_made_from(name, tolerance):
    seen, reference = composited(read_image(CASES / name)), read_image(CASES / "ref.png").values
    assert seen.shape[:2] == reference.shape[:2]
    assert np.quantile(np.abs(seen - reference[..., : seen.shape[2]]), 0.99) <= tolerance
