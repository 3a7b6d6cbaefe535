"""The arithmetic of dense layers: quick where it may be, and never visible."""

from __future__ import annotations

import pytest
import torch
from solids import shape_facts

from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.field import dense_dtype
from fieldcore.filters import Gaussian
from fieldcore.fitting import Stop, fit
from fieldcore.signals import Picture

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_which_arithmetic_is_used_where(monkeypatch) -> None:
    capability = (9, 0)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert dense_dtype("auto", CUDA, training=True) == torch.bfloat16
    assert dense_dtype("auto", CUDA, training=False) == torch.float16
    assert {dense_dtype("float32", device, training) for device in (CPU, CUDA) for training in (True, False)} == {
        torch.float32
    }
    for precision in ("auto", "bfloat16"):
        assert dense_dtype(precision, CPU, training=False) == torch.float32, "the same picture wherever it is loaded"
    assert dense_dtype("auto", CUDA, training=False, distance=True) == torch.float32, "normals are differences"
    assert dense_dtype("auto", CUDA, training=True, distance=True) == torch.bfloat16
    capability = (6, 1)  # slower at float16 than at float32
    assert dense_dtype("auto", CUDA, training=False) == torch.float32
    assert dense_dtype("auto", CUDA, training=True) == torch.float32


@pytest.mark.parametrize("kind", ["spectral", "scale_space"])
def test_half_precision_changes_a_picture_by_less_than_half_a_level(kind, smooth_pixels, monkeypatch) -> None:
    picture = Picture(smooth_pixels)
    field = build_field(preset_recipe(kind, "preview", picture.facts), picture.facts)
    for _ in fit(field, picture, stop=Stop(steps=20)):
        pass
    field.eval()
    x = 2 * torch.rand(2000, 2, generator=torch.Generator().manual_seed(0)) - 1
    with torch.no_grad():
        whole = field(x, Gaussian(1e-3))
        monkeypatch.setattr("fieldcore.fields.field.has_quick_float16", lambda device: True)
        half = field(x, Gaussian(1e-3))
    difference = (half - whole).abs().max()
    assert 0 < float(difference) < 0.5 / 255


@pytest.mark.parametrize("kind", ["spectral", "scale_space", "trained_pyramid"])
def test_distances_are_evaluated_in_float32_wherever_float16_is_quick(kind, monkeypatch) -> None:
    facts = shape_facts()
    field = build_field(preset_recipe(kind, "preview", facts), facts).eval()
    x = 2 * torch.rand(500, 3, generator=torch.Generator().manual_seed(0)) - 1
    with torch.no_grad():
        whole = field(x, Gaussian(1e-3))
        monkeypatch.setattr("fieldcore.fields.field.has_quick_float16", lambda device: True)
        assert torch.equal(field(x, Gaussian(1e-3)), whole)
