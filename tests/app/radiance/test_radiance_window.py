"""What cameras see in the real window: photographs are learned in view, and recordings render again without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from screen import Program, lay_out, rendered_again
from sphere_scenes import BALL, cameras_around, photograph, write_ball_scene, write_transforms

from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import Stop, fit
from fieldcore.views.views import Views

pytestmark = pytest.mark.long

VIEW = (160, 120)
BRIEF = """
import runpy
from dataclasses import replace
from app.work.trainer import Trainer

def begun(self, *arguments, begin=Trainer.__init__):
    begin(self, *arguments)
    changes = "points_per_step=64 finest_cells=24 levels=2 occupancy_cells=12 intervals=24"
    self.plan = replace(self.plan, rule="steps", steps=60, changes=changes)

Trainer.__init__ = begun
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
"""The program, whose trainings are of a small field and end soon."""

Start = Callable[..., Program]


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the program with a small view, the pointer in its middle."""
    with ExitStack() as stack:

        def start_program(*arguments: str, **options: object) -> Program:
            lay_out(tmp_path, VIEW)
            program = Program(display, tmp_path, *arguments, **options)  # type: ignore[arg-type]
            stack.callback(program.kill)
            program.wait_for("ready")
            program.xdo("mousemove", VIEW[0] // 2, VIEW[1] // 2)
            return program

        yield start_program


def drag(program: Program) -> None:
    column, row = VIEW[0] // 2, VIEW[1] // 2
    program.xdo("mousedown", 1)
    for step in range(1, 5):
        program.xdo("mousemove", column + 8 * step, row)
    program.xdo("mouseup", 1)


def test_photographs_are_learned_while_one_orbits_and_a_recording_is_rendered_again(
    start: Start, tmp_path: Path
) -> None:
    cameras = cameras_around(8, 24)
    write_transforms(tmp_path / "balls", cameras, [photograph(BALL, camera)[..., :3] for camera in cameras])
    program = start(str(tmp_path / "balls"), program=("-c", BRIEF))
    trained = program.wait_for("trained")
    assert trained["steps"] == 60 and Path(trained["field"]).suffix == ".safetensors"
    drag(program)
    program.wait_for("shown", scene="radiance", view=-1)
    program.key("r", "period")
    program.wait_for("shown", view=0)
    program.wait_for_frames(3)
    program.key("x")
    program.wait_for("shown", view=0, layout="wipe", right="photo")
    program.wait_for_movement(6)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, VIEW, least=6):
        assert np.abs(recorded - rendered).max() <= 2 / 255


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A surface that is little more than its hull; beside it one in other colours, and its photographs."""
    scene = write_ball_scene(tmp_path_factory.mktemp("scene") / "balls", 9, 24)
    views = Views.open(scene)
    small = {"points_per_step": 64, "finest_cells": 32, "samples": 8}
    field = build_field(preset_recipe("surface", "preview", views.facts).changed(small, "views"), views.facts)
    for _ in fit(field, views, stop=Stop(steps=2)):
        pass
    save_field(scene.parent / "balls.safetensors", field.eval(), TrainingFacts())
    field.look.layers[-1].bias.data += 1.0  # type: ignore[union-attr, operator, index]
    save_field(scene.parent / "pale.safetensors", field, TrainingFacts())
    return scene.parent / "balls.safetensors"


def test_outputs_of_a_surface_are_recorded_and_rendered_again(start: Start, surface: Path, tmp_path: Path) -> None:
    """Outlines beside a borrowed appearance, then where photographs agree, along a path that is played."""
    keyframes = [
        {"time": 0, "view": 0, "layout": "two_up", "left": "outline", "right": "borrowed"},
        {"time": 1, "view": 3, "left": "agreement"},
    ]
    path = {"format": "fieldscope-path", "version": 1, "scene": "radiance", "field": str(surface)}
    path |= {"truth": str(surface.with_name("balls")), "appearance": str(surface.with_name("pale.safetensors"))}
    path |= {"frames_per_second": 4}
    (tmp_path / "outputs.json").write_text(json.dumps({**path, "keyframes": keyframes}))
    program = start(str(tmp_path / "outputs.json"))
    program.shown_at_first(scene="radiance", view=0, left="outline", right="borrowed")
    program.key("r")
    program.wait_for_frames(2)
    program.key("p")
    program.wait_for("shown", view=3, left="agreement")
    program.wait_for_movement(5)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, VIEW, least=5):
        assert np.abs(recorded - rendered).max() <= 2 / 255
