from __future__ import annotations

import pytest
from resources import Resources


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch) -> Resources:
    """Counts textures, buffers and programs that are alive."""
    return Resources(monkeypatch)
