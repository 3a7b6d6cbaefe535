"""What ``fieldcore export`` writes: the formats by name, and what each is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..registry import Registry

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from .export import Export

EXPORTS: Registry = Registry(
    "--to",
    {
        "web": "fieldcore.commands.export_web:WebExporter",
        "numpy": "fieldcore.commands.export_levels:NumpyExporter",
        "png-levels": "fieldcore.commands.export_levels:PictureLevelsExporter",
        "exr": "fieldcore.commands.export_levels:ExrExporter",
        "relight": "fieldcore.commands.export_stage:RelightExporter",
        "ptm": "fieldcore.commands.export_stage:PtmExporter",
    },
)
"""Every format by its name; the one place where a new one is entered."""


class Exporter(ABC):
    """One format.

    Class attributes:
        options: those of ``Export`` that it takes, beside what all take.
    """

    options: ClassVar[tuple[str, ...]] = ()

    def check(self, options: Export) -> None:  # noqa: B027 (most formats take anything)
        """Raise InputError, before anything heavy is imported, for what cannot be written."""

    def check_sources(self, options: Export) -> None:  # noqa: B027 (most formats read nothing else)
        """Raise InputError, before anything heavy is imported, if a file that it reads beside the field is missing."""

    def files(self, out: Path) -> tuple[Path, ...]:
        """What must not exist yet."""
        return (out,)

    @abstractmethod
    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """Write a field; returns what is printed. Raises InputError."""
