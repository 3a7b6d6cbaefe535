"""Where results go: a name that was given, or one made from the input's."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import InputError


def planned_outputs(out: str | None, sources: Sequence[str], default_name: Callable[[str], str]) -> list[Path]:
    """A file to write for each source.

    Args:
        out: as given: a file for one source, a folder for several (for one too if it ends in a slash); where None,
            files in the current folder.
        sources: what the results are made from.
        default_name: makes a file's name from a source.

    Raises:
        InputError: ``out`` is a file but there are several sources, or two results would have the same name.
    """
    if out is not None and len(sources) == 1 and not out.endswith(("/", os.sep)):
        return [Path(out)]
    folder = Path(out or "")
    if out is not None and not (folder.is_dir() or out.endswith(("/", os.sep))):
        raise InputError(
            f"--out '{out}': there are {len(sources)} inputs; give a folder that exists, or a name that ends in a slash"
        )
    names = [default_name(source) for source in sources]
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        raise InputError(f"two inputs would both be written to '{folder / doubled[0]}'; name them one at a time")
    return [folder / name for name in names]


def check_standard_output(out: str | None, count: int, *, as_json: bool) -> None:
    """Raise InputError if ``--out -`` would send two things to standard output."""
    if out != "-":
        return
    if as_json:
        raise InputError("give --out - or --json, not both: either takes standard output")
    if count > 1:
        raise InputError(f"--out -: expected one field, got {count}; give a folder")
