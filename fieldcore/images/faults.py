"""Why a picture is not read, as a decoder says it."""

from __future__ import annotations


class Refused(Exception):
    """The message is a clause about the file: what is the matter, and what to do. It becomes an ``InputError``."""


class UnknownFormat(Exception):
    """No decoder knows the file."""
