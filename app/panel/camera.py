"""The group *Camera*: where it is, where it looks, and how it is moved."""

from __future__ import annotations

from .board import Board, Tag


def build(board: Board, header: Tag) -> None:
    """Make it."""
    board.actions("Camera")
    board.settings("Camera")
