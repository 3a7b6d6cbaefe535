"""What a suite waits for that measures the time until a quality is reached."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from ..errors import InputError

Task = Literal["filtered", "smoothed_signal"]
"""What is asked of a training: a field that is filtered afterwards, or, as the publication does, one of a signal that
was smoothed before."""


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Targets of a training, and how it is watched.

    Attributes:
        values: for each measure the values to be reached; signals that do not have it pass over them.
        check_every: steps between two checks, which are not counted as training time.
        task: see ``Task``.
    """

    values: Mapping[str, list[float]] = field(default_factory=dict)
    check_every: int = 50
    task: Task = "filtered"

    def __post_init__(self) -> None:
        if not any(self.values.values()):
            raise InputError("values: expected targets by measure, as in {'psnr': [25, 30]}, got none")
        for name, targets in self.values.items():
            for target in targets:
                is_number = isinstance(target, (int, float)) and not isinstance(target, bool)
                if not (is_number and 0 < target < math.inf):
                    raise InputError(f"values: {name}: expected numbers above 0, got {target}")
        if self.check_every < 1:
            raise InputError(f"check_every: expected 1 or more, got {self.check_every}")
        if self.task not in get_args(Task):
            raise InputError(f"task: expected one of {', '.join(get_args(Task))}, got {self.task}")
