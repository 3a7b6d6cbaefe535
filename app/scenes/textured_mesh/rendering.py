"""Rendering a flight, or shading a sequence of texture coordinates, without a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.devices import choose_device
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.models import load_model
from fieldcore.progress_lines import note

from ...camera.rendering import CameraPaths
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_sequences import Destination, named_field, named_with_digest
from ...record.output import check_field, output_of
from ...record.path_rendering import PathJob
from ...record.recording import Recording
from ...record.report import ReportFormat
from ...work.asking import EvaluateHere
from ...work.slices import completed
from .controls import BY_FIELD, Shading, TexturedMeshControls
from .field_shading import check_is_texture
from .open_model import TexturedMeshSubject
from .renderer import TexturedMeshRenderer
from .report import TexturedMeshMeasure
from .uv_sequence import FRAMES_PER_SECOND, open_sequence, record_uv_sequence

_JUDGE_SAMPLES = 16
"""The judge of a report takes this many squared samples a pixel unless it is told otherwise."""

_TINY_PX = (48, 32)


class TexturedMeshPaths(CameraPaths[TexturedMeshControls, TexturedMeshSubject]):
    """Paths of textured meshes; each pass is a way of shading, and a report compares them with the judge."""

    constants = ("caption", "pixel_filter", "samples")
    report = ReportFormat("fieldscope-flight-report", printed_as="passes", digits=6)

    def with_options(
        self, options: Any, path: KeyframePath[TexturedMeshControls]
    ) -> KeyframePath[TexturedMeshControls]:
        """Another field, or another number of samples."""
        samples = options.samples or (_JUDGE_SAMPLES if options.report else path.still.samples)
        field = str(options.field or path.still.field)
        return replace(path, still=replace(path.still, field=field, samples=samples))

    def check(self, job: PathJob[TexturedMeshControls]) -> None:
        """A report needs passes, and some ways of shading need a field."""
        super().check(job)
        if job.report and not job.passes:
            raise InputError("--report compares passes with the judge: add --passes single,mipmap,neural")
        needed = next(((where, way) for way, (where, _) in _asked(job).items() if way in BY_FIELD), None)
        if needed is not None and not job.path.still.field:
            raise InputError(
                f"{needed[0]}: '{needed[1]}' needs a field, and the flight names none; add --field FILE, after making "
                f"one with 'fieldcore fit texture {job.path.still.model} --out texture.safetensors'"
            )

    def open(self, job: PathJob[TexturedMeshControls], device: torch.device) -> TexturedMeshSubject:
        """The model, and the field that is its texture."""
        still = job.path.still
        field = _texture_field(Path(still.field), device) if still.field else None
        model = load_model(still.model, texture=still.texture or None, wrap=still.wrap, atlas=still.atlas)
        note(*model.notices)
        return TexturedMeshSubject(model, field)

    def origin(self, job: PathJob[TexturedMeshControls], subject: TexturedMeshSubject) -> dict[str, Any]:
        """Model, texture and field."""
        still = job.path.still
        files = {name: named_with_digest(Path(file)) for name in ("model", "texture") if (file := getattr(still, name))}
        return {**files, "field": subject.field and named_field(Path(still.field), subject.field)}

    def renderer(
        self, job: PathJob[TexturedMeshControls], subject: TexturedMeshSubject, surface: Offscreen
    ) -> TexturedMeshRenderer:
        """It has shaded a tiny frame in every way, so that what cannot be is told of before the first frame.

        What drivers do once, such as compiling, is not in the times of that either.
        """
        renderer = TexturedMeshRenderer(surface.context, EvaluateHere())
        for way, (_, controls) in _asked(job).items():
            shown = replace(controls, layout="one", left=way, samples=1)
            completed(renderer.pictures(subject, shown, _TINY_PX))
        return renderer

    def measure_own(self, renderer: TexturedMeshRenderer, subject: TexturedMeshSubject) -> TexturedMeshMeasure:
        """See the base."""
        return TexturedMeshMeasure(renderer, subject)


def _asked(job: PathJob[TexturedMeshControls]) -> dict[Shading, tuple[str, TexturedMeshControls]]:
    """The ways of shading asked for by name, with what asks first; a comparison of four brings others with it."""
    asked: dict[Shading, tuple[str, TexturedMeshControls]] = {}
    for where, _, controls in job.asked:
        for way in sorted(set(controls.needed).intersection((controls.left, controls.right))):
            asked.setdefault(way, (where, controls))
    return asked


def render_sequence(options: Any) -> tuple[Recording, str]:
    """Do what ``--uv-sequence`` asks for."""
    if options.field is None:
        raise InputError(
            "--uv-sequence: add --field FILE, which is to be the texture; 'fieldcore fit texture MODEL "
            "--out texture.safetensors' makes one"
        )
    if options.out.resolve() == options.uv_sequence.resolve():
        raise InputError(f"--out '{options.out}': is the folder of the sequence itself; choose another one")
    sequence = open_sequence(options.uv_sequence, 1 if options.downsample is None else options.downsample)
    with output_of(options, [Destination(options.out, options.video)], sequence.size, FRAMES_PER_SECOND):
        field = _texture_field(options.field, choose_device(options.device))
        recording = record_uv_sequence(sequence, options.field, field, options.out, options.video, options.resume)
    return recording, ""


def _texture_field(file: Path, device: torch.device) -> Field:
    field = load_checkpoint(file, device).field
    check_field(file, field, check_is_texture)
    return field


PATHS = TexturedMeshPaths
