"""``fieldcore list``: what there is, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..arguments import argument
from ..samples import FIELDS, KERNELS, MODELS, PICTURES, sample_names
from .common import GeneralOptions
from .preset_names import kind_names, preset_names


def _filters() -> Sequence[str]:
    from .. import filters

    return tuple(filters.FILTERS)


def _signals() -> Sequence[str]:
    from .fit import FIT

    return tuple(FIT.members())


_LISTS: dict[str, Callable[[], Any]] = {
    "kinds": kind_names,
    "presets": lambda: {kind: list(preset_names(kind)) for kind in kind_names()},
    "signals": _signals,
    "filters": _filters,
    "samples": lambda: {
        "pictures": list(sample_names(PICTURES)),
        "models": list(sample_names(MODELS)),
        "fields": list(sample_names(FIELDS)),
        "kernels": list(sample_names(KERNELS)),
    },
}


@dataclass(frozen=True, kw_only=True)
class ListNames(GeneralOptions):
    """List what there is by name: kinds of fields, their presets, signals, filters and samples."""

    examples: ClassVar[tuple[str, ...]] = ("fieldcore list", "fieldcore list samples --json")

    what: str = argument("Only these.", default="", metavar="WHAT", choices=lambda: tuple(_LISTS))

    def run(self) -> None:
        """Print the names."""
        found = {name: names() for name, names in _LISTS.items() if self.what in ("", name)}
        self.print_result({name: names if isinstance(names, dict) else list(names) for name, names in found.items()})
