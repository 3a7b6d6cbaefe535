"""The filter in the hand on a plane: pulled to where the hand is, true to size; presets, and the filter before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import DrivenSession, document_of, driven
from waves import COLOUR_FACTS, Waves

from app.actions import press, release
from app.covariance import covariance_matrix, isotropic
from app.filter.half_size import HalfSize
from app.filter.in_hand import GAP_PT, WHOLE, Grip
from app.filter.presets import OWN, presets
from app.history import TOGETHER_S
from app.scenes.picture.state import PictureState, pictures


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        pictures(session).take_document(document_of(Waves()))
        session.framebuffer_px = (256, 128)  # four pixels in one of the picture: 1 / 128 of a domain unit each
        press(session, "Ctrl+E")
        yield session


def handle(state: PictureState, grip: Grip) -> tuple[float, float]:
    return state.held()[0].handles(GAP_PT)[grip]


def pulled(state: PictureState, start: tuple[float, float], end: tuple[float, float]) -> None:
    state.press_button(start)
    state.move(end)
    state.release_button()


def test_an_axis_ends_where_the_hand_has_pulled_it(session: DrivenSession) -> None:
    state = pictures(session)
    state.set_axes(log10_variance=-3.0, anisotropy=0.5, angle_deg=20.0)
    (shape,) = state.held()
    assert shape.middle == (128.0, 64.0)
    turn, length = math.radians(-50.0), 40.0
    end = (128 + (length + GAP_PT) * math.cos(turn), 64 + (length + GAP_PT) * math.sin(turn))
    short = state.axes.log10_along[1]
    pulled(state, handle(state, (0, 1)), end)
    way = np.array([math.cos(turn), math.sin(turn)])
    variance = float(way @ covariance_matrix(state.controls.covariance) @ way)
    assert math.sqrt(variance) * 128 == pytest.approx(length, rel=1e-6), "true to size, and turned there"
    assert state.axes.log10_along[1] == pytest.approx(short), "the other axis stays"
    assert state.marks.words == "σ  10 by 0.759 px", "in pixels of the picture"  # noqa: RUF001


def test_the_hand_pulls_what_it_took_hold_of_and_not_what_is_beside_it(session: DrivenSession) -> None:
    state = pictures(session)
    state.set_axes(log10_variance=-2.0, anisotropy=0.0)
    x, y = handle(state, (1, 1))
    before = state.controls.covariance
    pulled(state, (x + 3, y - 2), (x + 3, y - 2))
    assert state.controls.covariance == pytest.approx(before), "it does not jump to the cursor"
    radius = 0.1 * 128
    on_outline = 128 + radius * math.cos(0.8), 64 + radius * math.sin(0.8)
    assert state.held()[0].grip_at(on_outline, 1.0) == WHOLE
    pulled(
        state, on_outline, tuple(middle + 2 * (at - middle) for at, middle in zip(on_outline, (128, 64), strict=True))
    )
    assert state.controls.covariance == pytest.approx(isotropic(0.04, 2)), "twice as large as a whole"
    center = state.controls.center
    pulled(state, (20.0, 20.0), (40.0, 30.0))
    assert state.controls.center != center, "beside it the picture is moved, as ever"


def test_a_click_puts_it_there_and_it_stays_there_when_the_picture_moves(session: DrivenSession) -> None:
    state = pictures(session)
    state.set_axes(log10_variance=-3.0)
    pulled(state, (30.0, 40.0), (30.0, 40.0))
    assert state.held()[0].middle == pytest.approx((30.0, 40.0))
    state.pan((7.0, -5.0))
    assert state.held()[0].middle == pytest.approx((37.0, 35.0))
    press(session, "2")
    assert len(state.held()) == len({shape.within for shape in state.held()}), "once in each pane"
    press(session, "Ctrl+E")
    assert state.marks is None


@pytest.mark.parametrize(("linked", "sizes"), [(True, (0.25, 0.25)), (False, (0.25, 0.05))])
def test_a_kernel_is_pulled_by_its_sides(session: DrivenSession, linked: bool, sizes: HalfSize) -> None:
    state = pictures(session)
    state.documents.clear()  # of none, no field refuses a box
    state.change(kernel="box", half_size=(0.1, 0.05))
    state.linked = linked
    state.pull((0, 1), (32.0, 0.0), 1.0, state.held_sizes)
    assert state.controls.half_size == (0.1, 0.05), "nothing is pulled where nothing is shown"
    state._pull((0, 1), (32.0, 0.0), 1.0, state.held_sizes, 1 / 128)
    assert state.controls.half_size == pytest.approx(sizes)


def test_presets_are_so_many_pixels_wide(session: DrivenSession) -> None:
    state = pictures(session)
    pixel = 2 / COLOUR_FACTS.resolution[0]
    state.choose_preset("2 px")
    assert state.controls.covariance == pytest.approx(isotropic((2 * pixel) ** 2, 2)) and state.preset == "2 px"
    state.choose_preset("streak /")
    variances = np.linalg.eigvalsh(covariance_matrix(state.controls.covariance))
    assert np.sqrt(variances) == pytest.approx([0.5 * pixel, 8 * pixel])
    assert state.axes.angle_deg == pytest.approx(45)
    state.set_axes(angle_deg=44.0)
    assert state.preset == OWN
    assert {name for name in presets(1, 0.0, "px", streaks=False) if name != "none"} == {
        f"paper, 1e-0{power}" for power in (1, 2, 3, 4)
    }


def test_the_filter_before_comes_back_and_goes_again(session: DrivenSession) -> None:
    state = pictures(session)
    press(session, "Backspace")
    assert session.told[-1] == "there was no other filter yet"

    def rest() -> None:
        for _ in range(round(TOGETHER_S * 60) + 2):
            session.step()

    rest()
    for name in ("1 px", "4 px"):
        state.choose_preset(name)
        rest()
    for _ in range(3):
        press(session, "+")  # passed by at once
    passed = state.controls.covariance
    press(session, "Backspace")
    assert state.preset == "4 px"
    release(session, "Backspace")
    press(session, "Backspace")
    assert state.controls.covariance == passed
    press(session, "Backspace", repeated=True)
    release(session, "Backspace")
    assert state.preset == "4 px", "held, it was shown only meanwhile"
    press(session, "Ctrl+0")
    assert state.controls.is_off
