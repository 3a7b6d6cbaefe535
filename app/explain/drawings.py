"""The drawings of explanations: each draws what some numbers mean, in closed form where there is one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from ..gl.canvas import ACCENT, TEXT, scientific
from ..panes import PANES, Layout, panes_of
from .sketch import FINE, PALE, SOFT, Sketch

Drawing = Callable[..., None]
"""Draws numbers and names on a sketch."""

_BARS = ((-0.82, 0.5), (-0.1, 0.22), (0.3, 0.1), (0.52, 0.1), (0.72, 0.045), (0.81, 0.045))
"""Left edge and width of bright bars, in domain units."""


def _erf(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.array([math.erf(value) for value in x])


def smoothed_bars(x: Float[np.ndarray, "n"], variance: float) -> Float[np.ndarray, "n"]:
    """Bars of height 1 that a Gaussian has been averaged over, in closed form."""
    spread = math.sqrt(2 * max(variance, 1e-9))
    steps = [_erf((x - left) / spread) - _erf((x - left - wide) / spread) for left, wide in _BARS]
    return np.asarray(0.5 * np.sum(steps, axis=0))


def variance(sketch: Sketch, value: float) -> None:
    """Bars before and after, and the Gaussian that is averaged over, to scale."""
    x = np.linspace(-1, 1, 401)
    across, deviation = (x + 1) / 2, math.sqrt(max(value, 0.0))
    sketch.curve([0, 1], [0.42, 0.42], FINE, 0.08)
    sketch.curve(across, 0.42 + 0.46 * smoothed_bars(x, 0.0), PALE, 0.09)
    sketch.curve(across, 0.42 + 0.46 * smoothed_bars(x, value))
    sketch.curve([0, 1], [0.06, 0.06], FINE, 0.08)
    wide = max(deviation, 2e-3)
    bell = 0.06 + 0.24 * np.exp(-0.5 * (x / wide) ** 2)
    sketch.area([*across, 1, 0], [*bell, 0.06, 0.06])
    sketch.curve(across, bell, ACCENT, 0.1)
    words = f"variance {scientific(value)}, deviation {deviation:.3g}" if value else "no filter"
    sketch.write(words, 0.0, 0.93, paint=TEXT)


def covariance(sketch: Sketch, larger: float, smaller: float, angle_deg: float) -> None:
    """The ellipse of one standard deviation, enlarged to fit, and its axes."""
    radii = np.sqrt(np.maximum([larger, smaller], 1e-12))
    scale = 0.4 / radii.max()
    turn = math.radians(angle_deg)
    along, over = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    middle, high = 0.5 * sketch.aspect, 0.5
    around = np.linspace(0, 2 * math.pi, 121)
    points = scale * (radii[0] * np.cos(around)[:, None] * along + radii[1] * np.sin(around)[:, None] * over)
    sketch.area((middle + points[:, 0]) / sketch.aspect, high + points[:, 1])
    sketch.curve((middle + points[:, 0]) / sketch.aspect, high + points[:, 1])
    for radius, axis in ((radii[0], along), (radii[1], over)):
        ends = np.array([-1.0, 1.0])[:, None] * scale * radius * axis
        sketch.curve((middle + ends[:, 0]) / sketch.aspect, high + ends[:, 1], PALE, 0.08)
    if not larger:
        sketch.write("no filter", 0.0, 0.93, paint=TEXT)
        return
    sketch.write(f"variance along {scientific(larger)}", 0.0, 0.93, paint=TEXT)
    sketch.write(f"across {scientific(smaller)}", 0.0, 0.04, paint=TEXT)
    sketch.write(f"{angle_deg:.0f}°", 1.0, 0.93, "right")


def kernel(sketch: Sketch, name: str, half_size: float, *heights: float) -> None:
    """The profile of a kernel over its support."""
    values = np.array(heights)
    least, most = min(0.0, values.min()), max(values.max(), 1e-9)
    low, high = 0.14, 0.8
    level = low + (high - low) * (0 - least) / (most - least)
    ys = low + (high - low) * (values - least) / (most - least)
    xs = np.linspace(0.15, 0.85, len(values))
    sketch.curve([0, 1], [level, level], FINE, 0.08)
    sketch.area([*xs, 0.85, 0.15], [*ys, level, level])
    sketch.curve([0.15, *xs, 0.85], [level, *ys, level])
    sketch.write(name, 0.0, 0.93, paint=TEXT)
    sketch.write(f"−{half_size:.3g}", 0.15, 0.0, "middle")  # noqa: RUF001
    sketch.write(f"+{half_size:.3g}", 0.85, 0.0, "middle")


def fovea(sketch: Sketch, falloff: float, radius: float, power: float) -> None:
    """How the variance grows away from the gaze."""
    away = np.linspace(-1, 1, 201)
    grown = (falloff * np.maximum(np.abs(away) - radius, 0)) ** power
    most = max(float(grown.max()), 1e-9)
    ys = 0.12 + 0.62 * grown / most
    sketch.curve([0, 1], [0.12, 0.12], FINE, 0.08)
    sketch.area([*(away + 1) / 2, 1, 0], [*ys, 0.12, 0.12])
    sketch.curve((away + 1) / 2, ys)
    sketch.curve([0.5, 0.5], [0.12, 0.82], PALE, 0.08)
    sketch.write("the cursor", 0.5, 0.0, "middle")
    sketch.write(f"variance up to {scientific(most)}", 0.0, 0.93, paint=TEXT)


def size_map(sketch: Sketch, least: float, feather: float) -> None:
    """How large the filter is along a ramp: its least size, and the way to its whole."""
    xs = np.linspace(0, 1, 121)
    share = np.clip((xs - 0.15) / 0.7, 0, 1) ** max(feather, 0.05)
    sizes = least + (1 - least) * share
    sketch.shades(share[None, :], 0.0, 0.72, 1.0, 0.88)
    sketch.curve([0, 1], [0.12, 0.12], FINE, 0.08)
    sketch.area([*xs, 1, 0], [*(0.12 + 0.45 * sizes), 0.12, 0.12])
    sketch.curve(xs, 0.12 + 0.45 * sizes)
    sketch.write("black: the least size", 0.0, 0.0)
    sketch.write("white: the whole", 1.0, 0.0, "right")


def footprint(sketch: Sketch, pitch_deg: float, log10_variance: float) -> None:
    """A pixel's cone that meets a floor: the flatter, the longer its footprint."""
    pitch = math.radians(min(max(abs(pitch_deg), 4.0), 80.0))
    eye = np.array([0.12, 0.86])
    floor, half = 0.14, math.radians(2.2)
    hits = [eye[0] + (eye[1] - floor) / math.tan(pitch + sign * half) / sketch.aspect for sign in (1, -1)]
    more = 0.25 * math.sqrt(10**log10_variance) if log10_variance > -7.9 else 0.0
    near, far = hits[0] - more, min(hits[1] + more, 2.0)
    sketch.curve([0, 1], [floor, floor], PALE, 0.09)
    sketch.area([eye[0], *hits], [eye[1], floor, floor])
    for hit in hits:
        sketch.curve([eye[0], hit], [eye[1], floor], PALE, 0.08)
    sketch.curve([near, far], [floor, floor], ACCENT, 0.4)
    sketch.dots([eye[0]], [eye[1]], TEXT)
    sketch.write("camera", eye[0] + 0.04, eye[1])
    sketch.write(f"footprint {(far - near) * sketch.aspect / (2 * half):.1f} × across", 1.0, 0.93, "right", TEXT)  # noqa: RUF001
    sketch.write("surface", 0.0, 0.0)


def samples(sketch: Sketch, count: int) -> None:
    """A pixel with so many samples along either axis, on a checkered surface."""
    side = 0.86 / sketch.aspect
    rows = np.arange(60)
    checks = ((rows[:, None] * 7 // 60 + rows[None, :] * 7 // 60) % 2) * 0.3 + 0.25
    sketch.shades(checks.astype(float), 0.0, 0.07, side, 0.93)
    sketch.box(0.0, 0.07, side, 0.93, PALE)
    number = max(1, count)
    places = (np.arange(number) + 0.5) / number
    xs, ys = np.meshgrid(places * side, 0.07 + 0.86 * places)
    sketch.dots(xs.ravel(), ys.ravel(), ACCENT, min(0.22, 1.6 / number))
    sketch.write("one pixel", side + 0.05, 0.84)
    sketch.write(f"{number} × {number} = {number * number} samples", side + 0.05, 0.66, paint=TEXT)  # noqa: RUF001


def _waves(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return 0.5 + 0.22 * np.sin(7 * x + 0.5) + 0.12 * np.sin(17 * x)


def _deviation(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Of root mean square 1."""
    values = np.sin(23 * x + 1) + 0.7 * np.sin(41 * x)
    return np.asarray(values / math.sqrt(float(np.mean(values**2))))


def error(sketch: Sketch, kind: str, most: float) -> None:
    """A truth and a field beside it; below, their difference on the scale of the map."""
    x = np.linspace(0, 1, 301)
    truth, found = _waves(x), _waves(x) + 0.06 * _deviation(x) * (0.3 + x)
    sketch.curve(x, 0.45 + 0.6 * (truth - 0.25), PALE, 0.1)
    sketch.curve(x, 0.45 + 0.6 * (found - 0.25))
    difference = np.clip((found - truth) / max(most, 1e-6), -1, 1)
    signed = kind == "signed"
    level, high = (0.21, 0.15) if signed else (0.08, 0.28)
    ys = level + high * (difference if signed else np.abs(difference))
    sketch.curve([0, 1], [level, level], FINE, 0.08)
    sketch.area([*x, 1, 0], [*ys, level, level])
    sketch.curve(x, ys, ACCENT, 0.09)
    sketch.write("truth and field", 0.0, 0.93)
    sketch.write(f"{kind}, up to {most:.3g}", 1.0, 0.93, "right", TEXT)


def psnr(sketch: Sketch, decibels: float) -> None:
    """A signal with an error of exactly that PSNR."""
    x = np.linspace(0, 1, 401)
    rmse = 10 ** (-decibels / 20)
    truth = _waves(x)
    found = truth + rmse * _deviation(x)
    sketch.curve(x, 0.1 + 0.75 * truth, PALE, 0.1)
    sketch.curve(x, np.clip(0.1 + 0.75 * found, 0, 1), ACCENT, 0.09)
    sketch.write(f"{decibels:.1f} dB: an error of {100 * rmse:.2g} % of the range", 0.0, 0.93, paint=TEXT)
    sketch.write("truth", 0.0, 0.0)
    sketch.write("field", 1.0, 0.0, "right", ACCENT)


def sensitivity(sketch: Sketch) -> None:
    """How well an eye sees waves, from coarse to fine, after Mannos and Sakrison (1974)."""
    cycles = np.geomspace(0.5, 40, 300)
    seen = 2.6 * (0.0192 + 0.114 * cycles) * np.exp(-((0.114 * cycles) ** 1.1))
    ys, x = 0.14 + 0.5 * seen / seen.max(), np.linspace(0, 1, 300)
    phase = np.cumsum(np.gradient(np.log(cycles)) * cycles * 6)
    sketch.shades(0.5 + 0.3 * np.sin(phase)[None, :], 0.0, 0.72, 1.0, 0.86)
    sketch.curve([0, 1], [0.14, 0.14], FINE, 0.08)
    sketch.area([*x, 1, 0], [*ys, 0.14, 0.14])
    sketch.curve(x, ys)
    sketch.write("how well waves are seen", 0.0, 0.93)
    sketch.write("coarse", 0.0, 0.0)
    sketch.write("fine", 1.0, 0.0, "right")


def octaves(sketch: Sketch, cycles: float) -> None:
    """What a network whose frequencies reach so far has left to learn, octave by octave."""
    bands = 2.0 ** np.arange(9)
    left = 1 - np.exp(-0.5 * (bands / max(2.2 * cycles, 1e-3)) ** 2)
    for number, share in enumerate(left):
        x0, x1 = (number + 0.12) / len(bands), (number + 0.88) / len(bands)
        sketch.area([x0, x1, x1, x0], [0.12, 0.12, 0.12 + 0.62 * share, 0.12 + 0.62 * share], SOFT)
        sketch.curve([x0, x1], [0.12 + 0.62 * share] * 2, ACCENT, 0.1)
        sketch.write(f"{bands[number]:.0f}", (number + 0.5) / len(bands), 0.0, "middle")
    sketch.curve([0, 1], [0.12, 0.12], FINE, 0.08)
    sketch.write("error left, by cycles across", 0.0, 0.93)
    sketch.write(f"reach {cycles:.3g}", 1.0, 0.93, "right", TEXT)


def activation(sketch: Sketch, name: str, omega: float) -> None:
    """What a unit makes of its input."""
    z = np.linspace(-1, 1, 801)
    shapes: dict[str, Any] = {
        "relu": lambda: np.maximum(z, 0) * 2 - 1,
        "finer": lambda: np.sin(omega * (np.abs(z) + 1) * z),
        "gauss": lambda: 2 * np.exp(-0.5 * (z * omega / 6) ** 2) - 1,
        "wire": lambda: np.cos(omega * z) * np.exp(-((z * omega / 10) ** 2)),
    }
    values = shapes.get(name, lambda: np.sin(omega * z))()
    sketch.curve([0, 1], [0.48, 0.48], FINE, 0.08)
    sketch.curve([0.5, 0.5], [0.14, 0.82], FINE, 0.08)
    sketch.curve((z + 1) / 2, 0.48 + 0.32 * values, ACCENT, 0.1)
    sketch.write(f"{name}, omega {omega:.3g}", 0.0, 0.93, paint=TEXT)
    sketch.write("−1", 0.0, 0.0)  # noqa: RUF001
    sketch.write("+1", 1.0, 0.0, "right")


def _encoded(light: Float[np.ndarray, "n"], curve: str) -> Float[np.ndarray, "n"]:
    light = np.maximum(light, 0)
    if curve == "aces":
        light = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    elif curve == "reinhard":
        light = light / (1 + light)
    light = np.clip(light, 0, 1)
    if curve in ("none", "false_colour"):
        return light
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def tone(sketch: Sketch, stops: float, offset: float, curve: str) -> None:
    """From light, over the stops below and above white, to the display."""
    at = np.linspace(-8, 4, 241)
    shown = _encoded(2.0**at * 2.0**stops + offset, curve)
    usual = _encoded(2.0**at, "srgb")
    x = (at + 8) / 12
    sketch.shades(shown[None, ::4], 0.0, 0.0, 1.0, 0.1)
    sketch.curve([0, 1], [0.14, 0.14], FINE, 0.08)
    sketch.curve([8 / 12, 8 / 12], [0.14, 0.82], FINE, 0.08)
    sketch.curve(x, 0.14 + 0.64 * usual, PALE, 0.09)
    sketch.curve(x, 0.14 + 0.64 * shown)
    sketch.write(f"{curve}, {stops:+.3g} stops", 0.0, 0.93, paint=TEXT)
    sketch.write("white", 8 / 12, 0.86, "middle")


def layout(sketch: Sketch, name: Layout, left: str, right: str, divider: float) -> None:
    """How outputs share the frame."""
    size = 3000, round(3000 / sketch.aspect * 0.8)
    count = PANES[name]
    panes = panes_of(name, (left, right, "", "")[:count], size, divider)
    for number, pane in enumerate(panes):
        x, y, wide, high = pane.visible
        x0, x1 = x / size[0], (x + wide) / size[0]
        y1, y0 = 0.86 * (1 - y / size[1]), 0.86 * (1 - (y + high) / size[1])
        if pane.below:
            sketch.area([x0, x1, x1], [y0, y0, y1], SOFT)
        elif number % 3:
            sketch.area([x0, x1, x1, x0], [y0, y0, y1, y1], SOFT)
        sketch.box(x0, y0, x1, y1, PALE)
        if pane.output and x1 - x0 > 0.15:
            words, low = pane.output, 0.1 * (y1 - y0)
            at_right = pane.below
            sketch.write(words, x1 - 0.03 if at_right else x0 + 0.03, y0 + low if at_right else y1 - 0.13,
                         "right" if at_right else "left", TEXT)  # fmt: skip
    sketch.write(name, 0.0, 0.92)


def level(sketch: Sketch, value: float) -> None:
    """Where the distance to two balls has that value."""
    ys, xs = np.mgrid[0:1:64j, 0 : sketch.aspect : round(64 * sketch.aspect) * 1j]
    middle = sketch.aspect / 2
    distances = np.minimum(
        np.hypot(xs - middle + 0.22, ys - 0.46) - 0.2, np.hypot(xs - middle - 0.26, ys - 0.46) - 0.13
    )
    inside = distances[::-1] * 2 < value
    lines = np.abs((distances[::-1] * 2 / 0.2) % 1 - 0.5) > 0.44
    sketch.shades(np.where(inside, 0.72, np.where(lines, 0.22, 0.12)), 0.0, 0.0, 1.0, 0.88)
    sketch.write(f"distance {value:+.3g}", 0.0, 0.93, paint=TEXT)


def stop(sketch: Sketch, rule: str, amount: str) -> None:
    """A loss that falls, and where it ends."""
    x = np.linspace(0, 1, 201)
    loss = 0.14 + 0.6 * np.exp(-5 * x) + 0.05 * np.exp(-2 * x) * np.sin(60 * x)
    at = {"plateau": 0.82, "target_psnr": 0.5}.get(rule, 0.66)
    sketch.curve([0, 1], [0.1, 0.1], FINE, 0.08)
    sketch.curve(x, loss, PALE, 0.09)
    sketch.curve(x[x <= at], loss[x <= at])
    sketch.curve([at, at], [0.1, 0.8], ACCENT, 0.08)
    sketch.write(f"{rule.replace('_', ' ')}: {amount}", 0.0, 0.93, paint=TEXT)
    sketch.write("training", 1.0, 0.0, "right")


def spectrum(sketch: Sketch, value: float) -> None:
    """What a Gaussian of that variance lets through of each frequency."""
    cycles = np.linspace(0, 64, 257)
    passed = np.exp(-2 * (math.pi * cycles / 2) ** 2 * value)
    power = 1 / (1 + cycles / 4)
    sketch.curve([0, 1], [0.12, 0.12], FINE, 0.08)
    sketch.curve(cycles / 64, 0.12 + 0.62 * power, PALE, 0.09)
    ys = 0.12 + 0.62 * power * passed
    sketch.area([*cycles / 64, 1, 0], [*ys, 0.12, 0.12])
    sketch.curve(cycles / 64, ys)
    sketch.write("what is left of each frequency", 0.0, 0.93)
    sketch.write("0", 0.0, 0.0)
    sketch.write("64 cycles across", 1.0, 0.0, "right")


def hemisphere(sketch: Sketch, u: float, v: float) -> None:
    """The disc of all directions of light, with the one that is asked for."""
    around = np.linspace(0, 2 * math.pi, 121)
    middle, half = 0.5, 0.42
    for share in (1 / 3, 2 / 3, 1.0):
        across = middle + share * half * np.cos(around) / sketch.aspect
        sketch.curve(across, 0.46 + share * half * np.sin(around), PALE if share == 1 else FINE, 0.08)
    x, y = middle + half * u / sketch.aspect, 0.46 - half * v
    sketch.curve([middle, x], [0.46, y], PALE, 0.08)
    sketch.dots([x], [y], ACCENT, 0.4)
    sketch.write("horizon", middle + half / sketch.aspect + 0.02, 0.44)
    sketch.write(f"light {u:.2f}, {v:.2f}", 0.0, 0.93, paint=TEXT)


def field_of_view(sketch: Sketch, degrees: float) -> None:
    """The wedge that a camera sees, from above."""
    half = math.radians(min(degrees, 170.0)) / 2
    reach = min(0.9 * sketch.aspect, 0.43 / math.sin(half))
    around = np.linspace(-half, half, 61)
    xs = 0.04 + reach * np.cos(around) / sketch.aspect
    ys = 0.45 + reach * np.sin(around)
    sketch.area([0.04, *xs], [0.45, *ys])
    sketch.curve([xs[0], 0.04, xs[-1]], [ys[0], 0.45, ys[-1]])
    sketch.dots([0.04], [0.45], TEXT)
    sketch.write(f"{degrees:.0f}° high", 0.0, 0.93, paint=TEXT)


def keyframes(sketch: Sketch) -> None:
    """Values at some moments, and the curve that leads from one to the next."""
    at, values = np.array([0.06, 0.3, 0.55, 0.94]), np.array([0.2, 0.7, 0.62, 0.28])
    slopes = np.gradient(values, at)
    xs: list[float] = []
    ys: list[float] = []
    for one in range(3):
        wide, t = at[one + 1] - at[one], np.linspace(0, 1, 41)
        hermite = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2)
        parts = (values[one], wide * slopes[one], values[one + 1], wide * slopes[one + 1])
        xs += list(at[one] + wide * t)
        ys += list(sum(weight * part for weight, part in zip(hermite, parts, strict=True)))
    sketch.curve([0, 1], [0.12, 0.12], FINE, 0.08)
    sketch.curve(xs, ys)
    sketch.dots(at, values, TEXT, 0.3)
    sketch.write("a value over time, and its keyframes", 0.0, 0.93)
    sketch.write("time", 1.0, 0.0, "right")


def overlap(sketch: Sketch) -> None:
    """Two shapes, what they share, and what they make together."""
    around, middle = np.linspace(0, 2 * math.pi, 121), sketch.aspect / 2
    for shift, paint in ((-0.1, SOFT), (0.1, SOFT)):
        xs = (middle + shift + 0.3 * np.cos(around)) / sketch.aspect
        sketch.area(xs, 0.44 + 0.3 * np.sin(around), paint)
        sketch.curve(xs, 0.44 + 0.3 * np.sin(around), PALE, 0.08)
    sketch.write("shared", 0.5, 0.42, "middle", TEXT)
    sketch.write("shared volume over all of it", 0.0, 0.93)


def magnification(sketch: Sketch, zoom: float) -> None:
    """The part of the picture that is seen."""
    half = min(0.5, 0.5 / max(zoom, 1e-3))
    wide = 0.8 / sketch.aspect
    x0 = 0.5 - wide / 2
    sketch.box(x0, 0.02, x0 + wide, 0.82, PALE)
    left, right = 0.5 - half * wide, 0.5 + half * wide
    low, high = 0.42 - half * 0.8, 0.42 + half * 0.8
    sketch.area([left, right, right, left], [low, low, high, high])
    sketch.box(left, low, right, high, ACCENT)
    sketch.write(f"zoom {zoom:.3g}", 0.0, 0.93, paint=TEXT)
