"""Pictures and the Ackley function as signals."""

import math

import numpy as np
import pytest
import torch
from picture_files import exr

import fieldcore.images.shrinking
from fieldcore.errors import InputError
from fieldcore.images import linear_from_display, write_image
from fieldcore.provenance import open_as_seen
from fieldcore.signals import Ackley, Picture, Texture
from fieldcore.signals.signal import PADDING


def centres(picture: Picture) -> torch.Tensor:
    (width, height), (half_x, half_y) = picture.facts.resolution, picture.facts.half_extent
    y, x = np.mgrid[0:height, 0:width]
    points = np.stack([half_x * ((2 * x + 1) / width - 1), half_y * ((2 * y + 1) / height - 1)], -1)
    return torch.from_numpy(points.reshape(-1, 2)).float()


def test_pixel_centres_give_the_pixels(smooth_pixels):
    picture = Picture(smooth_pixels)
    assert picture.facts.half_extent == (1.0, 32 / 48)
    assert picture(centres(picture)).numpy() == pytest.approx(smooth_pixels.reshape(-1, 3), abs=2e-6)


def test_between_pixels_it_is_bilinear_and_outside_mirrored():
    picture = Picture(np.array([[0, 0.25], [0.5, 1]], np.float32)[..., None])
    x = torch.tensor([[0.0, 0.0], [-0.5, 0.0], [0.9, -0.9], [1.3, -0.5], [-0.7, 1.2]])
    # Mirrored at the outer edges: 1.3 is 0.7, which lies beyond the last centre, so the border pixel.
    assert picture(x)[:, 0].tolist() == pytest.approx([1.75 / 4, 0.25, 0.25, 0.25, 0.5])
    far = torch.tensor([[2.5, -0.5]])  # mirrored to -0.5: once more the first pixel
    assert picture(far).item() == pytest.approx(0.0)


def test_training_points_fill_the_padded_box(smooth_pixels):
    picture = Picture(smooth_pixels)
    x = picture.draw(torch.rand(20000, 2, generator=torch.Generator().manual_seed(0)))
    bound = torch.tensor([1 + PADDING, 32 / 48 + PADDING])
    assert bool((x.abs() <= bound).all())
    assert torch.allclose(x.abs().amax(0), bound, atol=1e-2)
    assert torch.allclose(x.square().mean(0), bound.square() / 3, rtol=2e-2)


def test_alpha_is_composited_on_the_stated_background(tmp_path):
    pixels = np.zeros((2, 3, 4), np.float32)
    pixels[..., 0], pixels[..., 3] = 1.0, [0.0, 0.4, 1.0]
    write_image(tmp_path / "a.png", (pixels * 255).astype(np.uint8))
    on_white = Picture.open(tmp_path / "a.png").pixels[0]
    assert on_white == pytest.approx(np.array([[1, 1, 1], [1, 0.6, 0.6], [1, 0, 0]]), abs=1e-6)
    on_blue = Picture.open(tmp_path / "a.png", background=(0.0, 0.0, 1.0))
    assert on_blue.pixels[0] == pytest.approx(np.array([[0, 0, 1], [0.4, 0, 0.6], [1, 0, 0]]), abs=1e-6)
    assert on_blue.facts.background == (0.0, 0.0, 1.0)


def test_hdr_pictures_are_linear_with_peak_one_and_keep_their_scale(tmp_path):
    write_image(tmp_path / "bright.exr", np.linspace(0, 25, 12, dtype=np.float32).reshape(2, 2, 3))
    picture = Picture.open(tmp_path / "bright.exr")
    assert (picture.facts.encoding, picture.facts.value_scale) == ("linear", 25.0)
    assert picture.pixels.max() == 1.0


def test_linear_light_on_request(tmp_path):
    write_image(tmp_path / "grey.png", np.full((2, 2, 1), 188, np.uint8))
    picture = Picture.open(tmp_path / "grey.png", encoding="linear")
    assert picture.facts.encoding == "linear"
    assert picture.pixels == pytest.approx(0.5029, abs=1e-3)


def test_shrinking_keeps_source_size_aspect_and_mean(tmp_path, smooth_pixels):
    write_image(tmp_path / "a.png", smooth_pixels)
    picture = Picture.open(tmp_path / "a.png", max_size=12)
    assert (picture.facts.resolution, picture.facts.source_resolution) == ((12, 8), (48, 32))
    assert picture.pixels.mean() == pytest.approx(smooth_pixels.mean(), abs=5e-3)


@pytest.mark.parametrize("channels", [1, 3])
def test_very_large_pictures_are_shrunk_in_blocks_to_nearly_the_same(channels, monkeypatch, smooth_pixels):
    noise = np.random.default_rng(0).normal(0, 0.1, (320, 480, channels))
    large = (np.kron(smooth_pixels[..., :channels], np.ones((10, 10, 1))) + noise).astype(np.float32)
    whole = fieldcore.images.shrinking.shrunk(large, 40)
    monkeypatch.setattr(fieldcore.images.shrinking, "_MANY_PIXELS", 0)
    in_blocks = fieldcore.images.shrinking.shrunk(large, 40)
    assert whole.shape == in_blocks.shape == (27, 40, channels)
    assert not np.array_equal(whole, in_blocks)
    assert np.abs(whole - in_blocks).max() < 0.03 and np.abs(whole - in_blocks).mean() < 0.004


BYTES = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("pixels", "values"),
    [
        (BYTES, BYTES / 255),
        (BYTES.astype(np.uint16) * 257, BYTES / 255),
        (BYTES > 99, BYTES > 99),
        (BYTES.astype(np.float16) / 256, BYTES / 256),
        (BYTES / 255, BYTES / 255),
        ((BYTES / 255).astype(">f4"), BYTES / 255),
        (BYTES[..., 0], BYTES[..., :1] / 255),
        ((BYTES / 255)[::-1, :, 0], (BYTES / 255)[::-1, :, :1]),
        ((BYTES / 255).tolist(), BYTES / 255),
        ([[0, 1], [1, 0]], [[[0], [1]], [[1], [0]]]),
        (torch.from_numpy(BYTES), BYTES / 255),
        (torch.from_numpy(BYTES / 256).bfloat16(), torch.from_numpy(BYTES / 256).bfloat16().double().numpy()),
        (torch.from_numpy(BYTES / 255).requires_grad_(), BYTES / 255),
    ],
)
@pytest.mark.parametrize("signal", [Picture, Texture])
def test_pixels_of_any_usual_type_and_shape_are_taken(signal, pixels, values):
    assert signal(pixels).pixels == pytest.approx(np.asarray(values, np.float64), abs=1e-6)


def test_a_picture_keeps_its_own_pixels():
    pixels = np.zeros((4, 5, 1), np.float32)
    picture = Picture(pixels)
    pixels[:] = 1
    assert picture.pixels.max() == 0


def test_linear_pixels_may_be_of_any_size():
    assert Picture(np.full((2, 2), 300.0), encoding="linear").pixels.max() == 300


@pytest.mark.parametrize("background", [(np.nan, 0.0, 0.0), (2.0, 2.0, 2.0), (-5.0, 0.0, 0.0), (0.0, 1.0), (0.0,) * 4])
def test_a_background_that_is_no_colour_is_refused(tmp_path, background):
    for make in (lambda: Picture(BYTES, background=background), lambda: Picture.open("a.png", background=background)):
        with pytest.raises(InputError, match=r"background: expected three numbers in \[0, 1\]"):
            make()


@pytest.mark.parametrize("light", [1e30, 65504.0, 1e3])
def test_a_firefly_is_clipped_and_said(tmp_path, light):
    values = np.random.default_rng(0).random((24, 32, 3), np.float32) * 2
    values[5, 6] = light
    write_image(tmp_path / "a.exr", values)
    picture = Picture.open(tmp_path / "a.exr")
    kept = np.delete(values.reshape(-1, 3), 5 * 32 + 6, 0).max()
    assert picture.facts.value_scale == pytest.approx(kept)
    assert picture.pixels * kept == pytest.approx(np.minimum(values, kept))
    assert picture.notices == picture.to("cpu").notices
    assert picture.notices[0].startswith("picture 'a.exr': 1 pixel is clipped to ")


def test_a_bright_sky_is_no_firefly(tmp_path):
    values = np.random.default_rng(0).random((24, 32, 3), np.float32)
    values[:3] += 500
    values[8, 8] = 20000
    write_image(tmp_path / "a.exr", values)
    assert Picture.open(tmp_path / "a.exr").facts.value_scale == 20000
    assert Picture.open(tmp_path / "a.exr").notices == ()


def test_hdr_pictures_in_display_encoding_keep_all_their_light(tmp_path):
    values = np.linspace(0, 9, 60, dtype=np.float32).reshape(4, 5, 3)
    write_image(tmp_path / "a.exr", values)
    picture = Picture.open(tmp_path / "a.exr", encoding="display")
    assert linear_from_display(picture.pixels) * picture.facts.value_scale == pytest.approx(values, abs=1e-4)


def test_a_layer_is_kept_in_the_facts(tmp_path):
    light = np.random.default_rng(0).random((4, 5, 3), np.float32)
    names = ("beauty.R", "beauty.G", "beauty.B", "albedo.R", "albedo.G", "albedo.B")
    exr({name: np.dstack([light, 1 - light])[..., k] for k, name in enumerate(names)})(tmp_path / "a.exr")
    picture = Picture.open(tmp_path / "a.exr", layer="albedo")
    assert picture.facts.layer == "albedo"
    assert open_as_seen(picture.facts, tmp_path / "a.exr").facts == picture.facts


def test_digest_depends_on_the_values_only(smooth_pixels):
    assert Picture(smooth_pixels, "a").facts.digest == Picture(smooth_pixels.copy(), "b").facts.digest
    changed = smooth_pixels.copy()
    changed[3, 4, 0] += 1e-3
    assert Picture(changed).facts.digest != Picture(smooth_pixels).facts.digest


def test_shipped_samples_open_by_name():
    assert Picture.open("sample:astronaut").facts.resolution == (512, 512)
    with pytest.raises(InputError, match="there is no sample 'nobody'; the samples are astronaut"):
        Picture.open("sample:nobody")


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.zeros((0, 4, 3), np.float32), "expected at least one pixel, got 4 x 0"),
        (np.full((4, 4, 1), np.nan, np.float32), "100.0% of its values are NaN or infinite"),
        (np.array([[0, np.inf], [0, 0]]), "25.0% of its values are NaN or infinite"),
        (np.full((4, 4, 3), 200.0), r"expected display-encoded values in \[0, 1\], got 200 to 200; divide by 255"),
        (np.full((4, 4, 3), -3.0), "got -3 to -3; scale them, or say encoding='linear'"),
        ([[0, 255], [3, 4]], "int64 does not say which number is white"),
        (np.zeros((4, 4, 4, 3)), r"expected pixels of shape .*, got \(4, 4, 4, 3\)"),
        (np.zeros((3, 90, 80)), r"got \(3, 90, 80\); put the channels last"),
        (np.zeros(7), r"got \(7,\)"),
        (np.zeros((4, 4), complex), "expected floats, uint8, uint16 or bool as pixels, got complex128"),
        ([[0.0, 1.0], [0.5]], "expected an array of pixels, got list"),
        ("a.png", "expected floats, uint8, uint16 or bool as pixels, got <U5"),
        (None, "got object"),
    ],
)
def test_unusable_pictures_are_refused(pixels, expected):
    with pytest.raises(InputError, match=expected):
        Picture(pixels)


def test_ackley_against_its_formula_by_hand():
    ackley = Ackley()
    # Origin: -20 - e + e + 20. At (1/4, 0) the scaled point is (1, 0): ripples vanish as at the origin.
    x = torch.tensor([[0.0, 0.0], [0.25, 0.0], [0.125, 0.125]])
    bowl = 20 * (1 - math.exp(-0.2 * math.sqrt(0.5)))
    half = 20 * (1 - math.exp(-0.1)) + math.e - math.exp(-1)
    assert ackley(x)[:, 0].tolist() == pytest.approx([0, bowl / 10, half / 10], abs=1e-6)


def test_ackley_range_is_what_its_facts_say():
    y, x = np.mgrid[-1:1:801j, -1:1:801j]
    values = Ackley()(torch.from_numpy(np.stack([x, y], -1).reshape(-1, 2)))
    low, high = Ackley().facts.value_range
    assert values.min().item() == pytest.approx(low, abs=1e-6)
    assert high - 0.01 < values.max().item() <= high
