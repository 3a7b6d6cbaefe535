"""Files of pyramids from before the solved and the trained one were two kinds.

The files and what they answered, ``pyramid_outputs.safetensors``, were written by that version: fields of a picture of
12 x 10 pixels and of a ball.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from fieldcore.checkpoint import load_field
from fieldcore.errors import InputError
from fieldcore.filters import Gaussian

FOLDER = Path(__file__).parent / "old_files"
OUTPUTS = load_file(FOLDER / "pyramid_outputs.safetensors")


@pytest.mark.parametrize("name", ["trained", "trained_shape"])
@torch.no_grad()
def test_what_was_trained_answers_as_it_did_to_the_bit(name: str) -> None:
    field = load_field(FOLDER / f"pyramid_{name}.safetensors")
    assert field.kind == "trained_pyramid"
    x = OUTPUTS[f"{name}.x"]
    assert torch.equal(field(x), OUTPUTS[f"{name}.unfiltered"])
    assert torch.equal(field(x, Gaussian(1e-2)), OUTPUTS[f"{name}.isotropic"])
    assert torch.equal(field(x, Gaussian(torch.logspace(-5, 0, 40))), OUTPUTS[f"{name}.per_point"])
    # Probes are closer together now.
    covariance = torch.diag(torch.tensor([1e-2, 1e-3, 4e-3][: field.dim]))
    covariance[0, 1] = covariance[1, 0] = 1e-3
    torch.testing.assert_close(field(x, Gaussian(covariance)), OUTPUTS[f"{name}.covariance"], rtol=0, atol=5e-3)


@torch.no_grad()
def test_what_was_solved_for_is_the_same_signal_in_todays_form() -> None:
    field = load_field(FOLDER / "pyramid_linear.safetensors")
    assert field.kind == "pyramid"
    torch.testing.assert_close(field(OUTPUTS["linear.x"]), OUTPUTS["linear.unfiltered"], rtol=0, atol=2e-6)
    cubic = load_field(FOLDER / "pyramid_cubic.safetensors")
    torch.testing.assert_close(cubic(OUTPUTS["linear.x"]), OUTPUTS["linear.unfiltered"], rtol=0, atol=2e-6)
    ball = load_field(FOLDER / "pyramid_shape.safetensors")
    x = OUTPUTS["shape.x"]
    error = (ball(x)[:, 0] - (x.norm(dim=1) - 0.5)).square().mean().sqrt()
    error_then = (OUTPUTS["shape.unfiltered"][:, 0] - (x.norm(dim=1) - 0.5)).square().mean().sqrt()
    assert float(error) < 1.3 * float(error_then)


def test_a_network_on_top_of_solved_levels_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match="a network trained on top of solved levels"):
        load_field(FOLDER / "pyramid_warm_network.safetensors")
