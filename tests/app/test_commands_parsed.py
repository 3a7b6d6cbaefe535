from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import DrivenSession, driven, field_file, picture_file

import app.cli
import fieldcore.cli
from app.commands import COMMANDS, render_command
from app.scenes.picture.commands import evaluate_command, fit_command, score_command, window_command
from app.scenes.picture.state import pictures
from app.settings import BY_NAME
from fieldcore.errors import InputError


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    """One with a field of a picture in a folder with a space in its name."""
    folder = tmp_path / "my pictures"
    folder.mkdir()
    picture = picture_file(folder, np.random.default_rng(0).random((8, 16, 3)).astype(np.float32))
    with driven(folder, recent=(str(picture),)) as session:
        session.open([str(field_file(folder, picture)), str(field_file(folder, picture, "other.safetensors"))])
        session.until(lambda: len(pictures(session).documents) == 2)
        yield session


@pytest.fixture
def parsed() -> Any:
    """What a command line is understood as, without doing it."""
    understand = {"fieldscope": app.cli.understood, "fieldcore": fieldcore.cli.command_of}

    def parse(line: str) -> Any:
        program, *arguments = shlex.split(line)
        return understand[program](arguments)

    return parse


def test_a_fresh_window_needs_no_flags(session: DrivenSession, parsed: Any) -> None:
    assert shlex.split(window_command(session)) == ["fieldscope", pictures(session).controls.field]
    assert parsed(window_command(session)).sources == (pictures(session).controls.field,)


def test_the_window_opens_as_it_is_now(session: DrivenSession, parsed: Any) -> None:
    pictures(session).change(
        covariance=(1e-3, 0.0, 1e-3), center=(-0.25, 0.5), zoom=3.0, layout="two_up", right="other"
    )
    pictures(session).change(caption=False, foveated=True, falloff=0.3, error_range=0.05, divider=0.25)
    options = parsed(window_command(session))
    assert options.sources == (pictures(session).controls.field, pictures(session).controls.other)
    assert (options.variance, options.covariance) == (1e-3, None)
    assert options.center == "-0.25,0.5"
    assert (options.zoom, options.falloff, options.error_range, options.divider) == (3.0, 0.3, 0.05, 0.25)
    assert (options.layout, options.right, options.foveated, options.caption) == ("two_up", "other", True, False)


@pytest.mark.parametrize("angle_deg", [-60.0, 0.0, 12.0, 90.0])
def test_a_covariance_survives_the_command_line(session: DrivenSession, parsed: Any, angle_deg: float) -> None:
    pictures(session).set_axes(log10_variance=-2.0, anisotropy=4.0, angle_deg=angle_deg)
    wanted, text = pictures(session).controls.covariance, parsed(window_command(session)).covariance
    BY_NAME["covariance"].set(session, text)
    assert pictures(session).controls.covariance == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_the_picture_is_evaluated_as_it_is_shown(session: DrivenSession, parsed: Any) -> None:
    pictures(session).change(covariance=(0.01, 0.0, 0.01))
    command = parsed(evaluate_command(session))
    assert (command.fields, command.variance, command.covariance) == ((pictures(session).controls.field,), 0.01, None)
    assert (command.size, str(command.out)) == (16, "smooth.png")
    pictures(session).change(covariance=(0.01, -0.002, 0.001))
    assert parsed(evaluate_command(session)).covariance == "0.01,-0.002,0.001"


def test_a_map_has_a_command_with_one_size_or_with_one_an_axis(session: DrivenSession, parsed: Any) -> None:
    pictures(session).change(kernel="tent", half_size=(0.3, 0.3), half_size_map="radial", half_size_least=0.01)
    assert parsed(evaluate_command(session)).half_size_range == "0.01,0.3"
    pictures(session).change(half_size=(0.3, 0.0))
    assert parsed(evaluate_command(session)).half_size_range == "0.01,0.3,0"


def test_where_there_is_no_command_for_the_picture_a_sentence_says_why(session: DrivenSession) -> None:
    command = COMMANDS["this picture"]
    pictures(session).change(covariance=(0.01, 0.0, 0.01), half_size_map="radial")
    assert command.words(session) == "" and "maps of kernels, not of Gaussians" in command.words_or_reason(session)[1]
    pictures(session).set_foveated(True)
    assert command.words(session) == "" and "no gaze to foveate about" in command.words_or_reason(session)[1]


@pytest.mark.parametrize(
    ("rule", "value"), [("seconds", 2.5), ("steps", 1_000_000), ("target_psnr", 37.5), ("plateau", 300)]
)
def test_training_follows_the_plan(session: DrivenSession, parsed: Any, rule: str, value: float) -> None:
    session.training.plan = replace(session.training.plan, kind="spectral", rule=rule, seed=3, **{rule: value})
    command = parsed(fit_command(session))
    assert command.sources == (pictures(session).document.signal_source,)
    assert (command.kind, command.preset, command.seed) == ("spectral", "preview", 3)
    given = {name: getattr(command, name) for name in ("seconds", "steps", "target_psnr", "plateau")}
    assert {name: number for name, number in given.items() if number is not None} == {rule: value}


def test_any_setting_of_the_recipe_is_part_of_the_plan(session: DrivenSession, parsed: Any) -> None:
    for name, value in (("kind", "scale_space"), ("settings", "width=16 loss=absolute")):
        BY_NAME[name].set(session, value)
    assert parsed(fit_command(session)).settings == ("width=16", "loss=absolute")
    assert session.training.plan.recipe_changes == {"width": 16, "loss": "absolute"}
    with pytest.raises(InputError, match=r"settings: expected one of .*width.*, got 'wdth'; did you mean width"):
        BY_NAME["settings"].set(session, "wdth=16")
    BY_NAME["kind"].set(session, "spectral")
    assert session.training.plan.changes == ""


def test_the_score_is_against_the_picture(session: DrivenSession, parsed: Any) -> None:
    command = parsed(score_command(session))
    assert (command.field, command.signal) == (
        pictures(session).controls.field,
        pictures(session).document.signal_source,
    )


def test_a_saved_path_can_be_rendered(session: DrivenSession, parsed: Any, tmp_path: Path) -> None:
    assert render_command(session) == ""
    session.add_keyframe()
    pictures(session).step_size(1.0)
    session.add_keyframe()
    session.save_path(tmp_path / "a path.json")
    session.recording.settings = replace(session.recording.settings, size="1280x720", video=True)
    options = parsed(render_command(session))
    assert options.render_path == tmp_path / "a path.json"
    assert (options.size, str(options.out), str(options.video)) == ("1280x720", "frames", "a path.mp4")


def test_without_a_field_there_is_only_the_window(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        lines = [command.words(session) for command in COMMANDS.values()]
    assert [line for line in lines if line] == ["fieldscope"]
