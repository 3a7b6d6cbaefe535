"""The names of the ways in which a signal continues beyond its box; ``borders.py`` has what they do."""

from __future__ import annotations

from typing import Literal

Border = Literal["mirror", "repeat", "clamp"]
"""``mirror`` repeats the border pixel and goes back, ``repeat`` starts again, ``clamp`` keeps the border's value."""
