"""Kernels on the command line: fitting them, convolving with them, scoring under them, and what is refused."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from film_files import moving_frames

import fieldcore as fc
from fieldcore.cli import run
from fieldcore.images import read_image, write_image
from fieldcore.kernel_file import read_kernel
from fieldcore.kernel_fitting import fit_profile, products_of_picture
from fieldcore.kernel_sources import curve_of_formula, picture_of_formula, read_curve
from fieldcore.size_map import Ramp, SizeMap


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photo(here: Path, smooth_pixels: np.ndarray) -> fc.Picture:
    """A picture of 48 x 32, and a field of it in photo.safetensors."""
    write_image(here / "photo.png", (smooth_pixels * 255).round().astype(np.uint8))
    picture = fc.Picture.open(here / "photo.png")
    fc.save_field(here / "photo.safetensors", fc.train("integral", picture, device="cpu"))
    return picture


def written(path: str) -> np.ndarray:
    return read_image(path).values


def curve(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


BUMP = "u,k\n" + "".join(f"{i / 20},{math.exp(-4 * (i / 20) ** 2)}\n" for i in range(-20, 21))


def test_a_picture_is_convolved_with_kernels_by_name(photo, capsys):
    grid = fc.Grid.covering(photo.facts.half_extent, 48)
    for name, text, kernel in (
        ("tent", "0.05", fc.Tent(0.05)),
        ("box", "0.2,0", fc.Box([0.2, 0.0])),
        ("quadratic", "2", fc.BSpline(2.0)),
    ):
        words = ["evaluate", "photo.safetensors", "--kernel", name, "--half-size", text, "--out", f"{name}.png"]
        assert run([*words, "-q"]) == 0
        exact = photo.truth().values(kernel, grid)
        assert np.abs(written(f"{name}.png") - exact).max() < 0.6 / 255
    assert "width: 48" in capsys.readouterr().out


def test_a_map_says_how_large_the_kernel_is_at_every_point(photo, here):
    y = np.mgrid[:32, :48][0] / 31
    write_image(here / "map.png", (y * 255).round().astype(np.uint8)[..., None].repeat(3, 2))
    words = ["--kernel", "quadratic", "--half-size-map", "map.png", "--half-size-range", "0.01,0.4"]
    assert run(["evaluate", "photo.safetensors", *words, "--out", "tilt.png", "-q"]) == 0
    grid = fc.Grid.covering(photo.facts.half_extent, 48)
    sizes = SizeMap.open(here / "map.png", (0.01, 0.4), photo.facts.half_extent).on(grid)
    assert sizes.shape == (grid.count, 1)
    assert (float(sizes.min()), float(sizes.max())) == pytest.approx((0.01, 0.4), rel=1e-5)
    halfway = SizeMap.open(here / "map.png", (0.01, 0.4), photo.facts.half_extent).at(grid.points(48 * 16, 48 * 16 + 1))
    assert float(halfway) == pytest.approx(0.01 * 40 ** (round(16 / 31 * 255) / 255), rel=1e-4)
    exact = photo.truth().values(fc.BSpline(sizes), grid)
    assert np.abs(written("tilt.png") - exact).max() < 0.6 / 255


def test_white_of_a_map_may_stand_for_one_size_an_axis(photo, here):
    grid = fc.Grid.covering(photo.facts.half_extent, 48)
    shares = Ramp("radial", (0.0, 0.0), (0.5, 0.0), 1.0).shares_at(grid.points(0, grid.count))
    for text, mosts in (("0.01,0.3,0.05", (0.3, 0.05)), ("0.01,0.3,0", (0.3, 0))):
        words = ["--kernel", "tent", "--half-size-map", "radial:0,0,0.5,0,1", "--half-size-range", text]
        assert run(["evaluate", "photo.safetensors", *words, "--out", "streak.png", "-q", "--overwrite"]) == 0
        along = [0.01 * (most / 0.01) ** shares.double() if most else 0 * shares.double() for most in mosts]
        exact = photo.truth().values(fc.Tent(torch.stack(along, -1).float()), grid)
        assert np.abs(written("streak.png") - exact).max() < 0.6 / 255


def test_edges_are_shown_about_mid_grey_and_plain_in_files_of_floats(photo, here):
    assert run(["kernel", "fit", "gaussian-edge", "--degree", "2", "--out", "edge.json", "-q"]) == 0
    terms = read_kernel("edge.json").terms
    assert terms[0][0].mass == 0
    # An edge along x, whose other axis is smoothed by a tent.
    fc.write_kernel("edge.json", [[terms[0][0], fc.Profile.tent()]])
    kernel, grid = fc.Kernel([terms[0][0], fc.Profile.tent()], 0.1), fc.Grid.covering(photo.facts.half_extent, 48)
    exact = photo.truth().values(kernel, grid)
    common = ["evaluate", "photo.safetensors", "--kernel", "edge.json", "--half-size", "0.1", "-q"]
    assert run([*common, "--gain", "2", "--out", "edge.png"]) == 0
    assert np.abs(written("edge.png") - (0.5 + 2 * exact).clip(0, 1)).max() < 0.6 / 255
    assert run([*common, "--out", "edge.exr"]) == 0
    assert np.abs(written("edge.exr") - exact).max() < 1e-3
    assert exact.min() < -0.05 < 0.05 < exact.max()


def test_a_curve_becomes_a_kernels_file(here, capsys):
    curve(here / "curve.csv", BUMP)
    assert run(["kernel", "fit", "curve.csv", "--degree", "1", "--knots", "9", "--out", "my.json", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["knots"] == 9
    kernel = read_kernel("my.json")
    assert kernel.residual == pytest.approx(said["residual"], rel=1e-3)
    assert kernel.residual < 0.02
    assert kernel.terms[0][0].mass == pytest.approx(1, abs=1e-12)
    content = json.loads(Path("my.json").read_text())
    assert (content["format"], content["version"]) == ("fieldscope-kernel", 1)
    assert run(["kernel", "fit", "curve.csv", "--out", "my.json"]) == 2
    assert "--overwrite" in capsys.readouterr().err


def test_curves_are_read_in_every_usual_form(here):
    for text in ("-1;0\n0;1\n1;0\n", "pos value\n-1 0\n0 1\n1 0\n", "# a tent\n-1,0\n\n0,1\n1,0", "0\n1\n0\n"):
        u, values = read_curve(curve(here / "c.csv", text))
        assert (u.tolist(), values.tolist()) == ([-1.0, 0.0, 1.0], [0.0, 1.0, 0.0])


def test_a_profile_is_fitted_to_what_it_can_be_to_the_last_digit():
    u = np.linspace(-1, 1, 801)
    for degree, count in ((1, 3), (2, 4)):
        expected = fc.Profile.minimal(degree)
        values = expected.values(torch.from_numpy(u)).numpy()
        profile, residual = fit_profile(u, values, degree, count)
        assert residual < 2e-2
        assert profile.mass == pytest.approx(1, abs=1e-12)
    skewed, residual = fit_profile(u, np.where(u < 0.3, (1 + u) / 1.3, (1 - u) / 0.7), 1, 5)
    assert residual < 2e-2
    assert skewed.centroid == pytest.approx(0.1, abs=5e-3)
    for power in range(2):
        assert abs(float((skewed.weights * skewed.knots**power).sum())) < 1e-9


def test_fits_get_better_with_more_knots_and_products():
    u, values = curve_of_formula("gaussian")
    residuals = [fit_profile(u, values, 1, knots)[1] for knots in (5, 9, 13)]
    assert residuals[0] > residuals[1] > residuals[2]
    disc = picture_of_formula("disc", 31)
    left = [products_of_picture(disc, 1, terms)[1] for terms in (1, 4, 8)]
    assert left[0] > left[1] > left[2]
    terms, residual = products_of_picture(picture_of_formula("oriented-box:30,0.3", 15))
    assert 2 <= len(terms) <= 15
    assert residual < 1e-3
    assert sum(float(x.mass * y.mass) for x, y in terms) == pytest.approx(1, abs=1e-3)


def test_a_disc_is_its_picture(photo, here):
    """A sum of products against samples of the disc itself."""
    assert run(["kernel", "fit", "disc", "--out", "disc.json", "-q"]) == 0
    assert (
        run(["evaluate", "photo.safetensors", "--kernel", "disc.json", "--half-size", "0.3", "-o", "d.exr", "-q"]) == 0
    )
    grid = fc.Grid.covering(photo.facts.half_extent, 48)
    exact = photo.truth().values(fc.Ellipsoid.of_radius(0.3 * 31 / 32), grid)
    got = fc.evaluate(fc.load_field("photo.safetensors"), grid, fc.parse_filter("kernel:disc.json,0.3"))
    assert np.abs(got.numpy() - exact).max() < 0.01


def test_scores_under_a_kernel(photo, capsys):
    assert run(["score", "photo.safetensors", "--signal", "photo.png", "--kernel", "tent", "--json", "-q"]) == 0
    rows = json.loads(capsys.readouterr().out)["half_sizes"]
    assert [row["half_size"] for row in rows] == [0.0, 0.005, 0.02, 0.1, 0.5]
    assert all(row["psnr"] > 120 for row in rows)
    assert run(["score", "photo.safetensors", "--signal", "photo.png", "--kernel", "tent", "-q"]) == 0
    assert "half size" in capsys.readouterr().out


@pytest.mark.long
def test_a_film_is_convolved_along_time(here, capsys):
    frames = moving_frames(12, 16, 24)
    video = fc.Video(frames, "waves.mp4", frames_per_second=4)
    fc.save_field("clip.safetensors", fc.train("integral", video, device="cpu"))
    common = ["evaluate", "clip.safetensors", "--kernel", "tent", "--half-size-frames", "3", "-q"]
    assert run([*common, "--time", "1.625", "--out", "frame.png"]) == 0
    moment = fc.Grid((24, 16, 1), (-1.0, -16 / 24, 13 / 12 - 1 - 1 / 12), (1.0, 16 / 24, 13 / 12 - 1 + 1 / 12))
    exact = video.truth().values(fc.Tent([0.0, 0.0, 6 / 12]), moment)[0]
    assert np.abs(written("frame.png") - exact).max() < 0.6 / 255
    assert run([*common, "--time", "-1.625", "--out", "mirrored.png"]) == 0
    assert np.array_equal(written("mirrored.png"), written("frame.png"))
    assert run([*common, "--frames", "4:8", "--out", "frames/"]) == 0
    assert sorted(path.name for path in Path("frames").iterdir()) == [f"{n:04d}.png" for n in range(4, 8)]
    assert np.array_equal(written("frames/0006.png"), written("frame.png"))
    assert run([*common, "--frames", "4:8", "--out", "part.mp4"]) == 0
    capsys.readouterr()
    for words, expected in (
        (["--frames", "4:99"], "frames: expected some of 0:12, got '4:99'"),
        (["--frames", "9"], "frames: expected FROM:TO such as 0:120, got '9'"),
        (["--frames", "0:2", "--time", "1"], "--frames: has no effect on one moment"),
        (["--time", "1", "--at", "1s"], "give --at or --time, not both"),
        (["--time", "nan"], "expected a finite number of seconds, got nan"),
    ):
        assert run([*common, *words, "--out", "again/" if "--time" not in words else "again.png"]) == 2
        assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--kernel tent", r"--kernel tent: how large\? add --half-size or --half-size-map or --half-size-frames"),
        ("--kernel hat --half-size 1", "--kernel: expected one of box, tent, quadratic, edge, difference,"),
        ("--kernel tent --half-size -0.1", "--half-size: expected finite numbers from 0, got '-0.1'"),
        ("--kernel tent --half-size inf", "--half-size: expected finite numbers from 0, got 'inf'"),
        ("--kernel tent --half-size wide", "--half-size: expected numbers such as 0.1 or 0.2,0, got 'wide'"),
        ("--kernel tent --half-size 1,1,1", "half sizes: expected 2 for a 2-D signal, one an axis, got 3"),
        ("--kernel tent --half-size 1 --variance 1", "give --variance or --kernel, not both"),
        ("--half-size 1", "--half-size: has no effect without --kernel"),
        ("--half-size-frames 1", "--half-size-frames: has no effect without --kernel"),
        ("--gain 2", "--gain: has no effect without --kernel"),
        ("--kernel tent --half-size 1 --half-size-frames 2", "give --half-size or --half-size-frames, not both"),
        ("--kernel tent --half-size-frames 2", "is of a picture, which has no time"),
        (
            "--kernel tent --half-size 1 --half-size-range 1,2",
            "--half-size-range: has no effect without --half-size-map",
        ),
        (
            "--kernel tent --half-size-map map.png --half-size-range 1",
            "expected two numbers such as 0.002,0.2, or a third for the other axis, got '1'",
        ),
        ("--kernel tent --half-size-map map.png --half-size-range 0,1", "expected numbers above 0, the least first"),
        ("--kernel tent --half-size-map map.png --half-size-range 0.1,1", "picture 'map.png': no such file"),
        ("--kernel tent --half-size-map wide.png --half-size-range 0.1,1", "aspect ratio of 1.5 .* got 48 x 16"),
        ("--kernel tent --half-size-map tall.png --half-size-range 0.1,1", "aspect ratio of 1.5 .* got 32 x 48"),
        ("--kernel none.json --half-size 1", "kernel 'none.json': No such file"),
        ("--covariance 1e-2,1e-3,1e-2", "not one that is askew"),
        ("--filter ellipsoid:0.1", "an? integral field cannot be filtered by Ellipsoid; it supports Kernel, Gaussian"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(photo, here, capsys, words, expected):
    write_image(here / "wide.png", np.zeros((16, 48, 3), np.uint8))
    write_image(here / "tall.png", np.zeros((48, 32, 3), np.uint8))
    assert run(["evaluate", "photo.safetensors", *words.split(), "--out", "x.png"]) == 2
    error = capsys.readouterr().err
    assert re.search(expected, error), error
    assert error.count("\n") == 1
    assert not Path("x.png").exists()


@pytest.mark.parametrize(
    ("source", "words", "expected"),
    [
        ("empty.csv", "", "curve 'empty.csv': it is empty"),
        ("words.csv", "", "curve 'words.csv': line 2: expected a position and a value, got '1,two'|got '1 two'"),
        ("zero.csv", "", "curve: expected values that are not all 0"),
        ("turned.csv", "", "curve: expected positions that ascend"),
        ("bump.csv", "--degree 3", "--degree: expected from 0 to 2, got 3"),
        ("bump.csv", "--knots 2", "--knots: expected from 3 to 65, got 2"),
        ("bump.csv", "--terms 2", "--terms: a curve is one product"),
        ("bump.csv", "--out bump.png", "a kernel's file ends in .json"),
        ("wide.png", "", "kernel's picture 'wide.png': expected a square, got 48 x 16"),
        ("black.png", "", "kernel's picture 'black.png': expected one that is not black all over"),
        ("bright.png", "--degree 2", "degree: expected 0 or 1 for a kernel's picture, got 2"),
        ("oriented-box:30,0.1", "", r"16 products leave 0\.\d+ of its norm, more than 0.001; give --terms 16"),
        ("none.png", "", "none.png.*no such file"),
        ("oriented-box", "", "oriented-box: expected oriented-box:angle in degrees,thickness, got 'oriented-box'"),
        ("oriented-box:30,7", "", "thickness: expected above 0, at most 1, got 7"),
        ("disc:3", "", "disc: expected disc alone, got 'disc:3'"),
    ],
)
def test_what_no_kernel_can_be_fitted_to_is_refused(here, capsys, source, words, expected):
    for name, text in (
        ("empty", ""),
        ("words", "0,1\n1,two"),
        ("zero", "0,0\n1,0"),
        ("turned", "1,1\n0,1"),
        ("bump", BUMP),
    ):
        curve(here / f"{name}.csv", text)
    write_image(here / "wide.png", np.full((16, 48, 3), 255, np.uint8))
    write_image(here / "black.png", np.zeros((16, 16, 3), np.uint8))
    write_image(here / "bright.png", np.full((16, 16, 3), 255, np.uint8))
    assert run(["kernel", "fit", source, *words.split()]) == 2
    error = capsys.readouterr().err
    assert re.search(expected, error), error
    assert not list(here.glob("*.json"))


def test_the_kernels_that_come_with_the_program_are_those_of_its_script(tmp_path):
    from assets.kernels.__main__ import main

    main(tmp_path)
    made = sorted(tmp_path.iterdir())
    assert [path.stem for path in made] == ["disc", "edge", "gaussian", "sharpen", "streak"]
    for path in made:
        shipped = fc.Kernel.sum_of(read_kernel(f"sample:{path.stem}").terms, 0.2)
        again = fc.Kernel.sum_of(read_kernel(path).terms, 0.2)
        frequencies = torch.rand(20, 2, dtype=torch.float64) * 8
        torch.testing.assert_close(shipped.response(frequencies), again.response(frequencies), rtol=0, atol=1e-3)
        assert float(shipped.mass(2)) == pytest.approx(0.0 if path.stem == "edge" else 1.0, abs=2e-3)
