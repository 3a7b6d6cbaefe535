"""The panel keeps to the view: side by side, moved together, inside a maximised view, its room lent and returned."""

from __future__ import annotations

import pytest

from app.layout_file import Placement, Side
from app.window.dock import REST_PASSES, Dock
from app.window.placing import divided, is_seen, panel_place, view_place, with_room, without_room

DESKTOP = (0, 0, 1600, 1000)
SECOND = (1600, 0, 1280, 720)
VIEW, PANEL = (16, 32, 1080, 904), (1104, 32, 460, 904)


class FakeView:
    """A window that lies where it is put."""

    def __init__(self) -> None:
        self.placement: Placement = VIEW
        self.maximised = self.minimised = False
        self.inset_px = 0
        self.inset_side: Side = "right"

    def place(self, placement: Placement) -> None:
        self.placement = placement


class FakePanel:
    """A panel that notes whether it has edges."""

    def __init__(self) -> None:
        self.placement: Placement = PANEL
        self.visible = self.decorated = True

    def place(self, placement: Placement, decorated: bool) -> None:
        self.placement, self.decorated = placement, decorated


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_panel_with_larger_letters_takes_its_room_from_the_view(side: Side) -> None:
    view, panel = (
        ((16, 0, 900, 700), (924, 0, 460, 700)) if side == "right" else ((484, 0, 900, 700), (16, 0, 460, 700))
    )
    wide = divided(view, panel, 690, side)
    assert wide[0][2:] == (670, 700) and wide[1][2:] == (690, 700)
    assert min(each[0] for each in wide) == 16 and max(each[0] + each[2] for each in wide) == 1384
    assert divided(*wide, 460, side) == (view, panel)
    assert divided(view, panel, 4000, side)[0][2] == 320, "something is left of it"
    away = (100, 900, 460, 80)
    assert divided(view, away, 690, side) == (view, (100, 900, 690, 80))


class Docked:
    """Both, and passes of the dock."""

    def __init__(self) -> None:
        self.view, self.panel = FakeView(), FakePanel()
        self.dock = Dock(self.view, self.panel, 8)
        self.shown = True
        self.rest()

    def rest(self) -> None:
        for _ in range(REST_PASSES + 2):
            self.dock.keep(self.shown)

    def show(self, shown: bool) -> None:
        self.shown = shown
        self.rest()

    def maximise(self, placement: Placement = DESKTOP) -> None:
        self.view.maximised, self.view.placement = True, placement
        self.rest()


@pytest.fixture
def docked() -> Docked:
    return Docked()


def test_the_panel_moves_with_the_view(docked: Docked) -> None:
    for step in range(1, 5):
        docked.view.placement = (16 + 10 * step, 32 + 5 * step, *VIEW[2:])
        docked.dock.keep(True)
    assert docked.panel.placement == (1144, 52, 460, 904)
    docked.rest()
    assert (docked.dock.view_place, docked.dock.panel_place) == ((56, 52, 1080, 904), (1144, 52, 460, 904))


def test_it_stays_at_the_edge_that_a_person_pulls(docked: Docked) -> None:
    docked.view.placement = (16, 32, 900, 904)
    docked.dock.keep(True)
    assert docked.panel.placement == (924, 32, 460, 904)


def test_a_person_may_put_it_elsewhere_and_it_moves_from_there(docked: Docked) -> None:
    docked.panel.placement = (1110, 500, 440, 400)
    docked.rest()
    docked.view.placement = (6, 32, *VIEW[2:])
    docked.rest()
    assert docked.panel.placement == (1100, 500, 440, 400)


def test_places_on_the_way_of_an_animation_are_no_places(docked: Docked) -> None:
    docked.view.minimised = True
    docked.rest()
    docked.view.minimised = False
    for place in ((375, 1025), (186, 503), (63, 161), VIEW[:2]):
        docked.view.placement = (*place, *VIEW[2:])
        docked.panel.placement = (place[0] + 900, place[1] + 7, 460, 904)  # which is drawn elsewhere, too
        docked.dock.keep(True)
    assert docked.panel.placement == PANEL
    assert docked.dock.view_place == VIEW


def test_a_maximised_view_leaves_the_panel_its_room(docked: Docked) -> None:
    docked.maximise()
    assert docked.panel.placement == (1140, 0, 460, 1000) and not docked.panel.decorated
    assert docked.view.inset_px == 460
    assert docked.dock.maximised and (docked.dock.view_place, docked.dock.panel_place) == (VIEW, PANEL)
    docked.show(False)
    assert docked.view.inset_px == 0, "the view has it all"
    docked.show(True)
    assert docked.view.inset_px == 460 and docked.view.placement == DESKTOP
    docked.view.maximised, docked.view.placement = False, VIEW
    docked.rest()
    assert docked.panel.placement == PANEL and docked.panel.decorated and docked.view.inset_px == 0


def test_a_desktop_that_changes_its_size_takes_the_panel_along(docked: Docked) -> None:
    docked.maximise()
    docked.maximise((0, 0, 1280, 720))
    assert docked.panel.placement == (820, 0, 460, 720)


def test_the_panel_lies_on_the_other_side_in_the_same_room(docked: Docked) -> None:
    docked.dock.lie("left")
    docked.rest()
    assert (docked.panel.placement, docked.view.placement) == ((16, 32, 460, 904), (484, 32, 1080, 904))
    docked.maximise()
    assert docked.panel.placement == (0, 0, 460, 1000) and docked.view.inset_side == "left"
    docked.dock.lie("right")
    assert docked.panel.placement == (1140, 0, 460, 1000) and docked.view.inset_side == "right"
    docked.view.maximised, docked.view.placement = False, docked.dock.view_place
    docked.rest()
    assert (docked.panel.placement, docked.view.placement) == (PANEL, VIEW)


def test_a_hidden_panel_lends_its_room_and_takes_it_back(docked: Docked) -> None:
    docked.show(False)
    assert docked.view.placement == (16, 32, 1548, 904)
    docked.show(True)
    assert (docked.view.placement, docked.panel.placement) == (VIEW, PANEL)


def test_where_the_view_will_lie_is_known_at_once(docked: Docked) -> None:
    docked.dock.keep(False)
    assert docked.dock.view_place == (16, 32, 1548, 904) and docked.dock.panel_place == PANEL


def test_it_does_so_where_the_view_has_been_moved_meanwhile(docked: Docked) -> None:
    docked.show(False)
    docked.view.placement = (30, 40, 1548, 904)
    docked.rest()
    docked.show(True)
    assert docked.view.placement == (30, 40, 1080, 904)
    assert docked.panel.placement == (1118, 40, 460, 904)


def test_the_room_on_the_left_is_lent_likewise() -> None:
    view, panel = (500, 30, 1000, 900), (30, 30, 460, 900)
    assert with_room(view, panel) == (30, 30, 1470, 900)
    assert without_room((30, 30, 1470, 900), panel, 10) == view


@pytest.mark.parametrize("panel", [(1300, 32, 460, 904), (1104, 2000, 460, 904), (500, 100, 460, 700)])
def test_a_panel_that_lies_elsewhere_has_no_room_to_lend(panel: Placement) -> None:
    assert with_room(VIEW, panel) == VIEW


def test_a_view_is_not_made_too_small_to_see() -> None:
    assert without_room((16, 32, 500, 904), (100, 32, 460, 904), 8) == (16, 32, 500, 904)


@pytest.mark.parametrize(
    ("placement", "seen"),
    [
        (VIEW, True),
        ((1700, 10, 600, 600), True),
        ((9000, 32, 460, 904), False),
        ((1555, 800, 460, 904), False),
        ((-430, 32, 460, 904), False),
        ((0, 0, 0, 10**9), False),
    ],
)
def test_what_is_on_one_of_the_monitors(placement: Placement, seen: bool) -> None:
    assert is_seen(placement, [DESKTOP, SECOND]) is seen


def test_windows_open_where_they_were_if_that_can_be_seen() -> None:
    assert view_place(VIEW, [DESKTOP]) == VIEW
    assert view_place((1700, 10, 600, 600), [DESKTOP, SECOND]) == (1700, 10, 600, 600)
    assert view_place((1700, 10, 600, 600), [DESKTOP]) == VIEW == view_place(None, [DESKTOP])
    assert panel_place(PANEL, VIEW, [DESKTOP]) == PANEL
    assert panel_place((9000, 32, 460, 904), VIEW, [DESKTOP]) == PANEL == panel_place(None, VIEW, [DESKTOP])


def test_the_panel_opens_on_the_side_that_is_wanted_if_there_is_room() -> None:
    assert panel_place(None, (500, 0, 600, 900), [DESKTOP], side="left") == (32, 0, 460, 900)
    assert panel_place(None, (100, 0, 600, 900), [DESKTOP], side="left") == (708, 0, 460, 900)


def test_the_panel_opens_where_there_is_room_for_it() -> None:
    assert panel_place(None, (520, 32, 1080, 904), [DESKTOP]) == (52, 32, 460, 904)
    assert panel_place(None, (0, 0, 1600, 900), [DESKTOP]) == (1140, 0, 460, 900)
    assert panel_place(None, (1610, 0, 700, 700), [DESKTOP, SECOND]) == (2318, 0, 460, 700)
    assert panel_place(None, (16, 32, 800, 800), [DESKTOP], 1.5) == (828, 32, 690, 800)


def test_the_panel_is_as_wide_as_its_letters_want_it() -> None:
    docked = Docked()
    docked.dock.suit(1.5)
    docked.rest()
    assert docked.panel.placement == (874, 32, 690, 904) and docked.view.placement == (16, 32, 850, 904)
    docked.dock.suit(1.0)
    docked.rest()
    assert (docked.view.placement, docked.panel.placement) == (VIEW, PANEL)
