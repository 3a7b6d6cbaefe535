"""Files of kernels: the profiles of each product as JSON, and how far they are from what they were fitted to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError
from .files import write_text
from .filters.profile import Profile
from .samples import sample_path

FORMAT, VERSION = "fieldscope-kernel", 1
AXES = "xyz"

_LARGEST_FILE = 1 << 24


@dataclass(frozen=True)
class KernelFile:
    """What a kernel's file holds.

    Attributes:
        terms: the profiles of each product, one for all axes or one an axis.
        residual: norm of what is left of the curve or picture that it was fitted to, relative to its own; 0 if to none.
    """

    terms: tuple[tuple[Profile, ...], ...]
    residual: float = 0.0


def write_kernel(path: str | Path, terms: Sequence[Sequence[Profile]], residual: float = 0.0) -> None:
    """Write a kernel, whole or not at all. Raises InputError if it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_kernel(f"{folder}/tent.json", [[Profile.tent()]])
        ...     read_kernel(f"{folder}/tent.json").terms[0][0].knots.tolist()
        [-1.0, 0.0, 1.0]
    """
    entries = [{axis: _entry(profile) for axis, profile in zip(AXES, profiles, strict=False)} for profiles in terms]
    terms_text = ",\n".join(json.dumps(entry) for entry in entries)  # a line a product
    head = json.dumps({"format": FORMAT, "version": VERSION})
    text = f'{head[:-1]}, "terms": [\n{terms_text}\n], "residual": {json.dumps(residual)}}}\n'
    write_text(Path(path), text)


def read_kernel(path: str | Path) -> KernelFile:
    """Read what ``write_kernel`` wrote, or a sample that comes with the program, ``sample:NAME``.

    Raises:
        InputError: no such file, no kernel, of a future version, or one that no ``Profile`` is.

    Example:
        >>> read_kernel("nothing.json")
        Traceback (most recent call last):
        fieldcore.errors.InputError: kernel 'nothing.json': No such file or directory; make one with ...
    """
    what = f"kernel '{path}'"
    content = _json(sample_path(str(path)), what)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f'{what}: no kernel\'s file; expected the entry "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise InputError(f"{what}: version: this Fieldscope reads {VERSION}, got {content.get('version')!r}")
    terms = content.get("terms")
    if not isinstance(terms, list) or not terms:
        raise InputError(f"{what}: terms: expected a list of products, got {terms!r:.60}")
    residual = content.get("residual", 0.0)
    if isinstance(residual, bool) or not isinstance(residual, (int, float)) or not residual >= 0:
        raise InputError(f"{what}: residual: expected a number from 0, got {residual!r:.60}")
    products = tuple(_profiles(term, f"{what}: terms[{number}]") for number, term in enumerate(terms))
    if len({len(profiles) for profiles in products}) > 1:
        raise InputError(f"{what}: terms: expected the same axes in each")
    return KernelFile(products, float(residual))


def _json(path: Path, what: str) -> Any:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{what}: too large for a kernel's file ({path.stat().st_size >> 20} MB)")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}; make one with 'fieldcore kernel fit'") from error
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{what}: not a kernel's file, which is JSON ({reason})") from error


def _profiles(term: Any, what: str) -> tuple[Profile, ...]:
    axes = tuple(AXES[: len(term)]) if isinstance(term, dict) else ()
    if not axes or set(term) != set(axes):
        raise InputError(f"{what}: expected the entries x, or x and y, or x, y and z, got {_names(term)}")
    return tuple(_profile(term[axis], f"{what}: {axis}") for axis in axes)


def _profile(entry: Any, what: str) -> Profile:
    if not isinstance(entry, dict) or set(entry) != {"degree", "knots", "weights"}:
        raise InputError(f"{what}: expected the entries degree, knots and weights, got {_names(entry)}")
    for name in ("knots", "weights"):
        numbers = entry[name]
        if not isinstance(numbers, list) or not all(type(number) in (int, float) for number in numbers):
            raise InputError(f"{what}: {name}: expected a list of numbers, got {numbers!r:.60}")
    try:
        return Profile(entry["degree"], entry["knots"], entry["weights"])
    except InputError as error:
        raise InputError(f"{what}: {str(error).removeprefix('kernel: ')}") from error


def _names(entry: Any) -> str:
    return ", ".join(entry) if isinstance(entry, Mapping) else f"{entry!r:.60}"


def _entry(profile: Profile) -> dict[str, Any]:
    return {"degree": profile.degree, "knots": profile.knots.tolist(), "weights": profile.weights.tolist()}
