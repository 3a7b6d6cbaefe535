"""A race: networks that are trained in turn on one picture, so that all have had the same time at any moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..fields.field import Field
from ..fitting import Progress
from ..signals.signal import Dataset
from .contest import Contestant


class Race:
    """Contestants that take their steps one at a time, each time the one that has had the least time so far.

    A contestant whose training diverges, or fails otherwise, is out with a remark; the others go on.

    Args:
        contestants: at least one.

    Attributes:
        contestants: in the order in which they were given.

    Example:
        >>> from fieldcore.comparison.entry import parse_entries
        >>> from fieldcore.fitting import Stop
        >>> from fieldcore.signals import Picture
        >>> picture = Picture([[0.0, 1.0], [1.0, 0.0]])
        >>> recipes = [entry.recipe("preview", picture.facts, 0) for entry in parse_entries("siren,finer")]
        >>> race = Race([Contestant(recipe, picture, Stop(steps=3)) for recipe in recipes])
        >>> len(list(race.steps())), race.leader.ended
        (6, True)
    """

    solved = False

    def __init__(self, contestants: Sequence[Contestant]) -> None:
        self.contestants = tuple(contestants)

    @property
    def leader(self) -> Contestant:
        """The one whose picture is best, as last measured."""
        return max(self.contestants, key=_score)

    @property
    def ranked(self) -> list[Contestant]:
        """The best first."""
        return sorted(self.contestants, key=_score, reverse=True)

    @property
    def field(self) -> Field:
        """The leader's."""
        return self.leader.field

    @property
    def step(self) -> int:
        """Steps that were taken by all together."""
        return sum(one.training.step for one in self.contestants)

    @property
    def seconds(self) -> float:
        """Training time that each has had, about."""
        return min(one.seconds for one in self.contestants)

    @property
    def ended(self) -> bool:
        """Whether no step is to come."""
        return all(one.ended for one in self.contestants)

    def steps(self) -> Iterator[Progress]:
        """Take the steps. Each progress is that of who took it, but for the steps, which are counted together, the
        share, which is that of the slowest, and loss and PSNR, the best ones; only the very last has ``stopped_by``.
        """
        while running := [one for one in self.contestants if not one.ended]:
            one = min(running, key=lambda one: one.seconds)
            progress = one.step()
            yield replace(
                progress,
                step=self.step,
                loss=min(self._losses, default=progress.loss),
                psnr=self.leader.psnr,
                share_done=min(each.share_done for each in self.contestants),
                stopped_by=_ended_by(one) if self.ended else None,
            )

    @property
    def _losses(self) -> list[float]:
        """Of those that do well."""
        return [one.progress.loss for one in self.contestants if one.progress is not None and not one.remark]

    def finish(self, data: Dataset) -> None:
        """Nothing is left to do: every contestant is finished as it ends."""


def _score(one: Contestant) -> float:
    return -math.inf if one.psnr is None or not math.isfinite(one.psnr) else one.psnr


def _ended_by(one: Contestant) -> str:
    return "diverged" if one.remark else one.progress.stopped_by or "steps" if one.progress else "steps"
