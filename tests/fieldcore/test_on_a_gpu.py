"""Fields on a GPU: the same values as on the processor, the same bounds, and no switch left behind."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, evaluate
from fieldcore.fields import build_field, default_preset, kinds_for, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.fields.lipschitz import ORTHOGONAL_MAPS, LipschitzNetwork
from fieldcore.filters import Gaussian
from fieldcore.fitting import Stop, fit
from fieldcore.signals import Picture

NARROW = torch.tensor([[1e-2, 5e-3], [5e-3, 4e-3]])


def field_of(kind: str, picture: Picture) -> Field:
    return build_field(preset_recipe(kind, default_preset(kind, "picture"), picture.facts), picture.facts).eval()


@pytest.fixture
def picture(smooth_pixels: np.ndarray) -> Picture:
    return Picture(smooth_pixels, "waves.png")


@pytest.mark.parametrize("kind", sorted(kinds_for(2)))
@pytest.mark.parametrize("filter", [None, 1e-3, 1e-1, NARROW], ids=["none", "1e-3", "1e-1", "matrix"])
def test_values_are_those_of_the_processor(gpu: torch.device, picture: Picture, kind: str, filter: object) -> None:
    field = field_of(kind, picture)
    gaussian = None if filter is None else Gaussian(filter)  # type: ignore[arg-type]
    grid = Grid.covering(picture.facts.half_extent, 64)
    try:
        expected = evaluate(field, grid, gaussian)
    except InputError as error:
        pytest.skip(str(error))
    got = evaluate(copy.deepcopy(field).to(gpu), grid, gaussian)
    assert got.device.type == "cuda"
    spread = float(expected.std()) + 1e-3
    assert float((got.cpu().float() - expected).abs().max()) < 0.02 * spread + 5e-3, "float16 is 11 bits"


@pytest.mark.parametrize("kind", sorted(kinds_for(2)))
def test_a_training_lowers_the_loss_and_ends_with_finite_numbers(
    gpu: torch.device, picture: Picture, kind: str
) -> None:
    signal = picture.to(gpu)
    field = field_of(kind, picture).to(gpu)
    progress = list(fit(field, signal, stop=Stop(steps=60)))
    losses = [one.loss for one in progress if math.isfinite(one.loss)]
    assert losses and min(losses) <= losses[0]
    assert all(torch.isfinite(parameter).all() for parameter in field.parameters())
    assert progress[-1].psnr is None or progress[-1].psnr > 5


@pytest.mark.parametrize("orthogonal_map", sorted(ORTHOGONAL_MAPS))
def test_no_layer_passes_its_bound_even_where_tf32_is_allowed(gpu: torch.device, orthogonal_map: str) -> None:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        generator = torch.Generator().manual_seed(0)
        network = LipschitzNetwork(256, 3, orthogonal_map, generator).to(gpu)  # type: ignore[arg-type]
        with torch.no_grad():
            W, _ = network.weights()
            largest = torch.linalg.matrix_norm(W.cpu().double(), 2)
            bound = network.s.sigmoid().amax(1).cpu().double()
    finally:
        torch.set_float32_matmul_precision(before)
    assert float((largest - bound).max()) < 1e-5, "with products in TF32 it is 1e-3"


def test_choosing_the_gpu_changes_no_switch_of_the_process(gpu: torch.device) -> None:
    from fieldcore.devices import choose_device

    before = torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32
    assert choose_device("cuda").type == choose_device("auto").type == "cuda"
    assert (torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32) == before


def test_the_result_of_a_training_of_a_few_steps_is_json(
    gpu: torch.device, picture: Picture, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loss of the latest steps is still on its way then."""
    from fieldcore.cli import run
    from fieldcore.images import write_image

    write_image(tmp_path / "waves.png", picture.pixels)
    command = ["fit", "picture", str(tmp_path / "waves.png"), "--kind", "spectral", "--steps", "5", "--json"]
    assert run([*command, "--device", "cuda", "--out", str(tmp_path / "f.safetensors")]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    json.loads(told, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
