"""Every format in and out, and the colour curves."""

import imageio.v3 as iio
import numpy as np
import pytest

from fieldcore.errors import InputError
from fieldcore.images import display_from_linear, linear_from_display, quantised, read_image, write_image

RAMP = np.linspace(0, 1, 24 * 3, dtype=np.float32).reshape(4, 6, 3)


def test_display_curve_has_its_standard_values_and_inverts():
    # IEC 61966-2-1: 18 % grey is 46.1 % encoded; both branches meet at 0.0031308.
    assert display_from_linear(np.array([0.18, 0.0, 1.0])) == pytest.approx([0.46135, 0, 1], abs=1e-4)
    linear = np.geomspace(1e-5, 8, 50)
    assert linear_from_display(display_from_linear(linear)) == pytest.approx(linear, rel=1e-5)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_integers_survive_exactly(tmp_path, suffix, depth):
    picture = (RAMP * np.iinfo(depth).max).astype(depth)
    path = tmp_path / f"picture{suffix}"
    write_image(path, picture)
    values, encoding = read_image(path)
    assert encoding == "display"
    assert np.array_equal(values, picture.astype(np.float32) / np.iinfo(depth).max)


def test_red_stays_red_for_other_readers(tmp_path):
    write_image(tmp_path / "red.png", np.full((2, 2, 3), [1.0, 0.0, 0.0], np.float32))
    assert iio.imread(tmp_path / "red.png")[0, 0].tolist() == [255, 0, 0]


def test_exr_keeps_floats_and_hdr_keeps_them_to_a_shared_exponent(tmp_path):
    bright = RAMP * 40
    write_image(tmp_path / "a.exr", bright)
    values, encoding = read_image(tmp_path / "a.exr")
    assert encoding == "linear"
    assert np.array_equal(values, bright)
    write_image(tmp_path / "a.hdr", bright)
    values, encoding = read_image(tmp_path / "a.hdr")
    assert encoding == "linear"
    assert np.abs(values - bright).max() <= 40 / 128


def test_grey_has_one_channel(tmp_path):
    write_image(tmp_path / "grey.png", RAMP[..., :1])
    assert read_image(tmp_path / "grey.png")[0].shape == (4, 6, 1)
    write_image(tmp_path / "grey.exr", RAMP[..., :1])
    assert np.array_equal(read_image(tmp_path / "grey.exr")[0], RAMP[..., :1])


def test_quantising_rounds_and_survives_bad_values():
    assert quantised(np.array([0, 0.5, 1, 2, -1, np.nan])).tolist() == [0, 128, 255, 255, 0, 0]


def test_a_camera_orientation_is_obeyed(tmp_path):
    from PIL import Image

    picture = Image.fromarray((RAMP * 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    assert read_image(tmp_path / "turned.jpg")[0].shape == (6, 4, 3)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.png", None, "no such file"),
        ("empty.png", b"", r"the file is empty \(0 bytes\)"),
        ("text.png", b"hello", "cannot be decoded as a picture"),
        ("text.jpg", b"hello", "cannot be decoded as a picture"),
        ("text.exr", b"hello", "cannot be decoded as a picture"),
        ("text.tif", b"hello", "cannot be decoded as a picture"),
    ],
)
def test_unreadable_files_are_refused_with_a_sentence(tmp_path, name, content, expected):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_image(tmp_path / name)


def test_a_truncated_png_is_refused(tmp_path):
    write_image(tmp_path / "whole.png", np.random.default_rng(0).random((64, 64, 3), np.float32))
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:4000])
    with pytest.raises(InputError, match="cannot be decoded"):
        read_image(tmp_path / "half.png")


def test_unknown_output_format_names_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"cannot write '.bmp' pictures; use .png, .jpg, .tif, .exr, .hdr"):
        write_image(tmp_path / "a.bmp", RAMP)
    assert list(tmp_path.iterdir()) == []
