"""The panel on a screen nobody sees: a process of its own makes all visits to it, whose notes are judged here."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patience import wait_until
from preloaded import run_preloaded
from screen import screen

from app.scenes.picture.state import pictures

ROOT = Path(__file__).parents[2]
NOTED: dict[str, Any] = {}


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the visits below have noted, by name."""
    with screen(1200, 1240) as display:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "PYTHONPATH": f"{ROOT}:{Path(__file__).parents[1]}:{Path(__file__).parent}",
        }
        done = run_preloaded([__file__], cwd=tmp_path_factory.mktemp("panel"), env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_slider_sets_the_filter(noted: dict[str, Any]) -> None:
    xx, xy, yy = noted["slider"]["covariance"]
    assert xy == 0 and xx == yy == pytest.approx(1e-3, rel=0.3)


def test_the_ellipse_is_dragged_by_its_long_axis(noted: dict[str, Any]) -> None:
    axes = noted["ellipse"]["long"]
    assert axes["angle_deg"] == pytest.approx(45, abs=2)
    assert axes["log10_variance"] + axes["anisotropy"] / 2 == pytest.approx(noted["ellipse"]["pulled"], abs=0.15)
    assert axes["anisotropy"] > 0.5


def test_the_ellipse_is_dragged_by_its_short_axis(noted: dict[str, Any]) -> None:
    before, after = noted["ellipse"]["long"], noted["ellipse"]["short"]
    long = [axes["log10_variance"] + axes["anisotropy"] / 2 for axes in (before, after)]
    assert after["angle_deg"] == pytest.approx(before["angle_deg"])
    assert long[0] == pytest.approx(long[1], abs=1e-6)
    assert after["anisotropy"] > before["anisotropy"] + 0.3


def test_a_hand_that_passes_over_the_ellipse_drags_nothing(noted: dict[str, Any]) -> None:
    assert noted["passing"]["before"] == noted["passing"]["after"]


@pytest.mark.parametrize("name", ["covariance", "variance", "zoom"])
def test_nonsense_is_answered_by_a_message(noted: dict[str, Any], name: str) -> None:
    visit = noted[f"nonsense in {name}"]
    assert visit["before"] == visit["after"]
    assert "nonsense" in visit["message"] and visit["shown"] != "nonsense"


def test_typed_numbers_are_taken(noted: dict[str, Any]) -> None:
    assert noted["typed"]["covariance"] == [0.002, 0.0, 0.002]


def test_keys_do_what_they_do_in_the_view_unless_something_is_typed(noted: dict[str, Any]) -> None:
    visit = noted["keys"]
    assert visit["F"] and not visit["F while typing"]
    assert visit["typing"] and not visit["ended by the Escape that ends typing"]
    assert visit["plus"] == pytest.approx(0.25)


def test_every_setting_and_action_has_a_widget_with_a_tooltip(noted: dict[str, Any]) -> None:
    visit = noted["tables"]
    assert visit["missing"] == [] and visit["unexplained"] == []
    assert set(visit["groups"]) <= set(visit["panel groups"])


def test_what_cannot_be_used_says_why(noted: dict[str, Any]) -> None:
    assert "Not now: only for the wipe" in noted["refusals"]["divider"]
    assert "Not now: no training is under way" in noted["refusals"]["stop-training"]
    assert "Not now" not in noted["refusals"]["anisotropy"]


def test_two_thousand_refreshes_leave_the_items_as_many(noted: dict[str, Any]) -> None:
    assert noted["items"]["before"] == noted["items"]["after"]


def test_a_hidden_panel_comes_back_where_it_was(noted: dict[str, Any]) -> None:
    visit = noted["hiding"]
    assert visit["before"] == visit["hidden"] == visit["after"]
    assert visit["Tab while hidden"] and not visit["seen while hidden"] and visit["seen after"]


def test_what_goes_wrong_in_a_callback_is_a_message(noted: dict[str, Any]) -> None:
    assert noted["failure"]["message"] == "ZeroDivisionError: division by zero"


def test_the_share_that_passes_is_the_mean_over_directions(noted: dict[str, Any]) -> None:
    assert noted["passed"]["closed"] == pytest.approx(noted["passed"]["summed"], abs=1e-6)


class Visit:
    """A person at the panel."""

    def __init__(self, window: Any, session: Any, panel: Any) -> None:
        self.window, self.session, self.panel = window, session, panel

    def frames(self, count: int = 4) -> None:
        for _ in range(count):
            list(self.window.events())
            self.session.advance()
            self.panel.draw()
            self.window.wait(0.01)

    def xdo(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True)
        self.frames()

    def at(self, name: str, right: float = 0.5, down: float = 0.5) -> tuple[int, int]:
        left, top, width, height = self.panel.widget_boxes()[name]
        return round(left + right * width), round(top + down * height)

    def click(self, at: tuple[int, int]) -> None:
        self.xdo("mousemove", *at)
        self.xdo("click", 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.xdo("mousemove", *start)
        self.xdo("mousedown", 1)
        for share in (0.5, 1.0):
            self.xdo("mousemove", *(round(a + (b - a) * share) for a, b in zip(start, end, strict=True)))
        self.xdo("mouseup", 1)

    def type(self, name: str, text: str) -> None:
        self.click(self.at(name))
        self.xdo("key", "ctrl+a")
        self.xdo("type", text)
        self.xdo("key", "Return")
        self.frames(8)

    def pull(self, right: float, up: float) -> tuple[int, int]:
        """The point that far from the ellipse's middle."""
        x, y = self.at("ellipse")
        return round(x + right), round(y - up)


def visit_slider(visit: Visit) -> None:
    visit.drag(visit.at("log10-variance", 0.2), visit.at("log10-variance", 0.5))
    NOTED["slider"] = {"covariance": pictures(visit.session).controls.covariance}


def visit_passing(visit: Visit) -> None:
    before = pictures(visit.session).axes
    left, top = visit.pull(-150, 0)
    visit.drag((left, top), visit.pull(60, 10))
    NOTED["passing"] = {"before": vars(before), "after": vars(pictures(visit.session).axes)}


def visit_ellipse(visit: Visit) -> None:
    _, _, side, _ = visit.panel.widget_boxes()["ellipse"]
    radius = side / 2 - 8
    diagonal = radius * 5 / 6 / math.sqrt(2)
    visit.drag(visit.pull(radius / 2, 0), visit.pull(diagonal, diagonal))
    long = vars(pictures(visit.session).axes)
    end = radius / 2 / math.sqrt(2)
    visit.drag(visit.pull(-end, end), visit.pull(-end / 2, end / 2))
    NOTED["ellipse"] = {"long": long, "pulled": -1.0, "short": vars(pictures(visit.session).axes)}


def visit_nonsense(visit: Visit) -> None:
    import dearpygui.dearpygui as dpg

    for name, group in (("covariance", "Filter"), ("variance", "Filter"), ("zoom", "View")):
        visit.panel.unfold(group)
        visit.frames()
        before = pictures(visit.session).controls
        visit.type(name, "nonsense")
        message = visit.session.messages.shown(visit.session.now)
        NOTED[f"nonsense in {name}"] = {
            "before": asdict(before), "after": asdict(pictures(visit.session).controls),
            "message": message and message.text,
            "shown": dpg.get_value(visit.panel._board.widgets[name]),
        }  # fmt: skip
    visit.panel.unfold("Filter", "View")
    visit.frames()


def visit_typed(visit: Visit) -> None:
    visit.type("variance", "2e-3")
    NOTED["typed"] = {"covariance": pictures(visit.session).controls.covariance}


def visit_keys(visit: Visit) -> None:
    session, noted = visit.session, {}
    visit.xdo("key", "f")
    noted["F"] = pictures(session).controls.foveated
    visit.xdo("key", "f")
    size = pictures(session).axes.log10_variance
    visit.xdo("key", "plus")
    noted["plus"] = pictures(session).axes.log10_variance - size
    visit.click(visit.at("variance"))
    noted["typing"] = visit.panel.typing
    visit.xdo("key", "f")
    noted["F while typing"] = pictures(session).controls.foveated
    visit.xdo("key", "Escape")
    noted["ended by the Escape that ends typing"] = session.ended
    NOTED["keys"] = noted


def visit_tables(visit: Visit) -> None:
    import dearpygui.dearpygui as dpg

    from app.actions import ACTIONS
    from app.panel import GROUPS
    from app.settings import SETTINGS

    board, entries = visit.panel._board, [*SETTINGS, *ACTIONS]
    NOTED["tables"] = {
        "groups": sorted({entry.group for entry in entries}),
        "panel groups": list(GROUPS),
        "missing": [entry.name for entry in entries if entry.name not in board.widgets],
        "unexplained": [
            name for name, tip in board.tips.items()
            if not any(entry.meaning in dpg.get_value(tip) for entry in entries if entry.name == name)
        ],
    }  # fmt: skip
    NOTED["refusals"] = {name: dpg.get_value(tip) for name, tip in board.tips.items()}


def visit_items(visit: Visit) -> None:
    import dearpygui.dearpygui as dpg

    visit.frames()
    before = len(dpg.get_all_items())
    for k in range(2000):
        pictures(visit.session).set_axes(log10_variance=-4 + k / 1000, anisotropy=k / 1000)
        visit.panel._refresh()
    visit.frames()
    NOTED["items"] = {"before": before, "after": len(dpg.get_all_items())}


def visit_hiding(visit: Visit) -> None:
    panel, session = visit.panel, visit.session
    noted = {"before": panel.placement}
    panel.visible = False
    visit.frames()
    noted |= {"hidden": panel.placement, "seen while hidden": _is_seen()}
    session.panel_shown = False
    visit.xdo("windowfocus", _panel_window())
    visit.xdo("key", "Tab")
    noted["Tab while hidden"] = session.panel_shown
    panel.visible = True
    visit.frames(10)
    NOTED["hiding"] = noted | {"after": panel.placement, "seen after": _is_seen()}


def _panel_window() -> str:
    return subprocess.check_output(["xdotool", "search", "--name", "Fieldscope panel"], text=True).split()[-1]


def _is_seen() -> bool:
    place = subprocess.check_output(["xdotool", "getwindowgeometry", "--shell", _panel_window()], text=True)
    return int(dict(line.split("=") for line in place.split())["X"]) >= 0


def visit_failure(visit: Visit) -> None:
    visit.panel._board.guarded(lambda: 1 / 0)
    NOTED["failure"] = {"message": visit.session.messages.shown(visit.session.now).text}
    visit.session.messages.dismiss()


def visit_passed(visit: Visit) -> None:
    from app.scenes.picture.panel.spectrum import passed_share

    frequencies, long, short = np.linspace(0, 20, 5), 3e-3, 1e-4
    turn = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)[:, None]
    along = short + (long - short) * np.cos(turn) ** 2
    summed = np.log10(np.exp(-4 * np.pi**2 * frequencies**2 * along).mean(0))
    NOTED["passed"] = {"closed": passed_share(frequencies, long, short).tolist(), "summed": summed.tolist()}


VISITS: tuple[Callable[[Visit], None], ...] = (
    visit_slider, visit_passing, visit_ellipse, visit_nonsense, visit_typed, visit_keys, visit_tables, visit_items,
    visit_hiding, visit_failure, visit_passed,
)  # fmt: skip


def main() -> None:
    """Make every visit, in order, and print what was noted."""
    import torch
    from driving import field_file, picture_file

    from app.layout_file import Layout
    from app.panel import GROUPS, open_panel
    from app.session import Session
    from app.window.window import open_window

    folder = Path.cwd()
    picture = picture_file(folder, np.random.default_rng(0).random((16, 16, 3)).astype(np.float32))
    unfolded = {title: title in ("Filter", "View") for title in GROUPS}
    with open_window("Fieldscope", (0, 0, 400, 300)) as window:
        session = Session(torch.device("cpu"), Layout(recent=(str(picture),)), folder / "trained")
        session.framebuffer_px = (32, 32)
        session.open([str(field_file(folder, picture))])
        with open_panel(session, (500, 20, 460, 1160), unfolded, 1.0) as panel:
            visit = Visit(window, session, panel)
            wait_until(
                lambda: visit.frames(1) or (pictures(session).document is not None and not session.background.pending)
            )
            visit.frames(30)
            for make in VISITS:
                make(visit)
        session.close()
    print(json.dumps(NOTED))


if __name__ == "__main__":
    main()
