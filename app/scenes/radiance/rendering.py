"""Rendering the path of a radiance field without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.errors import InputError
from fieldcore.fields.seen_field import SeenField
from fieldcore.provenance import data_as_seen
from fieldcore.views.views import Views

from ...camera.rendering import CameraPaths
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_sequences import named_field
from ...record.path_rendering import PathJob
from .borrowing import Borrowings, Lender, lending_refusal
from .controls import NO_VIEW, RadianceControls
from .pictures import RadianceSubject
from .renderer import RadianceRenderer

_PHOTOGRAPHS = {"photo", "agreement"}
"""Outputs that photographs are needed for."""


class RadiancePaths(CameraPaths[RadianceControls, RadianceSubject]):
    """Paths of radiance fields."""

    constants = ("caption", "frusta")

    def with_options(self, options: Any, path: KeyframePath[RadianceControls]) -> KeyframePath[RadianceControls]:
        """Another field."""
        return replace(path, still=replace(path.still, field=str(options.field or path.still.field)))

    def check(self, job: PathJob[RadianceControls]) -> None:
        """What shows photographs needs them, and a view to look through."""
        super().check(job)
        for where, index, controls in job.asked:
            if "borrowed" in controls.needed and not job.path.still.appearance:
                raise InputError(
                    f"{where} asks for another's appearance, but the path names none; add the entry 'appearance', the "
                    "file of a surface"
                )
            if not _PHOTOGRAPHS & {*controls.needed}:
                continue
            if not job.path.still.truth:
                raise InputError(
                    f"{where} asks for photographs, but the path names none; add the entry 'truth', their folder"
                )
            if "photo" in controls.needed and controls.view == NO_VIEW:
                raise InputError(
                    f"{where} asks for a photograph, but keyframes[{index}] looks through none; add the entry 'view', "
                    "its number"
                )

    def open(self, job: PathJob[RadianceControls], device: torch.device) -> RadianceSubject:
        """The field, and the photographs where they are needed."""
        file = Path(job.path.still.field)
        field = load_checkpoint(file, device).field
        if not isinstance(field, SeenField):
            raise InputError(f"field '{file}': a {field.kind} field is not seen by cameras, which this path shows")
        for where, _, controls in job.asked:
            if controls.view >= len(field.facts.views):
                last = len(field.facts.views) - 1
                raise InputError(f"{where}: view: expected -1 or a number from 0 to {last}, got {controls.view}")
            if controls.variance and not field.takes_filters:
                raise InputError(f"{where}: field '{file}': this {field.kind} field cannot be smoothed")
        needs = any(_PHOTOGRAPHS & {*controls.needed} for _, _, controls in job.asked)
        views = data_as_seen(field.facts, job.path.still.truth) if needs else None
        borrows = any("borrowed" in controls.needed for _, _, controls in job.asked)
        lent = _lent(field, Path(job.path.still.appearance), device) if borrows else None
        return RadianceSubject(field, views if isinstance(views, Views) else None, borrowed=lent)

    def origin(self, job: PathJob[RadianceControls], subject: RadianceSubject) -> dict[str, Any]:
        """Field and photographs."""
        still = job.path.still
        named = {"field": named_field(Path(still.field), subject.field), "truth": still.truth or None}
        return named | ({"appearance": still.appearance} if still.appearance else {})

    def renderer(
        self, job: PathJob[RadianceControls], subject: RadianceSubject, surface: Offscreen
    ) -> RadianceRenderer:
        """See the base."""
        return RadianceRenderer(surface.context)


def _lent(field: SeenField, file: Path, device: torch.device) -> Callable[[], SeenField]:
    """What gives the field with the appearance of the surface in a file."""
    lender = load_checkpoint(file, device).field
    refusal = lending_refusal(field, lender)
    if refusal:
        raise InputError(f"appearance '{file}': {refusal}")
    assert isinstance(lender, SeenField)
    return partial(Borrowings().of, field, 0, Lender(lender, file.name))


PATHS = RadiancePaths
