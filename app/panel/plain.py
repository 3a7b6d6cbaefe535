"""Groups that are nothing but their buttons and settings."""

from __future__ import annotations

from .board import Board, Tag


def build_view(board: Board, header: Tag) -> None:
    """The group *View*: what part of the picture is seen, and what is written on it."""
    board.actions("View")
    board.settings("View")


def build_surface(board: Board, header: Tag) -> None:
    """The group *Surface*: which surface of a shape is shown, how it is coloured and lit, where it is cut open."""
    board.actions("Surface")
    board.settings("Surface")
