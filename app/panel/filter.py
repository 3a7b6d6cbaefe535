"""The group *Filter*: which kernel, how large, what shapes it, and the map of its sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from ..filter.kernels import KERNELS, choice_of, title_of
from ..scene_names import ON_PLANE, SMOOTHED
from ..session import Session
from ..setting import put
from ..settings import BY_NAME
from ..work.file_asking import FileWish
from . import plain
from .board import Board, Tag
from .curve import CurveEditor, Heights, resampled
from .ellipse import Ellipse

_KERNEL = f"{BY_NAME['kernel'].meaning}\n\n" + "; ".join(f"{one.title}: {one.meaning}" for one in KERNELS.values())
_ANGLE = "the direction that the derivative is taken along, counter-clockwise from the picture's width"
_CURVE = "the kernel's profile along each axis: draw it, and the picture answers"
_ELLIPSE = (
    "the filter's axes, as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1. Drag "
    "the dots at their ends; the full one turns the ellipse, too"
)
_MAP = f"{BY_NAME['half-size-map'].meaning}\n\n" + (
    "linear and radial grow from a focus, whose handles are dragged on the view; painted "
    "with a brush; or a picture, black being the least size, white the whole"
)
_SAVE = "write the kernel to a file, which 'fieldcore evaluate --kernel FILE' takes, too"
_LOAD = "a kernel from a file, as 'fieldcore kernel fit' writes it"


def build(board: Board, header: Tag) -> None:
    """Make it."""
    board.actions("Filter")
    mapped = BY_NAME["half-size-map"].scenes
    with _within(board, SMOOTHED):
        _Kernel(board, header)
    board.rows(*(BY_NAME[name] for name in _SIZES))
    with _within(board, _PLANES):
        _EllipsePart(board, header, lambda controls: controls.is_gaussian, _PLANES)
    with _within(board, SMOOTHED):
        _EdgePart(board, header, _has("angle"), SMOOTHED)
        _CurvePart(board, header, _has("curve"), SMOOTHED)
        _FilePart(board, header, lambda controls: not controls.is_gaussian, SMOOTHED)
    with _within(board, mapped):
        _Map(board, header, mapped)
    plain.build(board, header, "Filter", with_actions=False)


_SIZES = ("filter-preset", "log10-variance", "anisotropy", "angle", "log10-half-size", "log10-half-size-y", "linked")
_PLANES = tuple(scene for scene in SMOOTHED if scene in ON_PLANE)


@contextmanager
def _within(board: Board, scenes: tuple[str, ...]) -> Iterator[None]:
    """Widgets that are there in these scenes only."""
    with dpg.group() as place:
        yield
    board.only_in(scenes, place)


class _Map:
    """The map of sizes: none, a ramp, a picture, or one that is painted."""

    def __init__(self, board: Board, header: Tag, scenes: tuple[str, ...]) -> None:
        self._session = board.session
        self._wish = FileWish("A map of sizes", "a picture", (".png", ".jpg", ".jpeg", ".tif", ".exr"), self._put)
        self._chosen: dict[str, Callable[[], None]] = {
            "none": partial(self._put, ""),
            "linear": partial(self._put, "linear"),
            "radial": partial(self._put, "radial"),
            "painted": self._paint,
            "a picture…": partial(board.session.ask_file, self._wish),
        }
        with board.row("map", _MAP):
            self._combo = board.combo(self._choose)
        dpg.configure_item(self._combo, items=list(self._chosen))
        board.tips["half-size-map"] = board.tooltip(self._combo, _MAP)
        board.widgets["half-size-map"] = self._combo
        self._shown: object = None
        board.refreshed(header, self._refresh, scenes)

    def _choose(self, name: str) -> None:
        self._shown = None  # what becomes of it is to be shown
        self._chosen[name]()

    def _put(self, name: Any) -> None:
        put(BY_NAME["half-size-map"], self._session, str(name))

    def _paint(self) -> None:
        state: Any = self._session.state
        if not state.brushes:
            state.toggle_brush()

    def _refresh(self) -> None:
        shown = self._session.shown.half_size_map
        if shown != self._shown:
            self._shown = shown
            dpg.set_value(self._combo, shown if shown in self._chosen else Path(shown).name if shown else "none")


class _Part:
    """Widgets that are there for some kernels only."""

    def __init__(self, board: Board, header: Tag, seen: Callable[[Any], bool], scenes: tuple[str, ...]) -> None:
        self._seen, self._was_seen, self._session = seen, True, board.session
        with dpg.group() as self._place:
            self.refresh = self.build(board)
        board.refreshed(header, self._refresh, scenes)

    def build(self, board: Board) -> Callable[[], None]:
        raise NotImplementedError

    def _refresh(self) -> None:
        seen = self._seen(self._session.shown)
        if seen != self._was_seen:
            self._was_seen = seen
            dpg.configure_item(self._place, show=seen)
        if seen:
            self.refresh()


class _Kernel:
    """The kernel by name."""

    def __init__(self, board: Board, header: Tag) -> None:
        self._session = board.session
        with board.row("kernel", _KERNEL):
            self._combo = board.combo(self._choose)
        board.tips["kernel"] = board.tooltip(self._combo, _KERNEL)
        board.widgets["kernel"] = self._combo
        self._names: dict[str, str] = {}
        self._shown = ""
        board.refreshed(header, self._refresh, SMOOTHED)

    def _choose(self, name: str) -> None:
        kernel = self._names[name]
        put(BY_NAME["kernel"], self._session, kernel)
        self._shown = ""  # what becomes of it is to be shown

    def _refresh(self) -> None:
        kernel = self._session.shown.kernel
        if kernel == self._shown:
            return
        self._shown = kernel
        self._names = {choice.title: choice.begins for choice in KERNELS.values()}
        own = title_of(kernel) if kernel not in KERNELS else choice_of(kernel).title
        self._names[own] = kernel
        dpg.configure_item(self._combo, items=list(self._names))
        dpg.set_value(self._combo, own)


def _has(gizmo: str) -> Callable[[Any], bool]:
    return lambda controls: choice_of(controls.kernel).gizmo == gizmo


class _EllipsePart(_Part):
    """The axes of a Gaussian on a plane."""

    def build(self, board: Board) -> Callable[[], None]:
        with board.row("ellipse", _ELLIPSE), dpg.group():
            ellipse = Ellipse(board)
        return ellipse.refresh


class _EdgePart(_Part):
    """The direction of a derivative."""

    def build(self, board: Board) -> Callable[[], None]:
        with board.row("direction, degrees", _ANGLE):
            slider = dpg.add_slider_float(
                min_value=-180.0, max_value=180.0, clamped=True, width=-1, format="%.0f",
                callback=lambda _, angle: self._turn(angle),
            )  # fmt: skip
        board.tooltip(slider, _ANGLE)
        board.widgets["edge-angle"] = slider

        def refresh() -> None:
            if not dpg.is_item_active(slider):
                angle = self._session.shown.kernel.partition(":")[2]
                dpg.set_value(slider, float(angle or 0))

        return refresh

    def _turn(self, angle: float) -> None:
        put(BY_NAME["kernel"], self._session, f"edge:{round(angle)}" if round(angle) else "edge")


class _CurvePart(_Part):
    """The profile of a kernel that is drawn."""

    def build(self, board: Board) -> Callable[[], None]:
        with board.row("shape", _CURVE), dpg.group():
            curve = CurveEditor(board, self._heights, self._draw)
        return curve.refresh

    def _heights(self) -> Heights:
        return resampled([float(height) for height in self._session.shown.kernel.partition(":")[2].split(",")])

    def _draw(self, heights: Heights) -> None:
        put(BY_NAME["kernel"], self._session, "drawn:" + ",".join(f"{height:g}" for height in heights))


class _FilePart(_Part):
    """Files of kernels."""

    def build(self, board: Board) -> Callable[[], None]:
        session = board.session
        save = FileWish("Write the kernel as", "a kernel", (".json",), partial(save_kernel, session), saves=True,
                        name="kernel.json")  # fmt: skip
        load = FileWish("A kernel's file", "a kernel", (".json",), partial(_load, session))
        with board.row("kernel's file", _SAVE):
            board.columns([
                lambda: board.button("Save…", _SAVE, partial(session.ask_file, save), width=-1),
                lambda: board.button("Open…", _LOAD, partial(session.ask_file, load), width=-1),
            ])  # fmt: skip
        return lambda: None


def save_kernel(session: Session, file: Path) -> None:
    """Write the kernel shown, and go on with that file."""
    from fieldcore.kernel_file import write_kernel

    controls = session.shown
    write_kernel(file, controls.filter.terms)
    put(BY_NAME["kernel"], session, str(file))
    session.notice(f"the kernel is written as {file}")


def _load(session: Session, file: Path) -> None:
    put(BY_NAME["kernel"], session, str(file))
