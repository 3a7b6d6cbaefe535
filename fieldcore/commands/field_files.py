"""Fields as the input of a command: files, addresses, pipes or samples, one or several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..arguments import argument
from ..samples import FIELDS, sample_names
from ..sources import check_source, local_file

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint

ADVICE = "train one with 'fieldcore fit'"


def field_argument(words: str = "A field's file") -> Any:
    """The argument of a command that takes a field, or by its type several."""
    return argument(
        f"{words} (.safetensors); http(s):// address; - for standard input; or sample:NAME.",
        metavar="FIELD",
        more=lambda: f"Samples: {', '.join(sample_names(FIELDS))}.",
    )


def check_fields(*sources: str) -> None:
    """Raise InputError, before anything heavy is imported, if one of them cannot be read."""
    for source in sources:
        check_source("field", source, ADVICE)


@contextmanager
def opened_field(source: str, device: str = "cpu") -> Iterator[Checkpoint]:
    """The field at ``source`` with its facts, on the device of that name."""
    from ..checkpoint import load_checkpoint
    from ..devices import choose_device

    chosen = choose_device(device)
    with local_file("field", source, ADVICE) as path:
        yield load_checkpoint(path, chosen)
