from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from waves import Waves

import app.cli
import app.explain.page
import app.reference
import fieldcore.cli
from app.cli import understood
from app.commands import COMMANDS, render_command
from app.document import Document
from app.layout_file import Layout
from app.scenes.picture.commands import evaluate_command, fit_command, score_command, window_command
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from app.session import Session
from app.settings import BY_NAME
from fieldcore.checkpoint import TrainingFacts
from fieldcore.fields import KINDS
from fieldcore.fitting import Stop


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(torch.device("cpu"), Layout(), tmp_path)
    document = Document(Path("my field.safetensors"), Waves(), TrainingFacts())
    document.signal_source = "holiday photo.png"
    pictures(session).documents["my field.safetensors"] = document
    pictures(session).controls = Controls(field="my field.safetensors")
    yield session
    session.close()


def test_the_window_opens_as_it_is(session: Session) -> None:
    assert window_command(session) == "fieldscope 'my field.safetensors'"
    pictures(session).controls = replace(
        pictures(session).controls, covariance=(1e-3, -5e-4, 2e-3), center=(-0.25, 0.5), zoom=2.5, layout="wipe",
        divider=0.3, caption=False, foveated=True,
    )  # fmt: skip
    words = shlex.split(window_command(session))
    assert words[0] == "fieldscope"
    options = understood(words[1:])
    assert options.sources == ("my field.safetensors",)
    assert (options.covariance, options.center) == ("0.001,-0.0005,0.002", "-0.25,0.5")
    assert (options.zoom, options.divider, options.layout) == (2.5, 0.3, "wipe")
    assert (options.caption, options.foveated, options.variance) == (False, True, None)


@pytest.mark.parametrize("command", [evaluate_command, score_command])
@pytest.mark.parametrize("covariance", [(0.0, 0.0, 0.0), (1e-3, 0.0, 1e-3), (1e-3, -5e-4, 2e-3)])
def test_the_numerics_take_what_is_printed(
    session: Session, command, covariance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    pictures(session).controls = replace(pictures(session).controls, covariance=covariance)
    words = shlex.split(command(session))
    assert words[0] == "fieldcore"
    assert fieldcore.cli.run(words[1:]) == 2
    assert "field 'my field.safetensors': no such file" in capsys.readouterr().err, "it was understood"


@pytest.mark.parametrize("rule", ["seconds", "steps", "target_psnr", "plateau"])
def test_the_training_is_understood(
    session: Session, rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    session.training.plan = replace(session.training.plan, kind="spectral", rule=rule, seed=3)
    words = shlex.split(fit_command(session))
    assert f"--{rule.replace('_', '-')}" in words and words[words.index("--seed") + 1] == "3"
    assert fieldcore.cli.run(words[1:]) == 2
    assert "picture 'holiday photo.png': no such file" in capsys.readouterr().err


def test_what_cannot_be_done_has_no_command(session: Session) -> None:
    assert render_command(session) == "", "no path was saved"
    session.path.file = Path("tour.json")
    session.framebuffer_px = (800, 600)
    words = shlex.split(render_command(session))
    options = understood(words[1:])
    assert (options.render_path, options.size) == (Path("tour.json"), "800x600")
    pictures(session).controls = Controls(field="")
    for name, command in COMMANDS.items():
        if name not in ("this window", "this path"):
            assert command.words(session) == ""


@pytest.mark.parametrize("file", sorted((Path(app.cli.__file__).parent).rglob("*.py")), ids=lambda file: file.stem)
def test_nothing_that_is_printed_names_a_module(file: Path) -> None:
    """``python -m app`` runs the user's own program in a folder that has an ``app.py``."""
    tree = ast.parse(file.read_text())
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    pages = {app.reference._HEAD, app.explain.page._HEAD}  # for those who change the tables
    for text in set(strings) - docs - pages:
        assert "python -m app" not in text and "python -m fieldcore" not in text


def test_what_is_solved_for_is_not_told_when_to_stop(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.training.plan = replace(session.training.plan, kind="spectral", rule="steps", steps=7)
    assert "--steps 7" in fit_command(session)
    monkeypatch.setattr(KINDS["spectral"], "is_solved", True)
    assert "--steps" not in fit_command(session) and session.training.plan.stop == Stop()
    for name in ("rule", "steps", "seconds", "plateau", "target-psnr"):
        assert BY_NAME[name].refusal(session) == "a spectral is solved for, and ends by itself"
