"""Insets in frames, and the layouts that go with them: two beside a strip, and two cut along a diagonal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import field_file, picture_file

import app.cli
import assets.picture_video
from app.gl.offscreen import Offscreen
from app.gl.overlays import caption_margin_px
from app.panes import strip_of
from app.path.path_file import read_path
from app.plane.inset_images import filter_image
from app.plane.insets import insets_of
from app.plane.layers import Layer
from app.plane.spectra import spectra_of, spectrum_px
from app.resources import asset_path
from app.scenes.light_stage.controls import LightStageControls
from app.scenes.light_stage.disc import Disc
from app.scenes.picture.controls import Controls
from fieldcore.errors import InputError
from fieldcore.grid import Grid
from fieldcore.images import read_image
from fieldcore.signals import Picture

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = 432, 200


def test_insets_are_told_by_name() -> None:
    check = insets_of(("spectrum", "filter"))
    for value, expected in (
        ("filter, spectrum", "spectrum,filter"), (["filter"], "filter"), ("none", "none"), ([], "none"),
    ):  # fmt: skip
        assert check(value, "insets") == expected
    for value in ("light", "", "none,filter", 3, ["spectrum", 1], None):
        with pytest.raises(
            InputError, match=r"^insets: expected some of spectrum, filter, with commas between, or none"
        ):
            check(value, "insets")


def test_beside_leaves_a_ninth_for_what_is_of_both() -> None:
    controls = LightStageControls(layout="beside", insets="light,filter")
    assert [pane.box for pane in controls.panes((1152, 512))] == [(0, 0, 512, 512), (640, 0, 512, 512)]
    assert strip_of((1152, 512)) == (512, 0, 128, 512)
    light, filter = controls.inset_boxes((1152, 384), 10).values()
    assert light[1] + light[3] < filter[1] and all(box[0] > 512 and box[0] + box[2] < 640 for box in (light, filter))
    disc = Disc.of(controls, (1152, 384))
    assert disc is not None and disc.middle == pytest.approx((576, light[1] + light[3] / 2))
    without = replace(controls, insets="spectrum")
    assert [pane.box for pane in without.panes((1152, 512))] == [(0, 0, 576, 512), (576, 0, 576, 512)]
    assert Disc.of(without, (1152, 512)) is None and without.drawn_layout == "two_up"


def layer_of(values: np.ndarray) -> Layer:
    height, width, _ = values.shape
    facts = Picture(values.astype(np.float32)).facts
    return Layer(values.astype(np.float32), Grid((width, height), (-1.0, -1.0), (1.0, 1.0)), facts)


def test_a_spectrum_shows_where_waves_are() -> None:
    x = (np.arange(256) + 0.5) / 128 - 1
    wave = np.repeat((0.5 + 0.4 * np.cos(2 * np.pi * 32 * x))[None, :, None], 256, 0)
    layers = {"field": layer_of(wave), "truth": layer_of(np.full_like(wave, 0.5))}
    controls = Controls(field="f", layout="wipe", left="field", right="error", insets="spectrum")
    found = spectra_of(layers, controls, (256, 256))
    assert set(found) == {"field", "error"}
    shades = found["field"].shades
    assert shades.shape == (spectrum_px((256, 256), "wipe"),) * 2 == (64, 64)
    row, column = np.unravel_index(shades.argmax(), shades.shape)
    assert row in (31, 32) and abs(column - 31.5) == pytest.approx(16, abs=0.6), "32 of 64 cycles a unit"
    assert shades.max() > 150 and np.quantile(shades, 0.9) < 20
    assert found["error"].shades.argmax() == shades.argmax(), "what differs is that wave"
    coarse = spectra_of(layers, replace(controls, right="truth"), (256, 256), factor=2)["field"].shades
    assert coarse[:15].max() == 0 and coarse.max() > 150, "the outer frequencies are not known yet"
    assert spectra_of(layers, replace(controls, insets="filter"), (256, 256)) == {}


def test_a_filter_is_drawn_true_to_scale() -> None:
    image = filter_image((0.04, 0.0, 0.01), 0.5, 201).astype(float)
    assert image.shape == (201, 201, 4)
    profile = image[100, :, 0] - image[60, :, 0].min()
    for deviation in (0.5, 1.0, 2.0):
        at = 100 + round(201 * 0.2 * deviation)
        assert profile[at - 3 : at + 4].max() > 3 * max(1.0, np.median(profile)), deviation
    dot = filter_image((1e-9, 0.0, 1e-9), 0.5, 101)
    assert dot[50, 50, 0] > 150 and dot[44, 30, 0] < 60
    box = filter_image(("box", (0.25, 0.1)), 0.5, 100)
    assert box[50, 70, 0] > 150 and box[65, 50, 0] < 60 and box[50, 80, 0] < 60
    edge = filter_image(("edge", (0.25, 0.25)), 0.5, 100).astype(int)
    assert (edge[..., 2] - edge[..., 0]).max() > 50, "what is below 0 is blue"


def test_a_filter_that_varies_is_drawn_at_points_of_the_picture() -> None:
    facts = Picture(np.zeros((30, 40, 3), np.float32)).facts
    side = 240

    def outline_at(controls: Controls, x: float, y: float) -> int:
        """How bright the plate is at a point of the picture."""
        made = controls.inset_image("filter", facts, side)
        assert controls.varies and controls.inset_title("filter") == "filters" and made is not None
        make, arguments = made
        row, column = (round(side / 2 + 0.45 * side * of) for of in (y, x))
        return int(make(*arguments)[row - 1 : row + 2, column - 1 : column + 2, 0].max())

    foveated = Controls(foveated=True, falloff=0.2, covariance=(1e-4, 0.0, 1e-4))
    far = 8 / 9  # the last of nine points along the width
    deviation = (1e-4 + (0.2 * far) ** 2) ** 0.5
    assert outline_at(foveated, far - deviation, 0.0) > 150 and outline_at(foveated, far, 0.0) < 60
    assert outline_at(foveated, 0.01, 0.0) > 100, "small at the gaze"
    ramp = Controls(half_size_map="linear", kernel="box", half_size=(0.08, 0.04), map_whole=(0.0, 0.2))
    last = 0.75 * 6 / 7  # of seven rows
    assert outline_at(ramp, 0.08, last) > 150 and outline_at(ramp, 0.0, last + 0.04) > 150
    assert outline_at(ramp, 0.0, last) < 60


@pytest.fixture
def render(tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    """Render a still of an untrained field, with its picture beside it: exit code, and all that was printed."""
    picture = picture_file(tmp_path, np.random.default_rng(0).random((40, 40, 3)).astype(np.float32))
    field_file(tmp_path, picture)

    def run(folder: str, *arguments: str, size: str = "432x200", **entries: Any) -> tuple[int, str]:
        path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "field.safetensors"}
        still = {name: entries.pop(name) for name in ("insets",) if name in entries}
        path |= {"truth": "picture.png", "frames_per_second": 1, "caption": False, **still}
        path |= {"keyframes": [{"time": 0, "variance": 1e-3, **entries}]}
        (tmp_path / "path.json").write_text(json.dumps(path))
        given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / folder), "--size", size]
        return app.cli.run([*given, "--device", "cpu", *arguments]), "".join(capsys.readouterr())

    return run


@pytest.mark.long
def test_frames_have_insets_where_the_flag_or_the_path_asks(render, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)

    def frame(folder: str, *arguments: str, **entries: Any) -> np.ndarray:
        code, said = render(folder, *arguments, **entries)
        assert code == 0, said
        return read_image(tmp_path / folder / "frame_000000.png").values

    shown = {"layout": "two_up", "left": "field", "right": "truth"}
    plain, with_insets = frame("plain", **shown), frame("insets", "--insets", "spectrum,filter", **shown)
    assert np.array_equal(with_insets, frame("path", insets=["spectrum", "filter"], **shown))
    reports = [json.loads((tmp_path / name / "frames.json").read_text()) for name in ("plain", "insets")]
    assert [report.get("insets") for report in reports] == [None, ["spectrum", "filter"]]
    differs = (plain != with_insets).any(2)
    margin = caption_margin_px(SIZE)
    controls = Controls(insets="filter")
    ((left, top, side, _),) = controls.inset_boxes(SIZE, margin).values()
    assert differs[top : top + side, left : left + side].mean() > 0.5
    assert not differs[: SIZE[1] // 2 - margin, :].any() and differs[-margin - 2, margin + 2]
    of_right = differs[:, SIZE[0] // 2 : left]
    assert of_right[-margin - 2, margin + 2], "the spectrum of what the right pane shows"
    strip = frame("strip", insets="filter", layout="beside", left="field", right="truth")
    assert np.allclose(strip[100, :192], frame("alone", size="192x200")[100], atol=1 / 255)


@pytest.mark.long
def test_above_the_diagonal_is_one_and_below_it_the_other(render, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    frames = {}
    for name, shown in (
        ("cut", {"layout": "cut", "left": "field", "right": "error"}), ("field", {"left": "field"}),
        ("error", {"left": "error", "right": "field"}),
    ):  # fmt: skip
        code, said = render(name, **shown)
        assert code == 0, said
        frames[name] = read_image(tmp_path / name / "frame_000000.png").values
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    below = (y / SIZE[1] + x / SIZE[0] - 1) * SIZE[1] / np.hypot(1, SIZE[1] / SIZE[0])
    assert np.array_equal(frames["cut"][below < -3], frames["field"][below < -3])
    assert np.array_equal(frames["cut"][below > 3], frames["error"][below > 3])
    assert not np.array_equal(frames["field"], frames["error"])


def test_the_shipped_films_are_as_long_as_the_publications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = asset_path("picture_video.json")
    monkeypatch.setattr(assets.picture_video, "FOLDER", tmp_path)
    assets.picture_video.main()
    assert json.loads((tmp_path / "picture_video.json").read_text()) == json.loads(shipped.read_text())
    for name, frames, insets in (("picture_video", 781, "spectrum,filter"), ("light_stage", 961, "filter,light")):
        path = read_path(asset_path(f"{name}.json"))
        assert len(path.frame_times()) == frames and path.still.insets == insets
        assert path.at(0.0).layout == "beside" and path.frames_per_second == 60
    assert read_path(shipped).at(7.0).covariance == pytest.approx((0.1, 0, 1e-4), rel=1e-4), "a quarter turn"


def test_what_insets_are_not(render, tmp_path: Path) -> None:
    code, said = render("out", "--insets", "light")
    assert code == 2 and "--insets: expected some of spectrum, filter, with commas between, or none" in said, said
    code, said = render("out", insets="everything")
    assert code == 2 and "insets: expected some of spectrum, filter" in said and "Traceback" not in said
