"""What is looked at inside the network shown: its first layer, its kernel, its error by octave, its neurons."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
from jaxtyping import Float

from fieldcore.bands import octave_names
from fieldcore.neurons import Neurons

from ....gl.colormap import colours_of
from ....panel import theme
from ....panel.board import NONE, Board
from ....panel.plots import Curves, Image, coloured
from ..instruments import MOST_NEURONS, NEURON_PX
from ..state import NetworksState, networks

_SIDE_PT = 200
_KERNEL_PX = 128
_ACROSS = math.isqrt(MOST_NEURONS)

_FIRST_LAYER = (
    "the activation over the values z that the first layer sees on this picture, and how often it sees each: where the "
    "grey curve is low, the activation is hardly used"
)
_KERNEL = (
    "the neural tangent kernel of 32 x 32 points, row by row: how much a step at one point changes the value at "
    "another. A narrow diagonal lets every point be learned for itself"
)
_PROFILE = "the kernel over the distance of two points: its mean, and where nine tenths of it lie"
_SPECTRUM = "the kernel's eigenvalues over their sum, the greatest first: what lies along the first is learned first"
_RANK = "how many directions are learned at about the same speed; and how many hold 99 % of all eigenvalues"
_BANDS = (
    "the error in each octave of frequencies over what the picture has there, from step to step: bright is not learned "
    "yet, dark is learned; low frequencies at the bottom"
)
_NEURONS = "outputs of the first layer's neurons over the picture, sorted by frequency, in one range of colours"
_EXPORT = "write this plot as PNG and SVG and its numbers as CSV, into the folder of recordings"


def export_button(board: Board, *names: str) -> None:
    """A button for each plot that writes it to files."""
    for name in names:
        board.button(f"Export {name}", _EXPORT, partial(_export, board, name), small=True)


def _write(state: NetworksState, name: str, folder: Path) -> Path:
    from ..exporting import write_plot  # matplotlib, half a second at the start

    return write_plot(state, name, folder)


def _export(board: Board, name: str) -> None:
    session = board.session
    folder = Path(session.recording.settings.folder)
    session.meanwhile(
        f"writing {name}",
        partial(_write, networks(session), name, folder),
        lambda path: session.notice(f"written: {path} and .svg, .csv"),
    )


def first_layer_part(board: Board) -> Callable[[], None]:
    """The activation over what the first layer sees."""
    colours = {"imaginary": theme.colours.blue, "how often": theme.colours.faint, "activation": theme.colours.accent}
    plot = Curves(board, "z of the first layer", "", colours, _FIRST_LAYER, legend=True)
    export_button(board, "first-layer")

    def show(first: Any) -> None:
        parts = dict(zip(("activation", "imaginary"), first.values.T, strict=False))
        low = min(float(first.values.min()), 0.0)
        often = low + first.density * (float(first.values.max()) - low)
        lines = {name: (first.z, part) for name, part in parts.items()}
        high = max(float(first.values.max()), low + 1e-3)
        room = 0.06 * (high - low)
        plot.show({**lines, "how often": (first.z, often)}, (None, (low - room, high + room)))

    return partial(_follow, networks(board.session), "first layer", show, [None])


def kernel_part(board: Board) -> Callable[[], None]:
    """The kernel as a picture, over distance, and its eigenvalues."""
    state = networks(board.session)
    with board.row("kernel", _KERNEL):
        picture = Image(board, (_KERNEL_PX, _KERNEL_PX), (_SIDE_PT, _SIDE_PT))
    lines = {"nine tenths": theme.colours.faint, "low": theme.colours.faint, "mean": theme.colours.accent}
    profile = Curves(board, "distance, domain units", "kernel", lines, _PROFILE)
    spectrum = Curves(board, "eigenvalue", "share", {"": theme.colours.blue}, _SPECTRUM, logarithmic="xy")
    rank = board.fact("effective rank", _RANK)
    with dpg.group(horizontal=True):
        export_button(board, "kernel", "profile", "spectrum")

    def show_kernel(kernel: Any) -> None:
        n = len(kernel.matrix) // _KERNEL_PX
        mean = kernel.matrix.reshape(_KERNEL_PX, n, _KERNEL_PX, n).mean((1, 3))
        picture.show(coloured(mean, float(mean.min()), float(mean.max()), colours_of("inferno")))
        middle, low, average, high = kernel.profile
        profile.show({"nine tenths": (middle, high), "low": (middle, low), "mean": (middle, average)})

    def show_spectrum(found: Any) -> None:
        shares = np.maximum(found.eigenvalues / found.eigenvalues.sum(), 1e-9)
        spectrum.show({"": (np.arange(1, len(shares) + 1), shares)})
        rank.show(f"{found.effective_rank:.3g}; {found.count_99} hold 99 %")

    kernel_shown: list[Any] = [None]
    spectrum_shown: list[Any] = [None]

    def refresh() -> None:
        _follow(state, "kernel", show_kernel, kernel_shown)
        _follow(state, "spectrum", show_spectrum, spectrum_shown)

    return refresh


def neurons_part(board: Board) -> Callable[[], None]:
    """The first layer's neurons as tiles."""
    side = _ACROSS * (NEURON_PX + 1)
    with dpg.group() as place:
        picture = Image(board, (side, side), (2 * _SIDE_PT, 2 * _SIDE_PT))
    board.tooltip(place, _NEURONS)
    range_fact = board.fact("cycles", "lowest, median and highest frequency of the neurons, along the longer side")
    export_button(board, "neurons")

    def show(neurons: Neurons) -> None:
        picture.show(_tiled(neurons))
        cycles = sorted(neurons.frequencies)
        range_fact.show(f"{cycles[0]:.1f}, {cycles[len(cycles) // 2]:.1f}, {cycles[-1]:.1f}")

    return partial(_follow, networks(board.session), "neurons", show, [None])


def bands_part(board: Board) -> Callable[[], None]:
    """The error in each octave, over the steps."""
    state = networks(board.session)
    with (
        dpg.group(show=False) as place,
        dpg.plot(height=board.px(_SIDE_PT), width=-1, no_menus=True, no_mouse_pos=True) as plot,
    ):
        x_axis = dpg.add_plot_axis(dpg.mvXAxis, label="measured at step", no_gridlines=True)
        with dpg.plot_axis(dpg.mvYAxis, label="cycles", no_gridlines=True) as y_axis:
            series = dpg.add_heat_series([0.0], 1, 1, scale_min=-2, scale_max=0, format="")
        dpg.bind_colormap(plot, dpg.mvPlotColormap_Viridis)
    board.tooltip(place, _BANDS)
    now = board.fact("error by octave", "of the latest measurement, from low to high frequencies; 1 is nothing learned")
    export_button(board, "bands")
    shown: list[object] = [None]

    def refresh() -> None:
        one = state.race.leader if state.race is not None else None
        probes = [] if one is None else list(one.watch.probes)
        if (id(one), len(probes)) == shown[0]:
            return
        shown[0] = (id(one), len(probes))
        dpg.configure_item(place, show=len(probes) > 1)
        now.show("  ".join(f"{error:.2g}" for error in probes[-1].octaves) if probes else NONE)
        if one is None or len(probes) < 2:
            return
        errors = np.log10(np.maximum(np.array([probe.octaves for probe in probes]).T, 1e-3))[::-1]
        rows, columns = errors.shape
        dpg.configure_item(
            series, x=np.nan_to_num(errors).ravel().tolist(), rows=rows, cols=columns, bounds_min=(0, 0),
            bounds_max=(columns, rows),
        )  # fmt: skip
        names = octave_names(one.picture.pixels.shape[:2])
        dpg.set_axis_ticks(y_axis, tuple((name, k + 0.5) for k, name in enumerate(names)))
        at = sorted({*np.linspace(0, columns - 1, min(5, columns)).astype(int).tolist()})
        dpg.set_axis_ticks(x_axis, tuple((str(probes[k].step), k + 0.5) for k in at))
        dpg.set_axis_limits(x_axis, 0, columns)
        dpg.set_axis_limits(y_axis, 0, rows)

    return refresh


def _follow(state: NetworksState, name: str, show: Callable[[Any], None], shown: list[Any]) -> None:
    """Ask for something, and show it whenever it is new."""
    found = state.instruments.ask(name)
    if found is not None and found is not shown[0]:
        shown[0] = found
        show(found)


def _tiled(neurons: Neurons) -> Float[np.ndarray, "h w 3"]:
    """Neurons in rows, evenly chosen where there are more than have room."""
    chosen = np.unique(np.linspace(0, len(neurons.pictures) - 1, MOST_NEURONS).astype(int))
    pictures = neurons.pictures[chosen]
    most = float(np.abs(pictures).max()) or 1.0
    across = math.ceil(math.sqrt(len(pictures)))
    height, width = pictures.shape[1:]
    step = NEURON_PX + 1
    canvas = np.full((math.ceil(len(pictures) / across) * step, across * step, 3), np.array(theme.colours.ground) / 255)
    for index, picture in enumerate(coloured(pictures, -most, most, colours_of("viridis"))):
        top, left = index // across * step, index % across * step
        canvas[top : top + height, left : left + width] = picture
    side = np.arange(_ACROSS * step) * across // _ACROSS
    return canvas[np.minimum(side, len(canvas) - 1)][:, side] if len(canvas) == across * step else canvas
