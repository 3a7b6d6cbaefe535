"""A report on frames that are still being made: valid JSON at any moment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from fieldcore.files import written_whole

State = Literal["rendering", "complete", "interrupted"]


class RunningReport:
    """A file that describes frames, replaced whole every so often.

    ``state`` in it says whether it is final: a kill keeps the descriptions up to about a second before it.

    Args:
        file: written with the first frame.
        head: what comes before the list of frames, as plain JSON values; asked for whenever it is written.
        frames: descriptions that it begins with, of frames made before.

    Raises:
        InputError: the file cannot be written or the disk is full (each method).
    """

    def __init__(
        self, file: Path, head: Callable[[State], dict[str, Any]], frames: Sequence[dict[str, Any]] = ()
    ) -> None:
        self.file = file
        self._head = head
        self._frames = [json.dumps(frame) for frame in frames]
        self._next = 0.0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: dict[str, Any]) -> None:
        """Describe the next frame, in plain JSON values."""
        self._frames.append(json.dumps(frame))
        if time.monotonic() >= self._next:
            self._write("rendering")

    def keep(self, count: int) -> None:
        """Forget all descriptions but the first ones."""
        del self._frames[count:]

    def finish(self, state: State) -> None:
        """Write the final report."""
        self._write(state)

    def _write(self, state: State) -> None:
        started = time.monotonic()
        head = json.dumps(self._head(state), indent=2)
        frames = ",\n".join(f"    {frame}" for frame in self._frames)
        with written_whole(self.file) as temporary:
            temporary.write_text(f'{head[:-2]},\n  "frames": [\n{frames}\n  ]\n}}\n', encoding="utf-8")
        # Reports of very long paths take longer to write; they are to stay a small share of the work.
        ended = time.monotonic()
        self._next = ended + max(1.0, 20 * (ended - started))
