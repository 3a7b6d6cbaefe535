"""Reading and writing videos: films, animated pictures and folders of numbered pictures, as frames of 8 bits."""

from .frames import FrameSource
from .reading import FILM_SUFFIXES, MOST_BYTES, Clip, is_clip, read_clip
from .writing import FILM_SUFFIX, film_file

__all__ = ["FILM_SUFFIX", "FILM_SUFFIXES", "MOST_BYTES", "Clip", "FrameSource", "film_file", "is_clip", "read_clip"]
