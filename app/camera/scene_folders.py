"""Folders of photographs with cameras: found without reading the photographs, and read for the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # these import torch
    import torch

    from fieldcore.signals import SignalFacts
    from fieldcore.views.views import Views

MOST_PIXELS = 480
"""Along the longer side of photographs that are learned in the window."""


def has_views(path: Path) -> bool:
    """Whether a folder, or a file of cameras, describes photographs of a scene."""
    if not path.is_dir() and path.suffix.lower() != ".npz":
        return False
    from fieldcore.views.formats import FORMATS  # it imports torch

    try:
        return any(scene_format.find(path) is not None for scene_format in FORMATS.values())
    except OSError:
        return False


def has_masked_views(path: Path) -> bool:
    """Whether these photographs have masks, in their alpha or in files of their own."""
    if not has_views(path):
        return False
    from fieldcore.errors import InputError
    from fieldcore.views.formats import read_description
    from fieldcore.views.masks import with_masks

    try:
        photographs = with_masks(read_description(path), None)
    except InputError:
        return True  # which opening it says
    return all(each.mask is not None or each.header.has_alpha for each in photographs)


def read_views(path: Path, seen: Sequence[SignalFacts], device: torch.device) -> Views:
    """Photographs as a field has seen them, or small enough to be learned at once.

    Args:
        path: of the folder.
        seen: what fields that are open were trained on.
        device: to train on.

    Raises:
        InputError: they cannot be read.
    """
    from fieldcore.views.views import Views

    for facts in seen:
        views = _as_seen(facts, path)
        if views is not None and views.facts.digest == facts.digest:
            return _prepared(views).to(device)
    return _prepared(Views.open(path, size=MOST_PIXELS)).to(device)


def _prepared(views: Views) -> Views:
    """The same, with all that the window asks of them read."""
    views.prepare()
    views.known_truth()
    return views


def _as_seen(facts: SignalFacts, path: Path) -> Views | None:
    from fieldcore.errors import InputError
    from fieldcore.views.views import Views

    try:
        return Views.open_again(facts, str(path)) if facts.views else None
    except InputError:
        return None
