"""Brings networks into the window."""

from __future__ import annotations

from ...plane.presenter import PlanePresenter
from .compositor import NetworksCompositor


class NetworksPresenter(PlanePresenter):
    """See the base; frames of a recording are what is seen."""

    compositor = NetworksCompositor


PRESENTER = NetworksPresenter
