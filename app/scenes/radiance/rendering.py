"""Rendering the path of a radiance field without a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.errors import InputError
from fieldcore.fields.seen_field import SeenField
from fieldcore.provenance import data_as_seen
from fieldcore.views.views import Views

from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_sequences import named_field
from ...record.path_rendering import PathJob, PathScene
from .controls import NO_VIEW, RadianceControls
from .pictures import RadianceSubject
from .renderer import RadianceRenderer


class RadiancePaths(PathScene[RadianceControls, RadianceSubject]):
    """Paths of radiance fields."""

    constants = ("caption", "frusta")

    def with_options(self, options: Any, path: KeyframePath[RadianceControls]) -> KeyframePath[RadianceControls]:
        """Another field."""
        return replace(path, still=replace(path.still, field=str(options.field or path.still.field)))

    def check(self, job: PathJob[RadianceControls]) -> None:
        """What shows photographs needs them, and a view to look through."""
        for where, index, controls in job.asked:
            if "photo" not in controls.needed:
                continue
            if not job.path.still.truth:
                raise InputError(
                    f"{where} asks for photographs, but the path names none; add the entry 'truth', their folder"
                )
            if controls.view == NO_VIEW:
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
        needs = any("photo" in controls.needed for _, _, controls in job.asked)
        views = data_as_seen(field.facts, job.path.still.truth) if needs else None
        return RadianceSubject(field, views if isinstance(views, Views) else None)

    def origin(self, job: PathJob[RadianceControls], subject: RadianceSubject) -> dict[str, Any]:
        """Field and photographs."""
        still = job.path.still
        return {"field": named_field(Path(still.field), subject.field), "truth": still.truth or None}

    def renderer(
        self, job: PathJob[RadianceControls], subject: RadianceSubject, surface: Offscreen
    ) -> RadianceRenderer:
        """See the base."""
        return RadianceRenderer(surface.context)


PATHS = RadiancePaths
