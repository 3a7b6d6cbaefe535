"""The explanations: one for a few controls, outputs or figures that say the same thing. The panel, the view and
docs/explained.md have them from here; whatever has none is explained by its help.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..covariance import covariance_matrix, dim_of
from ..session import Session
from ..settings import BY_NAME
from . import drawings
from .drawings import Drawing
from .topic import Topic

Values = tuple[Any, ...]
"""What a drawing shows: numbers and names."""


@dataclass(frozen=True)
class Explanation:
    """What something means.

    Attributes:
        name: unique, and of its picture in the docs.
        title: for people.
        text: two sentences.
        about: names of settings, actions and outputs, and labels of figures of the panel, that it explains.
        draw: its drawing.
        usual: what that shows in the docs, and where a session does not say.
        reads: what it shows of a session; None where that has nothing of the kind.
    """

    name: str
    title: str
    text: str
    about: tuple[str, ...] = ()
    draw: Drawing | None = None
    usual: Values = ()
    reads: Callable[[Session], Values | None] = lambda session: None

    def values(self, session: Session) -> Values:
        """What the drawing shows now."""
        return self.reads(session) or self.usual


def _setting(session: Session, name: str, otherwise: Any) -> Any:
    """The value of a setting, where the scene shown has it."""
    setting = BY_NAME[name]
    return setting.get(session) if session.scene in setting.scenes else otherwise


def _settings(*names: str) -> Callable[[Session], Values | None]:
    """The values of settings; None where the scene shown has not all of them."""

    def read(session: Session) -> Values | None:
        values = tuple(_setting(session, name, None) for name in names)
        return None if None in values else values

    return read


def _variance(session: Session) -> Values | None:
    for name in ("log10-variance", "log10-smoothing"):
        power = _setting(session, name, None)
        if power is not None:
            return (10.0**power if power > BY_NAME[name].bounds_in(session)[0] else 0.0,)
    return None


def _axes(session: Session) -> Values | None:
    """The two largest variances along principal axes, and the direction of the first, y up."""
    entries = getattr(session.shown, "equivalent_covariance", None)
    if entries is None:
        return None
    matrix = covariance_matrix(entries)
    if dim_of(entries) == 2:
        matrix = matrix * [[1, -1], [-1, 1]]
    lengths, axes = _sorted(matrix)
    along = axes[0] if axes[0][0] > 0 else -axes[0]
    return lengths[0], lengths[1], round(math.degrees(math.atan2(along[1], along[0])), 1)


def _sorted(matrix: Any) -> tuple[list[float], Any]:
    import numpy as np

    variances, axes = np.linalg.eigh(matrix)
    return [max(0.0, float(variance)) for variance in variances[::-1]], axes.T[::-1]


def _kernel(session: Session) -> Values | None:
    shown = session.shown
    if getattr(shown, "is_gaussian", False) and any(shown.covariance):
        return "gaussian", 3 * math.sqrt(max(shown.covariance)), *_bell()
    outline = getattr(shown, "outline", ())
    if not outline or not any(shown.half_size):
        return None
    return (shown.kernel.partition(":")[0], float(max(shown.half_size)), *map(float, outline))


def _bell() -> tuple[float, ...]:
    return tuple(math.exp(-4.5 * (step / 20) ** 2) for step in range(-20, 21))


def _footprint(session: Session) -> Values | None:
    camera = getattr(session.shown, "camera", None)
    return None if camera is None else (float(camera.pitch_deg), float(_setting(session, "log10-variance", -8.0)))


def _psnr(session: Session) -> Values | None:
    agreement = getattr(session.state, "agreement", None)
    psnr = getattr(agreement, "psnr", None)
    return None if psnr is None else (round(min(float(psnr), 99.0), 1),)


def _reach(session: Session) -> Values | None:
    """How many cycles across the picture the first layer of the network on the desk spans, about."""
    shown = session.shown
    if not hasattr(shown, "omega_first"):
        return None
    if shown.mapping == "gaussian":
        return (2 * math.sqrt(shown.frequency_variance),)
    if shown.activation == "gauss":
        return (shown.spread / 2,)
    reach = shown.omega_first / math.pi
    return (reach * (1 + shown.first_bias) if shown.activation == "finer" else reach,)


def _stop(session: Session) -> Values:
    plan = session.next_plan
    named = {
        "seconds": f"{plan.seconds:g} s",
        "steps": f"{plan.steps:,} steps",
        "target_psnr": f"{plan.target_psnr:g} dB",
        "plateau": f"{plan.plateau:,} steps without a gain",
    }
    return plan.rule, named[plan.rule]


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        "variance", "Variance: the scale",
        "Every point shows the mean of its surroundings, weighted by a Gaussian of this variance, in squared domain "
        "units (the longer side is 2). What is narrower than about two standard deviations, the variance's root, "
        "fades.",
        ("log10-variance", "variance", "log10-variance-1", "log10-variance-2", "log10-variance-3", "log10-smoothing",
         "smoother", "sharper"),
        drawings.variance, (1e-3,), _variance,
    ),
    Explanation(
        "covariance", "Covariance: a scale with a direction",
        "A Gaussian may be long in one direction and short across it; the covariance matrix holds both variances and "
        "the angle between. Detail along the long axis is smoothed away, detail across it stays.",
        ("covariance", "anisotropy", "angle", "filter-yaw", "filter-pitch", "filter-roll", "ellipse"),
        drawings.covariance, (1e-2, 1e-3, 30.0), _axes,
    ),
    Explanation(
        "kernel", "Kernel: what is averaged over",
        "The kernel says with which weight a neighbour at each distance counts; outside its half size none does. A box "
        "is the plain mean, a tent and a Gaussian fade to their ends, and one that is positive and negative finds "
        "edges.",
        ("kernel", "half-size", "log10-half-size", "log10-half-size-y", "linked", "gain", "shape",
         "direction, degrees"),
        drawings.kernel, ("gaussian", 0.3, *_bell()), _kernel,
    ),
    Explanation(
        "size-map", "Map: another size at every point",
        "A grey picture, a ramp or brush strokes say how large the filter is at each point: black is its least size, "
        "white the whole. Sharp and smooth places can so lie in one picture, as with the depth of field of a lens.",
        ("half-size-map", "half-size-least", "map-focus", "map-whole", "map-feather", "map", "brush", "brush-size",
         "brush-strength"),
        drawings.size_map, (0.2, 1.0), _settings("half-size-least", "map-feather"),
    ),
    Explanation(
        "fovea", "Foveation: sharp where one looks",
        "The variance grows with the distance from the cursor, as the eye's own resolution falls away from where it "
        "looks. One evaluation gives the whole picture, though the filter is another one at every point.",
        ("foveated", "falloff", "fovea-radius", "falloff-power"),
        drawings.fovea, (0.14, 0.0, 2.0), _settings("falloff", "fovea-radius", "falloff-power"),
    ),
    Explanation(
        "footprint", "Footprint: what a pixel sees of a surface",
        "A pixel is no point but a cone, and where it meets a surface at a flat angle it covers a long ellipse. "
        "Averaging the texture over that ellipse, not over a circle, is what keeps it sharp without aliasing.",
        ("pixel-filter", "pixel-box", "single", "mipmap", "anisotropic", "neural", "shader", "uv", "next-shading"),
        drawings.footprint, (20.0, -3.0), _footprint,
    ),
    Explanation(
        "supersampling", "Supersampling: the judge",
        "The texture is looked up at many points of every pixel, and their mean is shown: slow, but right in the "
        "limit, so everything else is judged by it. Twice as many along either axis take four times as long and halve "
        "what is left of the error, or better.",
        ("samples", "supersampled"),
        drawings.samples, (8,), _settings("samples"),
    ),
    Explanation(
        "field", "Field: a function, not a grid",
        "A field gives a value at any point, and here a filtered one as cheaply; its kind says how it is built, and "
        "whether it is solved for in a moment or trained. It has no pixels of its own, so any view of it is evaluated "
        "anew.",
        ("field", "colour", "kind", "preset", "train", "next-field"),
    ),
    Explanation(
        "normals", "Normals: which way a surface faces",
        "Each colour is a direction: red to the right, green upwards, blue towards the camera. They show small dents "
        "long before a plain material does, as light depends on them.",
        ("normals", "colouring", "next-colouring", "depth"),
    ),
    Explanation(
        "photographs", "Photographs: what a surface was made from",
        "Outlines compare the mask of a photograph with what is seen of the surface; agreement tells where other "
        "photographs show the same; borrowed is this surface in the colours of another. Where outlines part or "
        "photographs disagree, the surface is wrong or hidden.",
        ("outline", "agreement", "borrowed", "frusta", "shape-cameras"),
    ),
    Explanation(
        "truth", "Truth: what the field should show",
        "The signal itself, filtered as the field is: in closed form or by sums over all its pixels, so it is exact or "
        "its own error is told. Whatever differs from it is the field's error, not the filter's.",
        ("truth", "compare-truth", "truth known to", "photo", "nearest-photo", "nearest"),
    ),
    Explanation(
        "error", "Error map: where, and how far off",
        "At each point the difference between the field and the truth, the mean over colours, as a colour; the scale's "
        "last colour stands for the largest error and more. With a sign, one side of grey is too bright and the other "
        "too dark.",
        ("error", "error-range", "metric", "compare-error", "absolute", "signed"),
        drawings.error, ("absolute", 0.1), _settings("error", "error-range"),
    ),
    Explanation(
        "psnr", "PSNR and SSIM: one number for the error",
        "PSNR is the mean squared error in decibels: at 20 dB the error is a tenth of the range, and 20 dB more is a "
        "tenth of that. SSIM compares the structure of small windows, 1 being the same, which is closer to what an eye "
        "minds.",
        ("PSNR, SSIM", "target-psnr"),
        drawings.psnr, (30.0,), _psnr,
    ),
    Explanation(
        "flip", "FLIP: the error that an eye sees",
        "FLIP blurs both pictures as the eye does at arm's length, then compares their colours and edges, as if one "
        "flipped between them. It lies between 0 and 1, and what is too fine or too faint to be seen counts little.",
        ("flip", "flip-range", "measure"),
        drawings.sensitivity,
    ),
    Explanation(
        "spectral-bias", "Spectral bias: slow before fine",
        "A network learns low frequencies first and may never come to the high ones; how its first layer spreads its "
        "frequencies decides how far it reaches. Too small a number blurs, too large a one turns into noise between "
        "the pixels it was trained on.",
        ("omega-first", "spread", "first-bias", "frequency-variance", "mapping", "error by octave", "cycles",
         "effective rank"),
        drawings.octaves, (10.0,), _reach,
    ),
    Explanation(
        "activation", "Activation: what a layer ends with",
        "Every layer multiplies, adds, and then bends its numbers by this function; without it the whole network would "
        "be one straight line. A sine of a large omega bends often, so fine detail is in reach from the beginning.",
        ("activation", "omega-hidden", "first-weights"),
        drawings.activation, ("finer", 30.0), _settings("activation", "omega-hidden"),
    ),
    Explanation(
        "tone", "Exposure and tone: from light to the display",
        "Exposure multiplies light by two for each stop, and the curve brings it to what a display can show. Only how "
        "values look changes: fields, errors and PSNR are measured before.",
        ("exposure", "offset", "tone", "brighter", "darker"),
        drawings.tone, (1.0, 0.0, "aces"), _settings("exposure", "offset", "tone"),
    ),
    Explanation(
        "layout", "Layout: how outputs share the frame",
        "One output fills the frame, two share it along a divider, side by side or across a diagonal, or four are seen "
        "at once. All panes have the same view, filter and camera, so that what differs is the output alone.",
        ("layout", "left", "right", "divider", "compare-wipe", "compare-two-up", "compare-four", "compare-cut",
         "compare-beside", "other", "right of two-up"),
        drawings.layout, ("wipe", "field", "truth", 0.5), _settings("layout", "left", "right", "divider"),
    ),
    Explanation(
        "level", "Iso-level: which surface of a distance",
        "A shape is kept as the distance to its surface, negative inside; the surface is where it is 0. Another level "
        "is a surface that far outside or inside, so the shape grows rounder or shrinks.",
        ("level",),
        drawings.level, (0.1,), _settings("level"),
    ),
    Explanation(
        "slice", "Slice: a shape cut open",
        "The distance is drawn on a plane, with lines of equal distance. Even lines are a good distance; where they "
        "crowd or spread the field is none, and rays that follow it may miss.",
        ("slice", "slice-position", "next-slice", "slice-axis", "slice-at", "density"),
        drawings.level, (0.0,),
    ),
    Explanation(
        "overlap", "IoU: how much of two shapes is shared",
        "The volume that both fill over the volume that either fills: 1 is the same shape, 0 has nothing in common. It "
        "looks at the surface only, so the mean squared error of the distances stands beside it.",
        ("IoU, MSE",),
        drawings.overlap,
    ),
    Explanation(
        "spectrum", "Spectrum: how much there is of each frequency",
        "The power of the picture at each number of cycles across it, in all directions together. A Gaussian of a "
        "variance multiplies every amplitude by a Gaussian of the frequency, so fine detail goes first.",
        ("half power at", "inset-spectrum"),
        drawings.spectrum, (1e-3,), _variance,
    ),
    Explanation(
        "light", "Light: a point of a disc",
        "All directions of light lie on a disc: the camera is its middle, the horizon its edge. A filter over the disc "
        "is a light of that size, whose shadows are soft.",
        ("light-azimuth", "light-elevation", "light-uv", "light-disc", "light-left", "light-right", "light-up",
         "light-down"),
        drawings.hemisphere, (0.45, -0.3), lambda session: getattr(session.shown, "light", None),
    ),
    Explanation(
        "field-of-view", "Field of view: how much a camera sees",
        "The angle from the lower to the upper edge of the picture. A wide one shows more and makes what is near look "
        "nearer; a narrow one is like a long lens.",
        ("field-of-view",),
        drawings.field_of_view, (50.0,), _settings("field-of-view"),
    ),
    Explanation(
        "shutter", "Shutter: averaging over time",
        "What moves while a shutter is open is drawn along its way; here the mean is taken over time, as over the "
        "plane. A Gaussian's deviation is given in seconds, a box's half size in frames.",
        ("time-deviation", "half-size-frames"),
        drawings.variance, (4e-3,),
    ),
    Explanation(
        "stop", "Stop rule: when a training ends",
        "A training ends after a time, after steps, at a PSNR, or when it no longer gains; whatever ends it, what was "
        "learned is kept. Only a number of steps gives the same bytes on every run.",
        ("rule", "seconds", "steps", "plateau"),
        drawings.stop, ("seconds", "60 s"), _stop,
    ),
    Explanation(
        "keyframes", "Path: keyframes and what lies between",
        "A keyframe notes all that is shown at a moment, and the path leads through them on smooth curves: views and "
        "scales as logarithms, angles the short way round. A recording is such a path, so it renders again to the same "
        "pixels.",
        ("add-keyframe", "play-path", "record"),
        drawings.keyframes,
    ),
    Explanation(
        "zoom", "Zoom and center: which part is seen",
        "A zoom of 1 shows the whole picture, 2 half of its width. Fields have no pixels of their own, so each view is "
        "evaluated at the pixels of the window; only the picture they were made from has a finest detail.",
        ("zoom", "center", "fit", "one-to-one"),
        drawings.magnification, (2.0,), _settings("zoom"),
    ),
)  # fmt: skip

_BY_SUBJECT = {subject: one for one in EXPLANATIONS for subject in one.about}


def explanation_of(topic: Topic) -> Explanation:
    """What explains it; where nothing else does, its own help."""
    known = _BY_SUBJECT.get(topic.name)
    if known is not None:
        return known
    sentence = topic.help[:1].upper() + topic.help[1:]
    return Explanation(topic.name, topic.title, sentence + ("" if sentence.endswith((".", "!", "?")) else "."))
