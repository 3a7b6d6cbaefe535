"""Keeping other libraries' lines and warnings away from people, to whom their words say nothing."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def quietly(*loggers: str) -> Iterator[None]:
    """Let none of these loggers' lines through, nor warnings, nor numpy's words on overflow and NaN.

    Whoever has set up logging goes on to see the lines: only Python's own last resort, standard error, is shut.

    Args:
        loggers: their names, such as ``trimesh``.
    """
    for name in loggers:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
