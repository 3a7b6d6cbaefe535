"""Fields that are their samples, as pages hold them: shrunk, packed, and what is left of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np
import torch

from ..errors import InputError
from ..field_image import image
from ..fields.compact_samples import STEPS, compacted
from ..fields.integral import Integral
from ..fields.pyramid import Pyramid
from ..images.shrinking import shrunk
from ..measures import shown_values
from ..signals import SignalFacts
from .blocks import Block, block_of, still_of
from .pages import PageSettings

LONGEST_SIDE = 8160
"""Of textures that nearly all browsers have, less the vertices beyond the box."""

SAMPLES = "samples"
"""What the block of the samples is called."""

_STILL = "small"
_STILL_PIXELS = 640

_Solved = TypeVar("_Solved", Pyramid, Integral)


@dataclass(frozen=True)
class PageSamples(Generic[_Solved]):
    """What a page holds of a field that is its samples.

    Attributes:
        field: as large as the page shows it.
        block: its samples, packed.
        page_field: the field that the page has, of samples that may have been packed with loss.
        blocks: the samples, and where these are no picture a small still.
    """

    field: _Solved
    block: Block
    page_field: _Solved
    blocks: dict[str, Block]

    @classmethod
    def of(cls, field: _Solved, settings: PageSettings) -> PageSamples[_Solved]:
        """Those of a field. Raises InputError where it has too many channels or samples."""
        if field.facts.channels > 4:
            raise InputError(f"a page shows up to 4 channels, got {field.facts.channels}")
        shown = _shrunk(field, settings.size)
        block = block_of(shown.samples, lossy=settings.lossy, exact=settings.exact)
        page_field = _with_samples(shown, torch.from_numpy(block.values).permute(2, 0, 1))
        still = {} if "image" in block.facts["mime"] else {_STILL: _still(page_field)}
        return cls(shown, block, page_field, {SAMPLES: block, **still})

    @property
    def sides(self) -> tuple[int, int]:
        """Width and height in samples."""
        return self.block.facts["width"], self.block.facts["height"]

    @property
    def size(self) -> int | None:
        """What ``PageSettings.size`` would be for these; None where it changes nothing."""
        return max(self.sides) if self.field.facts.resolution else None

    def header(self, still_shows: str) -> dict[str, Any]:
        """What a page's script is told of them.

        Args:
            still_shows: where nothing can be computed.
        """
        facts = self.field.facts
        still = _STILL if _STILL in self.blocks else SAMPLES
        return {
            "half_extent": facts.half_extent,
            "channels": facts.channels,
            "value_range": facts.value_range,
            "encoding": facts.encoding,
            "samples": {"id": SAMPLES, **self.block.facts},
            "still": {"id": still, **self.blocks[still].facts},
            "still_shows": still_shows,
        }


def colour_defines(facts: SignalFacts) -> tuple[str, ...]:
    """What shaders that show a signal's colours have to know of them."""
    return ("VALUES_ARE_LINEAR",) if facts.encoding == "linear" else ()


def _shrunk(field: _Solved, size: int | None) -> _Solved:
    """The field of a smaller picture, if it is larger than that."""
    longer = max(field.samples.shape[1:])
    if size is None or size >= longer:
        if longer > LONGEST_SIDE:
            raise InputError(f"{longer} samples a side are more than browsers hold; give --size {LONGEST_SIDE}")
        return field
    if not field.facts.resolution:
        raise InputError("--size: has no effect on the field of a formula; leave it out")
    samples = compacted(field.samples.cpu())
    is_bytes = samples.dtype == torch.uint8
    small = shrunk(np.ascontiguousarray(_floats(samples).permute(1, 2, 0).numpy()), size)
    if is_bytes:
        small = np.rint(small.clip(0, 1) * STEPS) / np.float32(STEPS)
    return _solved(field, shrunk_facts(field.facts, small), torch.from_numpy(small.astype(np.float32)).permute(2, 0, 1))


def shrunk_facts(facts: SignalFacts, small: np.ndarray) -> SignalFacts:
    """Those of a signal whose pictures have become smaller.

    Args:
        facts: before.
        small: a picture, (height, width, channels).
    """
    height, width = small.shape[:2]
    half = (width / max(width, height), height / max(width, height))
    return replace(facts, resolution=(width, height), half_extent=(*half, *facts.half_extent[2:]))


def _with_samples(field: _Solved, samples: torch.Tensor) -> _Solved:
    if torch.equal(samples, _floats(field.samples.cpu())):
        return field
    return _solved(field, field.facts, samples)


def _solved(field: _Solved, facts: SignalFacts, samples: torch.Tensor) -> _Solved:
    solved = type(field)(replace(field.recipe, held="floats"), facts)
    solved.samples.copy_(samples)
    return solved


def _floats(samples: torch.Tensor) -> torch.Tensor:
    return samples.float() / STEPS if samples.dtype == torch.uint8 else samples.float()


def _still(field: Pyramid | Integral) -> Block:
    """A small picture of what is not filtered."""
    return still_of(shown_values(image(field, size=_STILL_PIXELS), field.facts).clip(0, 1))
