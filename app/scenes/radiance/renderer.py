"""Frames of a radiance field: rendered, and composed; the window, recordings and rendered paths pull them from here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import moderngl

from fieldcore.errors import InputError

from ...camera.renderer import CameraRenderer
from ...frame_size import Size
from ...gl.image_overlays import Surface
from ...gl.offscreen import read_pixels
from ...record.frame import Frame
from ...record.passes import AS_SHOWN, Pass
from .compositor import RadianceCompositor
from .controls import NO_VIEW, RadianceControls
from .pictures import RadiancePictures, RadianceSubject, lacking, picturing


class RadianceRenderer(CameraRenderer[RadianceCompositor]):
    """See ``record.frame_renderer.FrameRenderer`` and ``viewport.viewport.ViewRenderer``.

    In a window the worker thread renders, and a frame's subject is its pictures.

    Args:
        context: to draw with; current whenever anything is called.
    """

    waiting = False

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context, RadianceCompositor)
        self._subject: RadianceSubject | None = None

    def render(
        self, subject: RadianceSubject, controls: RadianceControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``."""
        _check(subject, controls)
        started = time.perf_counter()
        pictures: RadiancePictures | None = None
        for made in picturing(subject, controls, controls.pane_size(surface.size)):
            if isinstance(made, RadiancePictures):
                pictures = made
            else:
                yield None
        assert pictures is not None
        self._subject = subject
        yield from self.pictures(pictures, controls, surface.size)
        self.compose(surface, controls, pictures, labels_of(subject, controls))
        milliseconds = {"rendered_ms": 1e3 * (time.perf_counter() - started)}
        yield Frame(read_pixels(surface), description_of(controls), milliseconds)

    # What a viewport asks for

    def hurried(self, controls: RadianceControls) -> RadianceControls:
        """All of it: pixels alone are coarser."""
        return controls

    def sizes(self, controls: RadianceControls, size: Size) -> dict[str, Size]:
        """One kind, which only has to be uploaded."""
        return {"upload": size}

    def pictures(
        self, subject: RadiancePictures, controls: RadianceControls, size: Size, divisor: int = 1
    ) -> Generator[None, None, RadiancePictures]:
        """Upload pictures."""
        yield
        started = time.perf_counter()
        self.scene.bring(subject, self._subject)
        return replace(subject, milliseconds={"upload": 1e3 * (time.perf_counter() - started)})

    def seen_with(self, subject: RadianceSubject) -> None:
        """Whose cameras are drawn over pictures from now on."""
        self._subject = subject

    def compose(
        self,
        surface: Surface,
        controls: RadianceControls,
        pictures: RadiancePictures,
        labels: Mapping[Any, str],
        pixel_ratio: float = 1.0,
    ) -> None:
        """See ``ViewRenderer``."""
        self.scene.compose(surface, controls, labels, pixel_ratio)


def _check(subject: RadianceSubject, controls: RadianceControls) -> None:
    """Raise InputError for what cannot be shown."""
    count = len(subject.field.facts.views)
    if controls.view >= count:
        raise InputError(f"view: expected -1 or a number from 0 to {count - 1}, got {controls.view}")
    for output in controls.needed:
        refusal = lacking(subject.field, output)
        if refusal:
            raise InputError(refusal)
    if "photo" in controls.needed and subject.views is None:
        raise InputError("the photographs are not known: open the folder that the field was trained on")
    if "agreement" in controls.needed and subject.views is None:
        raise InputError("agreement: the photographs are not known: open the folder that the field was trained on")
    if "outline" in controls.needed and subject.views is not None and not subject.views.has_masks:
        raise InputError("outline: these photographs have no masks")
    if "borrowed" in controls.needed and subject.borrowed is None:
        raise InputError("borrowed: there is no other appearance; give the entry 'appearance', the file of a surface")
    if "photo" in controls.needed and controls.view == NO_VIEW:
        raise InputError("photo: there is none where the camera is; give the entry 'view', a photograph's number")


def labels_of(subject: RadianceSubject, controls: RadianceControls) -> dict[str, str]:
    """What is said of each output."""
    facts = subject.field.facts
    through = "" if controls.view == NO_VIEW else f" · {facts.views[controls.view]}"
    slice_words = f"density, {controls.slice_axis} = {controls.slice_position:.2f}"
    return {
        "colour": f"{subject.field.kind}{through}",
        "depth": "depth",
        "normals": "normals",
        "density": slice_words,
        "photo": f"photograph{through}",
        "flip": f"FLIP error{through}",
        "outline": f"outlines: mask green, {subject.field.kind} orange{through}",
        "agreement": "how far photographs' colours are apart",
        "borrowed": "another's appearance",
    }


def description_of(controls: RadianceControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    names = ["view", "log10_smoothing"]
    names += ["slice_axis", "slice_position"] if "density" in controls.needed else []
    return {
        **asdict(controls.camera),
        **{name: getattr(controls, name) for name in names},
        **controls.comparison_described,
    }
