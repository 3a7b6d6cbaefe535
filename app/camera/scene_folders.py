"""Folders of photographs with cameras, found without reading the photographs."""

from __future__ import annotations

from pathlib import Path


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
