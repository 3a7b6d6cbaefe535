"""LPIPS is used only where its weights are at hand, and never downloads them."""

import sys
import types

import numpy as np
import pytest
import torch

from fieldcore import perceptual


@pytest.fixture(autouse=True)
def fresh_cache():
    perceptual._network.cache_clear()
    yield
    perceptual._network.cache_clear()


@pytest.fixture
def fake_lpips(monkeypatch):
    """A stand-in package whose distance is the mean absolute difference of what it is given."""

    class MeanDifference(torch.nn.Module):
        def __init__(self, net, verbose):
            super().__init__()
            assert net == "alex"

        def forward(self, reference, test):
            assert reference.shape[1] == 3
            return (reference - test).abs().mean()

    module = types.ModuleType("lpips")
    module.LPIPS = MeanDifference
    monkeypatch.setitem(sys.modules, "lpips", module)


GREY, WHITE = np.full((64, 80, 3), 0.5, np.float32), np.ones((64, 80, 3), np.float32)


def test_without_weights_it_is_left_out(tmp_path, monkeypatch, fake_lpips):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert perceptual.lpips_distance(GREY, WHITE) is None


def test_with_weights_it_compares_pictures_scaled_to_minus_one_and_one(tmp_path, monkeypatch, fake_lpips):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "alexnet-owt-7be5be79.pth").touch()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert perceptual.lpips_distance(GREY, WHITE) == pytest.approx(1.0)
    assert perceptual.lpips_distance(GREY[:32], WHITE[:32]) is None
