"""Where to compute, and that exact products change nothing for anybody else."""

import subprocess
import sys
import threading

import pytest
import torch

from fieldcore import float32_products
from fieldcore.devices import choose_device, full_precision
from fieldcore.errors import InputError
from fieldcore.fields import build_field
from fieldcore.fields.lipschitz import ORTHOGONAL_MAPS, LipschitzNetwork
from fieldcore.fields.spectral import SpectralRecipe
from fieldcore.fitting import Stop, fit
from fieldcore.signals import Ackley


def precision() -> tuple[str, bool]:
    return torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32


@pytest.fixture(params=["highest", "high", "medium"])
def outside(request):
    """What a caller allows for the whole process."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(request.param)
    yield precision()
    torch.set_float32_matmul_precision(before)


def exact() -> bool:
    matmul = torch.backends.cuda.matmul
    return matmul.fp32_precision == "ieee" if hasattr(matmul, "fp32_precision") else not matmul.allow_tf32


def test_products_are_exact_within_and_as_before_after(outside):
    with full_precision():
        assert exact()
        with full_precision():
            assert exact()
        assert exact()
    assert precision() == outside
    with pytest.raises(ZeroDivisionError), full_precision():
        raise ZeroDivisionError
    assert precision() == outside


def test_threads_that_overlap_leave_it_as_it_was(outside):
    entered, leave = threading.Event(), threading.Event()

    def other():
        with full_precision():
            entered.set()
            leave.wait()

    with full_precision():
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait()
    assert exact()  # the other thread is still within
    leave.set()
    thread.join()
    assert precision() == outside


def test_products_on_a_processor_are_of_the_library_that_is_much_faster_and_exact(monkeypatch):
    monkeypatch.delenv("FIELDSCOPE_PRODUCTS", raising=False)
    setting = torch.backends.mkldnn.matmul
    before, tried = setting.fp32_precision, float32_products._tried
    exact_ones = {"MKL": ("ieee", "none"), "oneDNN": ("bf16",)}
    for seconds, expected in ((0.9, "MKL"), (0.4, "oneDNN"), (float("inf"), "MKL")):
        monkeypatch.setattr(float32_products, "_tried", lambda setting, took=seconds: {"MKL": 1.0, "oneDNN": took})
        float32_products.float32_products.cache_clear()
        assert float32_products.float32_products() == expected
        with full_precision():
            assert setting.fp32_precision in exact_ones[expected]
        assert setting.fp32_precision == before
    monkeypatch.setattr(float32_products, "_tried", tried)
    monkeypatch.setattr(float32_products, "_error", lambda product, true: 1e-3)  # as rounding to bfloat16 has
    float32_products.float32_products.cache_clear()
    assert float32_products.float32_products() == "MKL" and setting.fp32_precision == before
    monkeypatch.undo()
    float32_products.float32_products.cache_clear()


@pytest.mark.parametrize("name", ORTHOGONAL_MAPS)
@pytest.mark.parametrize("training", [True, False])
def test_orthogonal_maps_are_computed_exactly_whatever_is_allowed(name, training, outside, monkeypatch):
    seen = []
    original = ORTHOGONAL_MAPS[name]
    monkeypatch.setitem(ORTHOGONAL_MAPS, name, lambda S: seen.append(exact()) or original(S))
    network = LipschitzNetwork(8, 1, name, torch.Generator().manual_seed(0)).train(training)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        W, _ = network.weights()
    assert seen == [True]
    assert W.dtype == torch.float32
    assert precision() == outside


@pytest.mark.parametrize("arithmetic", ["float32", "auto"])
def test_a_training_in_float32_is_one_whatever_is_allowed(arithmetic, outside, monkeypatch):
    """Forwards and backwards; other trainings keep what the caller allows."""
    recipe = SpectralRecipe(width=4, points_per_step=4, precision=arithmetic)
    field = build_field(recipe, Ackley().facts)
    seen = []
    loss = field.loss

    def watched(signal, generator):
        value = loss(signal, generator)
        value.register_hook(lambda gradient: seen.append(exact()))
        return value

    monkeypatch.setattr(field, "loss", watched)
    for _ in fit(field, Ackley(), stop=Stop(steps=1)):
        pass
    assert seen == [arithmetic == "float32" or outside[0] == "highest"]
    assert precision() == outside


@pytest.mark.parametrize("name", ["auto", "cpu", "cpu:0", torch.device("cpu")])
def test_devices_that_there_are(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    before = precision()
    assert choose_device(name).type == "cpu"
    assert precision() == before


def test_one_of_several_devices_is_chosen_by_its_number(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    before = precision()
    assert str(choose_device("cuda:1")) == "cuda:1"
    assert str(choose_device("auto")) == "cuda"
    assert precision() == before
    with pytest.raises(InputError, match=r"--device cuda:2: this machine has no such device; it has cpu, cuda, cuda:1"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cuda:-1", "", "xpu:0", torch.device("meta")])
def test_names_that_are_none_are_refused_with_a_sentence(name):
    with pytest.raises(InputError, match="expected auto, cpu, cuda, mps, or one of several such as cuda:1"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps"])
def test_devices_that_there_are_not_are_refused_with_a_sentence(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(InputError, match=f"--device {name}: this machine has no such device; it has cpu"):
        choose_device(name)


def test_what_is_solved_for_does_not_wait_for_a_compiler():
    program = (
        "import sys, numpy, fieldcore\n"
        "fieldcore.train('pyramid', fieldcore.Picture(numpy.zeros((4, 4, 3), numpy.float32), 'black'))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_importing_changes_nothing_of_the_process():
    program = (
        "import os, torch\n"
        "def state():\n"
        "    os.umask(umask := os.umask(0))\n"
        "    return (umask, torch.get_num_threads(), torch.get_num_interop_threads(),\n"
        "            torch.get_float32_matmul_precision(), torch.get_default_dtype(), torch.is_grad_enabled(),\n"
        "            torch.get_rng_state().sum().item())\n"
        "before = state()\n"
        "import fieldcore, fieldcore.fields.spectral, fieldcore.fields.scale_space, fieldcore.fields.pyramid\n"
        "assert state() == before, (before, state())\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_another_word_for_the_library_of_products_is_refused_at_once(monkeypatch):
    for word, named in (("", None), ("MKL", "MKL"), ("oneDNN", "oneDNN")):
        monkeypatch.setenv("FIELDSCOPE_PRODUCTS", word)
        assert float32_products.asked_library() == named
    monkeypatch.setenv("FIELDSCOPE_PRODUCTS", "onednn")
    with pytest.raises(InputError, match="expected MKL or oneDNN, got 'onednn'"):
        choose_device("cpu")
