"""Reading and writing videos: films, animated pictures and folders of numbered pictures, as frames of 8 bits."""

from .frames import FrameSource
from .reading import MOST_BYTES, Clip, read_clip
from .writing import FILM_SUFFIX, film_file

__all__ = ["FILM_SUFFIX", "MOST_BYTES", "Clip", "FrameSource", "film_file", "read_clip"]
