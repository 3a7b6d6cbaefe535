"""Text of files that do not say how they are encoded."""

from __future__ import annotations


def decoded(data: bytes) -> str:
    """Text in UTF-8, or else Latin-1, with Unix line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
