"""A topic: what somebody points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """What can be explained.

    Attributes:
        name: of a setting, an action or an output; of a figure of the panel its label.
        title: what it is called.
        help: what it means, in a few words.
    """

    name: str
    title: str
    help: str
