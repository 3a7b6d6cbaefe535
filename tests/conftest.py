"""Shared by all tests: shape annotations are enforced, and the small signals most tests use."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from shape_checks import begin_test, enforce_shapes

os.environ.setdefault("FIELDSCOPE_PRODUCTS", "MKL")  # the same last bits in every process, however busy the machine is
enforce_shapes("fieldcore")
settings.register_profile("any machine", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("any machine"), max_examples=20)
settings.load_profile("any machine")

import torch  # noqa: E402 (after the hook)
from quick import leaving_out  # noqa: E402

if TYPE_CHECKING:
    from browser import Browser

SHARED_PICTURES = Path(__file__).parents[2] / "shared" / "data" / "pictures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out what trains, draws, starts a program or is long")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cuda: needs a CUDA device; given to every test that asks for the gpu fixture")
    config.addinivalue_line("markers", "browser: starts chromium; skipped where there is none, and by --quick")
    config.addinivalue_line("markers", "long: computes for seconds; left out by --quick")
    if config.getoption("--quick"):
        settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = config.getoption("--quick")
    # What takes long comes first, or all would wait for it at the end: whole programs, which lie in this folder itself
    # and in app/, then files of many long tests.
    long = Counter(item.path for item in items if "long" in item.keywords)
    root = Path(__file__).parent
    items.sort(key=lambda item: (item.path.parent != root, root / "app" not in item.path.parents, -long[item.path]))
    for item in items:
        if quick and "browser" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="starts a browser"))
        if quick and "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="computes for seconds"))
        if "gpu" in getattr(item, "fixturenames", ()):
            item.add_marker("cuda")


def pytest_runtest_setup() -> None:
    begin_test()


@pytest.fixture(autouse=True, scope="session")
def _quick(request: pytest.FixtureRequest) -> Iterator[None]:
    with leaving_out() if request.config.getoption("--quick") else nullcontext():
        yield


@pytest.fixture(scope="session")
def opened() -> Iterator[Browser]:
    """A browser that all tests share, which leave it as large as it is here."""
    from browser import browser

    with browser() as window:
        window.resize(800, 700)
        yield window


@pytest.fixture
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A truth that can only be sampled is sampled a hundred times less: for tests that look at more than its values."""
    monkeypatch.setattr("fieldcore.scoring._TRUTH_SAMPLES", (1, 16))


@pytest.fixture(scope="module")
def coarse_shapes() -> Iterator[None]:
    """What is solved for in space has eleven times fewer cells: for tests that look at more than its values."""
    from fieldcore.fields import pyramid_geometry, sample_lines

    with pytest.MonkeyPatch.context() as patch:
        for module in (pyramid_geometry, sample_lines):
            patch.setitem(module._FORMULA_CELLS, 3, 64)
        yield


@pytest.fixture(scope="module")
def coarse_distances() -> Iterator[None]:
    """Distances of a mesh are exact at eight times fewer places: for tests that look at more than values."""
    from fieldcore.signals import distance_grid

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distance_grid, "_NEAR_STAGES", (24, 48, 96))
        patch.setattr(distance_grid, "FAR_CELLS", 24)
        yield


@pytest.fixture
def narrow_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of the preview are narrow: for tests of what is done with any of them."""
    from fieldcore.fields import field_type

    for kind in ("scale_space", "spectral"):
        presets = field_type(kind).presets
        monkeypatch.setitem(presets, "preview", replace(presets["preview"], width=32))


@pytest.fixture
def gpu() -> torch.device:
    """A CUDA device; tests that need one skip where there is none."""
    if not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA device")
    return torch.device("cuda")


@pytest.fixture
def shared_pictures() -> Path:
    """The folder of real photographs beside the checkout; tests that need it skip where it is absent."""
    if not SHARED_PICTURES.is_dir():
        pytest.skip("needs ../shared/data/pictures, which is not here")
    return SHARED_PICTURES


@pytest.fixture
def smooth_pixels() -> np.ndarray:
    """A 48 x 32 colour picture with detail at several scales, (32, 48, 3)."""
    y, x = np.mgrid[0:32, 0:48] / 48
    waves = [np.sin(2 * np.pi * (3 * x + 2 * y)), np.cos(2 * np.pi * 5 * x), np.sin(2 * np.pi * 9 * y * x)]
    return (0.5 + 0.4 * np.stack(waves, -1)).astype(np.float32)
