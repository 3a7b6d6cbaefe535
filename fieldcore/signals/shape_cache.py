"""Samples of large meshes, kept on disk between runs in the user's cache folder. Losing them costs time only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import InputError
from ..files import written_whole

_VERSION = 2  # of what the files hold and of how it is computed


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/fieldscope/shapes``, by default below ``~/.cache``."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "fieldscope" / "shapes"


def kept_samples(digest: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, Float[Tensor, "..."]] | None:
    """The tensors kept for the mesh of that digest, or None if there are none with these names and shapes."""
    try:
        tensors = load_file(_file(digest))
    except (OSError, SafetensorError, RuntimeError):
        return None
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return tensors if found == shapes else None


def keep_samples(digest: str, tensors: dict[str, Float[Tensor, "..."]]) -> None:
    """Write tensors for the mesh of that digest, if the folder can be written."""
    with suppress(InputError, SafetensorError), written_whole(_file(digest)) as temporary:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary)


def _file(digest: str) -> Path:
    return cache_folder() / f"{digest}-{_VERSION}.safetensors"
