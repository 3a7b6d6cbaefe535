"""One thread at a time: a field that is trained in one and shown by another is never seen in the middle of a step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from torch import nn

_LOCKS: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()
_NEW_LOCK = threading.Lock()


@contextmanager
def exclusive(field: nn.Module, *, training: bool) -> Iterator[None]:
    """Have ``field`` for oneself, in training or in evaluation mode, and leave it in the mode that it was in.

    The mode is one flag for all threads, so whoever changes it must be alone with the field meanwhile. May be nested.
    """
    with _NEW_LOCK:
        lock = _LOCKS.setdefault(field, threading.RLock())
    with lock:
        before = field.training
        if before is not training:
            field.train(training)
        try:
            yield
        finally:
            if before is not training:
                field.train(before)
