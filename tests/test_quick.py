"""``pytest --quick``: whoever trains, draws or starts a program is left out at that moment, and nobody else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import moderngl
import pytest
import torch
from quick import leaving_out

import fieldcore
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.signals import Ackley


@pytest.fixture
def quick() -> Iterator[None]:
    with leaving_out():
        yield


def build_ackley() -> Field:
    facts = Ackley().facts
    return build_field(preset_recipe("spectral", "preview", facts), facts)


def test_training_is_left_out_by_whatever_name(quick: None) -> None:
    with pytest.raises(pytest.skip.Exception, match="trains"):
        next(fieldcore.fit(build_ackley(), Ackley()))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    with pytest.raises(pytest.skip.Exception, match="trains"):
        optimizer.step()


def test_solving_is_left_out(quick: None) -> None:
    facts = Ackley().facts
    with pytest.raises(pytest.skip.Exception, match="solves"):
        build_field(preset_recipe("pyramid", "picture", facts), facts).prepare(Ackley())


def test_drawing_and_programs_are_left_out(quick: None) -> None:
    with pytest.raises(pytest.skip.Exception, match="OpenGL"):
        moderngl.create_context(standalone=True, backend="egl")  # type: ignore[arg-type]
    for command in ([sys.executable, "-c", ""], ["Xvfb", "-displayfd", "1"]):
        with pytest.raises(pytest.skip.Exception, match="program"):
            subprocess.run(command)
    assert subprocess.run(["true"]).returncode == 0


def test_afterwards_all_is_as_it_was() -> None:
    with leaving_out():
        pass
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    optimizer.step()
    assert next(iter(fieldcore.fit(build_ackley(), Ackley()))).step == 1
    assert subprocess.run([sys.executable, "-c", ""]).returncode == 0
