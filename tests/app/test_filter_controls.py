"""Filters as values with entries: what is shown under them is what fieldcore makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from driving import CPU, DrivenSession, driven, picture_file

from app.document import Document
from app.filter.half_size import HALF_SIZES, log10_of, size_of
from app.filter.kernels import KERNELS
from app.gl.handover import Handover
from app.gl.offscreen import Offscreen
from app.panel.groups import GROUPS
from app.path.keyframes import keyframe_of
from app.path.path_file import read_path, write_path
from app.plane.layers import Layers, Sources, evaluate_layers
from app.plane.renderer import PlaneRenderer
from app.record.frame_renderer import whole
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import PictureState, pictures
from app.setting import put
from app.settings import BY_NAME
from app.work.asking import EvaluateHere
from fieldcore import Grid, Picture, train
from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.images import write_image
from fieldcore.kernel_file import read_kernel
from fieldcore.kernel_names import kernel_of
from fieldcore.measures import psnr

SIZE = (48, 32)


@pytest.fixture(scope="module")
def picture(smooth_pixels: np.ndarray) -> Picture:
    return Picture(smooth_pixels)


@pytest.fixture(scope="module")
def smooth_pixels() -> np.ndarray:
    """Noise, which every kernel changes."""
    return np.random.default_rng(0).random((32, 48, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def integral(picture: Picture) -> Field:
    return train("integral", picture)


def layers_of(controls: Controls, field: Field, picture: Picture) -> Layers:
    *_, stage = evaluate_layers(controls, Sources(field, picture.truth()), SIZE)
    assert stage.final
    return stage.layers


def points_of(field: Field) -> Any:
    grid = Grid.covering(field.facts.half_extent, max(SIZE))
    return grid.points(0, grid.count)


def test_what_is_shown_is_the_filtered_field_under_every_kernel(integral: Field, picture: Picture) -> None:
    for choice in list(KERNELS.values())[1:]:
        for half_size in ((0.2, 0.2), (0.3, 0.0)):
            controls = Controls(left="error", kernel=choice.begins, half_size=half_size)
            shown = layers_of(controls, integral, picture)
            expected = integral(points_of(integral), kernel_of(choice.begins, half_size)).reshape(*SIZE[::-1], 3)
            assert np.abs(shown["field"].values - expected.numpy()).max() < 1e-5, choice
            assert np.abs(shown["truth"].values - expected.numpy()).max() < 1e-5, choice
            is_signed = choice.title in ("edge", "difference") and 0 not in half_size
            assert (shown["field"].shown_range == (-0.5, 0.5)) == is_signed or 0 in half_size
    assert Controls(kernel="edge", half_size=(0.1, 0.1), gain=4.0).shown_range == (-0.125, 0.125)
    assert Controls(kernel="box", half_size=(0.1, 0.1), gain=2.0).shown_range == (0.0, 0.5)
    assert Controls(kernel="edge").shown_range is None and Controls(covariance=(1.0, 0.0, 1.0)).shown_range is None


def test_a_map_and_foveation_give_every_point_a_size_of_its_own_and_the_truth_knows_them(
    integral: Field, picture: Picture, tmp_path: Path
) -> None:
    write_image(tmp_path / "map.png", np.tile(np.linspace(0, 1, 48, dtype=np.float32), (32, 1))[..., None])
    wide = Controls(left="error", kernel="tent", half_size=(0.4, 0.4), map_feather=1.0)
    for controls in (
        replace(wide, half_size_map="radial"),
        replace(wide, half_size_map="linear", map_focus=(-0.5, 0.1)),
        replace(wide, half_size_map=str(tmp_path / "map.png"), half_size_least=0.01),
        replace(wide, half_size=(0.02, 0.02), foveated=True, falloff=0.3),
        Controls(left="error", covariance=(1e-2, 0.0, 1e-2), half_size_map="radial"),
    ):
        shown = layers_of(controls, integral, picture)
        points = points_of(integral)
        filters = controls.filters_at(integral.facts, points, 0.0)
        assert filters.per_point == len(points)
        some = list(range(0, len(points), 97))
        alone = torch.cat([integral(points[k : k + 1], filters[k : k + 1]) for k in some]).numpy()
        values = np.asarray(shown["field"].values).reshape(-1, 3)
        assert np.abs(values[some] - alone).max() < 1e-5
        assert psnr(values, np.asarray(shown["truth"].values).reshape(-1, 3), (0.0, 1.0)) > 100


def test_a_second_field_that_cannot_be_filtered_so_says_it_in_its_pane(
    integral: Field, picture: Picture, surface_of: Callable[[int, int], Offscreen]
) -> None:
    surface, sources = surface_of(480, 160), Sources(integral, picture.truth(), train("pyramid", picture))
    renderer = PlaneRenderer(surface.context, Handover(surface.context, CPU), EvaluateHere())

    def drawn(**controls: Any) -> np.ndarray:
        shown = Controls(field="f", other="o", half_size=(0.2, 0.2), caption=False, **controls)
        pixels = whole(renderer.render(sources, shown, surface.framebuffer)).pixels
        assert pixels is not None
        return pixels

    beside = drawn(kernel="tent", layout="two_up", left="field", right="other")
    assert np.array_equal(beside[:, :240], drawn(kernel="tent", layout="two_up", left="field", right="truth")[:, :240])
    ground = beside[4, 476]
    assert (beside[:35, 244:] == ground).all() and (beside[125:, 244:] == ground).all(), "no picture"
    assert (beside[35:125, 244:] != ground).any(), "but a sentence in the middle"
    shown = Controls(field="f", other="o", kernel="tent", half_size=(0.2, 0.2), layout="two_up", right="other")
    *_, stage = evaluate_layers(shown, sources, SIZE)
    assert stage.layers["other"].refusal.startswith("a pyramid field cannot be filtered by Kernel")
    assert stage.layers["field"].refusal == ""
    foveated = replace(shown, foveated=True)
    *_, stage = evaluate_layers(foveated, sources, SIZE)
    assert stage.layers["other"].refusal
    renderer.release()


def test_sizes_of_a_map_are_between_the_least_and_the_kernels_own(picture: Picture) -> None:
    controls = Controls(kernel="box", half_size=(0.4, 0.0), half_size_map="linear", half_size_least=0.01,
                        map_focus=(0.0, 0.0), map_whole=(0.5, 0.0), map_feather=1.0)  # fmt: skip
    sizes = controls.filters_at(picture.facts, torch.tensor([[0.0, 0.3], [0.25, 0.0], [0.7, 0.0]]), 0.0)
    assert sizes.lengths(2).flatten().tolist() == pytest.approx([0.01, 0, (0.01 * 0.4) ** 0.5, 0, 0.4, 0])
    assert not replace(controls, half_size=(0.0, 0.0)).varies


def test_paths_key_kernels_sizes_and_maps(tmp_path: Path) -> None:
    write_image(tmp_path / "map.png", np.zeros((2, 3, 1), np.float32))
    (tmp_path / "path.json").write_text(json.dumps({
        "format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f.safetensors", "keyframes": [
            {"time": 0, "kernel": "tent", "half_size": 0.01},
            {"time": 2, "kernel": "edge:30", "half_size": [0.04, 0.16], "half_size_map": "map.png"},
        ]}))  # fmt: skip
    path = read_path(tmp_path / "path.json")
    assert path.at(1.0).kernel == "tent" and path.at(2.0).kernel == "edge:30" and path.at(0.0).half_size_map == ""
    assert path.at(1.0).half_size == pytest.approx((0.02, 0.04))  # the middle of the logarithms
    assert path.at(2.0).half_size_map == str(tmp_path / "map.png")
    (tmp_path / "elsewhere").mkdir()
    write_path(tmp_path / "elsewhere" / "again.json", path)
    again = json.loads((tmp_path / "elsewhere" / "again.json").read_text())["keyframes"]
    assert again[0]["half_size"] == 0.01 and again[1]["half_size_map"] == "../map.png"
    assert read_path(tmp_path / "elsewhere" / "again.json").at(1.0).half_size == path.at(1.0).half_size
    assert HALF_SIZES.value(HALF_SIZES.point((0.0, 0.5))) == pytest.approx((0.0, 0.5))
    assert size_of(log10_of(0.0)) == 0.0 and size_of(log10_of(0.25)) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"kernel": "hat"}, r"keyframes\[0\].kernel: expected one of box, tent"),
        ({"kernel": 3}, r"keyframes\[0\].kernel: expected the name of a kernel or of its file, got 3"),
        ({"half_size": -1}, r"keyframes\[0\].half_size: expected a finite number, at least 0"),
        ({"half_size": [1, 2, 3]}, r"keyframes\[0\].half_size: expected a number or a list of 2 numbers"),
        ({"half_size": "wide"}, r"keyframes\[0\].half_size: expected a finite number"),
        ({"gain": 0}, r"keyframes\[0\].gain: expected a finite number, more than 0"),
        ({"map_feather": 2}, r"keyframes\[0\].map_feather: expected a finite number, at least 0, at most 1"),
        ({"half_size_map": 1}, r'keyframes\[0\].half_size_map: expected "linear", "radial", or the file of a picture'),
    ],
)
def test_entries_that_are_wrong_are_named(tmp_path: Path, entries: dict[str, Any], sentence: str) -> None:
    path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f", "keyframes": [{"time": 0}]}
    path["keyframes"][0] |= entries  # type: ignore[index]
    (tmp_path / "path.json").write_text(json.dumps(path))
    with pytest.raises(InputError, match=sentence):
        read_path(tmp_path / "path.json")


# In the window


@pytest.fixture
def session(tmp_path: Path, smooth_pixels: np.ndarray) -> Iterator[DrivenSession]:
    """A picture is open, and the pyramid that is made of it."""
    with driven(tmp_path) as session:
        session.open([str(picture_file(tmp_path, smooth_pixels))])
        session.until_quiet()
        yield session


def shown(session: DrivenSession) -> PictureState:
    return pictures(session)


def test_a_kernel_that_the_field_does_not_take_is_given_one_that_does(session: DrivenSession) -> None:
    state = shown(session)
    assert state.document is not None and state.document.field.kind == "pyramid"
    state.change(covariance=(1e-2, 0.0, 1e-2))
    put(BY_NAME["kernel"], session, "tent")
    assert "a pyramid field cannot be filtered by Tent" in session.told[-1]
    session.until(lambda: state.document is not None and state.document.field.kind == "integral")
    assert state.controls.kernel == "tent"
    assert state.controls.half_size == pytest.approx((0.3, 0.3))  # as wide as the Gaussian before
    assert session.training.plan.kind == "pyramid"
    state.next_field()
    assert state.document.field.kind == "pyramid" and state.controls.is_gaussian
    put(BY_NAME["kernel"], session, "box")  # there is such a field by now
    assert state.document.field.kind == "integral" and state.controls.kernel == "box"
    put(BY_NAME["covariance"], session, "0.01,0.001,0.002")  # askew
    assert state.document.field.kind == "pyramid"
    assert not session.messages.errors


def test_sizes_are_linked_or_not_and_off(session: DrivenSession) -> None:
    state = shown(session)
    state.change(kernel="box")
    put(BY_NAME["log10-half-size"], session, -1.0)
    assert state.controls.half_size == pytest.approx((0.1, 0.1))
    put(BY_NAME["linked"], session, False)
    put(BY_NAME["log10-half-size-y"], session, -3.5)
    assert state.controls.half_size == pytest.approx((0.1, 0.0)) and BY_NAME["half-size"].get(session) == "0.1,0"
    put(BY_NAME["linked"], session, True)
    assert state.controls.half_size == pytest.approx((0.1, 0.1))
    state.step_size(2.0)
    assert state.controls.half_size == pytest.approx((1.0, 1.0))
    state.step_size(-20.0)
    assert state.controls.is_off
    for wrong in ("-1", "1,2,3", "nan", "many"):
        put(BY_NAME["half-size"], session, wrong)
        assert "half-size: expected" in session.told[-1]


def test_a_map_is_painted_stroke_by_stroke_and_taken_back(session: DrivenSession) -> None:
    state = shown(session)
    session.framebuffer_px = (48, 32)
    state.paint_map()
    assert state.brushes and state.controls.map_shown and not state.has_strokes
    begun = state.controls.half_size_map
    state.brush_pt = 5.0
    for x in (10.0, 40.0):
        state.press_button((x, 16.0))
        state.move((x, 20.0))
        state.release_button()
    painted = state.controls.half_size_map
    amid = f"{painted.removesuffix('.png')}-1.png"  # what a keyframe added in the middle of the stroke may name
    replace(state.controls, half_size_map=amid).check_files(state.document.field.facts)  # type: ignore[union-attr]
    read = Picture.open(painted).pixels
    assert read[:, 60:160].max() == pytest.approx(1.0) and read[:, 230:280].max() == 0
    points = torch.tensor([state.view.domain_from_frame((10.0, 18.0))])  # type: ignore[union-attr]
    assert float(state.controls.map_shares(points, state.document.field.facts)[0]) > 0.9  # type: ignore[union-attr]
    state.undo_stroke()
    assert state.controls.half_size_map not in (begun, painted) and state.has_strokes
    state.undo_stroke()
    assert state.controls.half_size_map == begun and not state.has_strokes
    state.toggle_brush()
    center = state.controls.center
    state.press_button((10.0, 16.0))
    state.move((12.0, 16.0))
    assert state.controls.center != center  # the picture is moved again


def test_the_handles_of_a_ramp_are_dragged(session: DrivenSession) -> None:
    state = shown(session)
    state.set_map("linear")
    state.change(map_focus=(0.0, 0.0), map_whole=(0.0, 0.4))
    assert state.view is not None
    state.press_button(state.handles()["map_focus"])
    state.move(state.view.frame_from_domain((0.25, 0.0)))
    assert state.controls.map_focus == pytest.approx((0.25, 0.0)) and state.controls.map_whole[0] == pytest.approx(0.25)
    state.release_button()
    state.press_button(state.handles()["map_whole"])
    state.move(state.view.frame_from_domain((0.5, 0.5)))
    assert state.controls.map_whole == pytest.approx((0.5, 0.5)) and state.controls.center == (0.0, 0.0)
    state.release_button()
    state.toggle_map()
    assert not state.handles()


def test_maps_that_cannot_be_are_refused(session: DrivenSession, tmp_path: Path) -> None:
    write_image(tmp_path / "square.png", np.zeros((8, 8, 1), np.float32))
    for name, sentence in (("gone.png", "gone.png"), (str(tmp_path / "square.png"), "expected the picture's aspect")):
        put(BY_NAME["half-size-map"], session, name)
        assert sentence in session.told[-1] and shown(session).controls.half_size_map == ""


def test_a_drawn_kernel_is_saved_and_goes_on_as_a_file(session: DrivenSession, tmp_path: Path) -> None:
    from app.panel.filter import save_kernel

    shown(session).change(kernel="drawn:0.5,1,0.5", half_size=(0.1, 0.1))
    expected = shown(session).controls.filter
    save_kernel(session, tmp_path / "own.json")
    session.until_quiet()
    assert len(read_kernel(tmp_path / "own.json").terms) == 1
    assert shown(session).controls.kernel == str(tmp_path / "own.json")
    again = shown(session).controls.filter
    assert [p.weights.tolist() for p in again.terms[0]] == [p.weights.tolist() for p in expected.term_profiles(2)[0]]


def test_keyframes_hold_the_filter(session: DrivenSession) -> None:
    values = keyframe_of(shown(session).controls, 0.0).values
    assert {"kernel", "half_size", "gain", "half_size_map", "map_focus", "map_whole", "map_feather"} <= set(values)


def test_the_diracs_under_the_cursor_and_the_integral_that_they_look_up(session: DrivenSession) -> None:
    from app.scenes.picture.panel.diracs import diracs_under, integral_picture

    assert {"Filter", "Diracs"} <= set(GROUPS)
    state = shown(session)
    assert state.document is not None and diracs_under(state, state.document) is None  # a Gaussian of a pyramid
    put(BY_NAME["kernel"], session, "tent")
    session.until(lambda: state.document is not None and state.document.field.kind == "integral")
    state.change(half_size=(0.2, 0.1))
    session.framebuffer_px = (48, 32)
    state.look_at((24.0, 16.0))
    diracs = diracs_under(state, state.document)
    assert diracs is not None
    positions, weights, orders = diracs
    assert orders == (2, 2) and sorted(set(weights.tolist())) == [-0.5, 0.25, 1.0]
    assert np.abs(positions).max(0) == pytest.approx([0.2, 0.1])  # around the middle, where the cursor is
    pixels = integral_picture(state.document.field, orders)
    assert pixels.shape == (32, 48, 4) and pixels.min() >= 0 and pixels.max() == 1
    again = np.diff(pixels[..., 0], 2, axis=1)  # a derivative of an integral has the picture's detail again
    assert np.abs(np.diff(again, 2, axis=0)).max() > 0


def test_the_spectrum_of_what_a_filter_lets_through_is_that_of_its_response() -> None:
    from app.scenes.picture.panel.spectrum import passed_by, passed_share

    frequencies = np.linspace(0, 4, 9)
    gaussian = Controls(covariance=(2e-3, 0.0, 2e-3)).filter
    (along, across), mean = passed_by(gaussian, frequencies)
    for passed in (along, across, mean):
        assert passed == pytest.approx(passed_share(frequencies, 2e-3, 2e-3), abs=1e-3)
    (along, across), _ = passed_by(kernel_of("box", [0.25, 0.0]), frequencies)
    assert 10**along == pytest.approx(np.sinc(0.5 * frequencies) ** 2, abs=1e-6)
    assert across == pytest.approx(np.zeros(9), abs=1e-6)


def test_a_map_that_does_not_suit_the_next_picture_is_not_kept(session: DrivenSession, tmp_path: Path) -> None:
    state = shown(session)
    state.paint_map()
    assert state.controls.half_size_map
    document = state.document
    assert document is not None
    other = train("integral", Picture(np.zeros((9, 3, 3), np.float32)))
    tall = Document(tmp_path / "tall.safetensors", other, TrainingFacts())
    state.take_document(tall)
    assert state.controls.half_size_map == "" and not state.brushes and "the map is not kept" in session.told[-1]
    session.until_quiet()
    assert not session.messages.errors
