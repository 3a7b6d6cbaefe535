"""What pictures have in the panel."""

from __future__ import annotations

from collections.abc import Callable

from fieldcore.samples import sample_names

from ....panel.board import Board
from ....panel.recent import Choices
from ....scene import PanelGroup
from ....services import nothing
from ..controls import SAMPLE
from ..state import PictureState, pictures
from . import diracs, field, spectrum

_SIZE = "a Gaussian's standard deviation or a kernel's half size along its axes, in domain units and pixels"


def _source_part(board: Board) -> Callable[[], None]:
    samples = Choices(
        board, "sample pictures", "photographs that scikit-image carries; of the one chosen a field is made"
    )
    samples.offer({name: f"{SAMPLE}{name}" for name in sample_names()})
    return nothing


def _filter_part(board: Board) -> Callable[[], None]:
    state = pictures(board.session)
    size = board.fact("size", _SIZE)
    return lambda: size.show(_size(state))


def _size(state: PictureState) -> str:
    """Along the axes, in domain units and in pixels."""
    axes, controls, document = state.axes, state.controls, state.document
    if controls.is_off:
        return "none"
    halves = (1, -1) if axes.anisotropy else (0,)
    deviations = [10 ** ((axes.log10_variance + half * axes.anisotropy / 2) / 2) for half in halves]
    alike = len(set(controls.half_size)) == 1
    sizes = deviations if controls.is_gaussian else controls.half_size[: 1 if alike else None]
    words = " by ".join(f"{size:.2g}" for size in sizes)
    if document is None or not document.field.facts.resolution:
        return words
    px_per_unit = max(document.field.facts.resolution) / 2
    return f"{words} = {' by '.join(f'{size * px_per_unit:.2g}' for size in sizes)} px"


GROUPS = (
    PanelGroup("Field", field.build, 50, is_open=False),
    PanelGroup("Diracs", diracs.build, 61, is_open=False),
    PanelGroup("Spectrum", spectrum.build, 85, is_open=False),
)
PARTS = {"Source": _source_part, "Filter": _filter_part}
