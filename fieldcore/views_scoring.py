"""How near a field's renderings are to photographs that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import flip_evaluator
import numpy as np
from jaxtyping import Bool, Float
from skimage.metrics import structural_similarity
from torch import Tensor

from .errors import InputError
from .filters import Filter
from .grid import Grid
from .measures import Column, Measures
from .signals.signal import SignalFacts
from .views.camera import Camera
from .views.view import View
from .views.views import Views

_SSIM_WINDOW = 7
_HALF = 0.5


@runtime_checkable
class Rendering(Protocol):
    """What a camera sees: display-encoded colours over what is behind, and alpha."""

    colour: Float[Tensor, "h w 3"]
    alpha: Float[Tensor, "h w"]


@runtime_checkable
class Renders(Protocol):
    """A field that can be looked at."""

    def render(self, camera: Camera) -> Any:
        """A ``Rendering``."""


@dataclass(frozen=True)
class ViewScore:
    """How near a rendering is to a photograph: of the pixels in its mask or the rendering's, colours over black.

    Where photographs have no masks all pixels are judged.

    Attributes:
        psnr: in dB.
        ssim: mean structural similarity; None below 7 x 7 pixels.
        flip: mean FLIP error.
        mask_iou: overlap of the silhouettes; None without masks.
    """

    psnr: float
    ssim: float | None
    flip: float
    mask_iou: float | None


def view_scores(field: Renders, views: Views, similarity: Float[Tensor, "4 4"] | None = None) -> dict[str, ViewScore]:
    """The measures of each view that was held out, by its name, in its own size.

    Args:
        field: to be judged.
        views: with those that were held out.
        similarity: from the field's coordinates to the views', which differ where its cameras were trained too; see
            ``views.alignment.aligning``.

    Raises:
        InputError: none was held out.

    Example:
        scores = view_scores(fieldcore.load_field("fish.safetensors"), fieldcore.Views.open("fish-views"))
        print({name: score.psnr for name, score in scores.items()})
    """
    if not views.held_out:
        raise InputError(
            f"views '{views.facts.name}': no view was held out, so there is none to score; train with --holdout 8"
        )

    def seen_by(camera: Camera) -> Any:
        return field.render(camera if similarity is None else camera.moved(similarity.inverse()))

    return {view.name: compare_view(seen_by(view.camera), view, views.has_masks) for view in views.held_out}


def compare_view(rendering: Rendering, view: View, has_mask: bool) -> ViewScore:
    """The measures of one view, whose rendering has its own size."""
    photograph = view.pixels().numpy()
    shown = np.ascontiguousarray(rendering.colour.cpu().numpy().clip(0, 1))
    true = np.ascontiguousarray(photograph[..., :3])
    own, masked = rendering.alpha.cpu().numpy() > _HALF, photograph[..., 3] > _HALF
    judged = own | masked if has_mask else np.ones_like(own)
    error = float(np.square((shown - true)[judged].astype(np.float64)).mean()) if judged.any() else 0.0
    error_map = flip_evaluator.evaluate(true, shown, "LDR", applyMagma=False)[0]
    flip = np.asarray(error_map).reshape(*judged.shape, -1)[judged]
    return ViewScore(
        psnr=-10 * math.log10(max(error, 1e-20)),
        ssim=_similarity(shown, true, judged),
        flip=float(flip.mean()) if len(flip) else 0.0,
        mask_iou=float((own & masked).sum() / max(judged.sum(), 1)) if has_mask else None,
    )


def mean_view_score(scores: Sequence[ViewScore]) -> ViewScore:
    """The mean of each measure over the views that have it."""
    means: dict[str, Any] = {}
    for name in ("psnr", "ssim", "flip", "mask_iou"):
        known = [value for score in scores if (value := getattr(score, name)) is not None]
        means[name] = float(np.mean(known)) if known else None
    return ViewScore(**means)


def _similarity(
    shown: Float[np.ndarray, "h w 3"], true: Float[np.ndarray, "h w 3"], judged: Bool[np.ndarray, "h w"]
) -> float | None:
    if min(judged.shape) < _SSIM_WINDOW or not judged.any():
        return None
    whole = structural_similarity(true, shown, channel_axis=2, data_range=1.0, win_size=_SSIM_WINDOW, full=True)[1]
    return float(whole[judged].mean())


class ViewMeasures(Measures):
    """What views that were held out are compared by: see ``ViewScore``; ``view_scores`` computes them."""

    columns = {  # noqa: RUF012 (nothing changes it)
        "psnr": Column("PSNR dB", "8.2f"),
        "ssim": Column("SSIM", "7.4f"),
        "flip": Column("FLIP", "7.4f", lower_is_better=True),
        "mask_iou": Column("mask IoU", "8.4f"),
    }

    def grid(self, facts: SignalFacts, filter: Filter) -> Grid:
        """There is none: views are compared in their own pixels. Raises InputError."""
        raise InputError(f"views '{facts.name}': they are compared in their own pixels, not on a grid")

    def compare(
        self,
        values: Float[np.ndarray, "*shape c"],
        truth: Float[np.ndarray, "*shape c"],
        facts: SignalFacts,
        grid: Grid,
        names: Collection[str] = (),
    ) -> dict[str, float | None]:
        """As ``grid``."""
        raise InputError(f"views '{facts.name}': they are compared in their own pixels, not on a grid")


VIEWS = ViewMeasures()
