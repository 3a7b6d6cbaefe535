"""The panel on a screen nobody sees: every setting and action is there, and a hand on it changes the session."""

from __future__ import annotations

import json
from typing import Any

import pytest
from preloaded import run_preloaded
from screen import ROOT, screen

PROGRAM = r"""
import json, subprocess, sys
from dataclasses import replace
from pathlib import Path
import torch
from patience import wait_until
import dearpygui.dearpygui as dpg
from app.actions import ACTIONS
from app.window.instrument import open_instrument, open_session
from app.layout_file import Layout, Look
from app.panel import GROUPS
from app.resources import asset_path
from app.settings import SETTINGS
from app.scenes.picture.state import pictures

layout = Layout(view_window=(0, 0, 300, 300), panel_window=(320, 0, 460, 1500), open_groups={t: True for t in GROUPS})
result = {}

def xdo(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)
    run()

def run(passes=8):
    for _ in range(passes):
        instrument.window.wait(instrument.step())

def run_until(there):
    wait_until(lambda: run(1) or there())

def said():
    message = session.messages.shown(session.now)
    return message.text if message else ""

with open_session(layout, torch.device("cpu"), Path("trained")) as session, open_instrument(session) as instrument:
    instrument.open([str(asset_path("pyramid.safetensors"))])
    run_until(lambda: pictures(session).documents and not session.background.pending)
    run(16)
    panel = instrument.panel
    board = panel._board
    groups = {a.group for a in ACTIONS} - {"View"}
    result["without_widget"] = [
        entry.name for entry in (*ACTIONS, *SETTINGS) if entry.group in groups and entry.name not in board.widgets
        and entry.name not in ("foveated", "smoother", "sharper")
    ]
    result["without_tooltip"] = [bound.widget for bound in board._settings if not dpg.get_value(bound.tip)]

    def box(name):
        x, y, width, height = panel.widget_boxes()[name]
        return x, y + height // 2, width, height

    x, y, width, height = box("log10-variance")
    xdo("mousemove", x + 10, y, "mousedown", 1)
    shown = lambda: {dpg.get_item_configuration(tip)["show"] for tip in board._tooltips}
    result["tooltips"] = [shown()]
    xdo("mousemove", x + width // 2, y)
    result["tooltips"].append(shown())
    xdo("mouseup", 1)
    result["tooltips"].append(shown())
    xdo("mousemove", x + width // 2, y + 3)
    run_until(lambda: shown() == {True})
    result["tooltips"] = [sorted(one) for one in result["tooltips"]]
    run_until(lambda: session.explaining.pointed is not None)
    xdo("key", "question")
    run_until(lambda: session.explaining.topic is not None)
    result["explained"] = [session.explaining.pointed.name, session.explaining.topic.name]
    xdo("key", "Escape")
    run_until(lambda: session.explaining.topic is None)
    result["slid"] = pictures(session).controls.covariance

    x, y, width, height = panel.widget_boxes()["ellipse"]
    middle = (x + width // 2, y + height // 2)
    pictures(session).set_axes(log10_variance=-3.0, anisotropy=1.0, angle_deg=0.0)
    run()
    long = (width / 2 - 8) * (-2.5 + 6) / 6  # from the middle, where the ring stands for variance 1
    xdo("mousemove", middle[0] + round(long), middle[1], "mousedown", 1)
    xdo("mousemove", middle[0] + 40, middle[1] - 40)
    xdo("mousemove", middle[0] + 60, middle[1] - 60)
    xdo("mouseup", 1)
    axes = pictures(session).axes
    result["pulled"] = [axes.log10_variance, axes.anisotropy, axes.angle_deg]

    x, y, width, height = box("covariance")
    xdo("mousemove", x + width // 2, y)
    xdo("click", 1)
    xdo("key", "ctrl+a")
    xdo("type", "nonsense")
    xdo("key", "Return")
    run_until(lambda: said().startswith("covariance"))
    result["nonsense"] = said()
    xdo("mousemove", x + width // 2, y)
    xdo("click", 1)
    xdo("key", "ctrl+a")
    xdo("type", "0.001,0,0.002")
    xdo("key", "Return")
    run_until(lambda: pictures(session).controls.covariance == (0.001, 0.0, 0.002))
    result["typed"] = pictures(session).controls.covariance

    pictures(session).change(covariance=(0.01, 0.0, 0.01))
    x, y, width, height = box("variance")
    xdo("mousemove", x + 10, y)
    xdo("click", 1)
    xdo("key", "End")
    board._select_all(board.widgets["variance"])  # as a double click does, which would have to be quick
    run()
    xdo("type", "1e-3")
    xdo("key", "Return")
    run_until(lambda: pictures(session).controls.covariance != (0.01, 0.0, 0.01))
    result["typed after a double click"] = pictures(session).controls.covariance

    panel.unfold("Compare")
    run()
    x, y, width, height = box("compare-wipe")
    xdo("mousemove", x + width // 2, y)
    xdo("click", 1)
    run_until(lambda: pictures(session).controls.layout == "wipe")
    result["layout"] = pictures(session).controls.layout
    xdo("key", "g")
    run_until(lambda: pictures(session).controls.left == "truth")
    result["after_key"] = pictures(session).controls.left

    before = len(dpg.get_all_items())
    for index in range(2000):
        pictures(session).set_axes(log10_variance=-6.0 + index % 60 / 10, angle_deg=float(index % 90))
        board.refresh()
    result["more_items"] = len(dpg.get_all_items()) - before
    result["errors"] = session.messages.errors
    widgets = set(board.widgets)
    usual = session.layout.look
    session.layout = replace(session.layout, look=Look(20.0, "light", "right"))
    run_until(lambda: panel._board.unit == board.unit * 20 / 15)
    result["another look"] = [set(panel._board.widgets) == widgets, len(dpg.get_all_items()) - before]
    session.layout = replace(session.layout, look=usual)
    run_until(lambda: panel._board.unit == board.unit)
    xdo("key", "Tab")
    result["hidden"] = [panel.visible, panel.placement]
    session.panel_shown = True
    run()
    result["back"] = [panel.visible, panel.placement]
print(json.dumps(result))
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("panel")
    with screen(1200, 1600) as display:
        environment = {
            "DISPLAY": display, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin",
            "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder),
        }  # fmt: skip
        done = run_preloaded(["-c", PROGRAM], cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_setting_and_action_of_its_groups_is_there_and_explains_itself(result: dict[str, Any]) -> None:
    assert result["without_widget"] == [] and result["without_tooltip"] == []


def test_a_slider_that_is_dragged_changes_the_filter(result: dict[str, Any]) -> None:
    xx, xy, yy = result["slid"]
    assert xx == yy and xy == 0
    assert 10**-3.4 < xx < 10**-2.6, "the middle of a slider from -6 to 0"


def test_the_long_axis_of_the_ellipse_is_pulled_and_turned(result: dict[str, Any]) -> None:
    size, anisotropy, angle = result["pulled"]
    assert angle == pytest.approx(45.0, abs=2)
    assert size > -3.0 + 0.1, "it was pulled outwards"
    assert size - anisotropy / 2 == pytest.approx(-3.5, abs=0.05), "the short axis stays"


def test_nonsense_is_answered_and_numbers_are_taken(result: dict[str, Any]) -> None:
    assert result["nonsense"].startswith("covariance: expected 3 numbers with commas between, got 'nonsense'")
    assert result["typed"] == [0.001, 0.0, 0.002]


def test_a_double_click_takes_the_whole_number(result: dict[str, Any]) -> None:
    assert result["typed after a double click"] == [0.001, 0.0, 0.001]


def test_tooltips_stay_away_while_something_is_dragged_and_until_the_hand_moves_on(result: dict[str, Any]) -> None:
    assert result["tooltips"] == [[False], [False], [False]]


def test_buttons_and_keys_do_the_same_as_in_the_view(result: dict[str, Any]) -> None:
    assert result["layout"] == "wipe" and result["after_key"] == "truth"


def test_a_question_mark_explains_what_the_mouse_points_at(result: dict[str, Any]) -> None:
    assert result["explained"] == ["log10-variance"] * 2


def test_in_another_look_all_widgets_are_there_again_and_nothing_is_left_over(result: dict[str, Any]) -> None:
    assert result["another look"][0] and abs(result["another look"][1]) < 100


def test_refreshing_makes_no_items_and_no_errors(result: dict[str, Any]) -> None:
    assert result["more_items"] == 0 and result["errors"] == 0


def test_it_can_be_hidden_and_comes_back_where_it_was(result: dict[str, Any]) -> None:
    assert result["hidden"][0] is False
    assert result["back"] == [True, result["hidden"][1]]
