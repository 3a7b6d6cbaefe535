"""The photographs' cameras as they are drawn: where they stand by now, with thumbnails where photographs are known."""

from __future__ import annotations

import numpy as np
import torch

from fieldcore.fields.seen_field import SeenField
from fieldcore.fields.surface import Surface
from fieldcore.views.views import Views

from ...camera.frustum import HELD_OUT, USED, Frustum
from .pictures import RadianceSubject


class PlacedCameras:
    """The latest ones that were asked for."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._frusta: tuple[Frustum, ...] = ()

    def of(self, subject: RadianceSubject | None) -> tuple[Frustum, ...]:
        """Those of a field; none before its training has begun."""
        key = () if subject is None else (subject.field, subject.views, subject.version)
        if key != self._of:
            self._of = key
            self._frusta = () if subject is None else _placed(subject.field, subject.views)
        return self._frusta


def _placed(field: SeenField, views: Views | None) -> tuple[Frustum, ...]:
    cameras, held_out = field.cameras, set(field.facts.held_out_views)
    if not cameras.known:
        return ()
    thumbnails = {} if views is None else {view.name: view.stored.bytes.numpy() for view in views.views}
    moved = _ways(field)
    return tuple(
        Frustum(
            cameras.camera(number),
            HELD_OUT if name in held_out else USED,
            None if moved is None or name in held_out else moved[number],
            thumbnails.get(name),
        )
        for number, name in enumerate(cameras.names)
    )


def _ways(field: SeenField) -> np.ndarray | None:
    """Where each camera stood before its refinement, and how far that moved it; None where none was refined."""
    poses = field.poses if isinstance(field, Surface) else None
    if poses is None:
        return None
    return torch.stack([poses.centres, poses.shifts.detach()], 1).cpu().double().numpy()
