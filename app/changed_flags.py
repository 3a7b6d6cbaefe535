"""What command lines say of the scene shown: what is not as it is by itself, and how the next training goes."""

from __future__ import annotations

from .command_words import flag
from .covariance import is_isotropic
from .entries import entries_of
from .filter.controls import FilterControls
from .scene_names import SMOOTHED
from .session import Session
from .settings import SETTINGS

_IN_OTHER_WORDS = ("log10-variance", "variance", "covariance", "kernel", "half-size")
"""Settings of the filter, which is written once, the shorter way."""


def changed_flags(session: Session) -> list[str]:
    """The flags of the settings of the scene shown that were changed."""
    entries, usual = entries_of(type(session.shown)), type(session.shown)()
    exact = {entry.setting_name: (entry.of(session.shown), entry.of(usual)) for entry in entries}
    words = []
    for setting in SETTINGS:
        is_told = session.scene in SMOOTHED and setting.name in _IN_OTHER_WORDS
        if setting.flag and session.scene in setting.scenes and not is_told:
            value = setting.get(session)
            told, by_itself = exact.get(setting.name, (value, setting.usual))
            # Text rounds numbers, which a command line should not.
            by_itself = setting.bounds_in(session)[0] if setting.least_is_none else by_itself
            words += flag(setting.name, told if setting.widget == "text" else value) if told != by_itself else []
    return words


def plan_flags(session: Session, signal_type: str, name: str) -> list[str]:
    """How the next training goes, of a signal of that type, into a file named after it."""
    plan = session.training.plan_for(signal_type)
    stop = [] if plan.is_solved else flag(plan.rule, getattr(plan, plan.rule))
    out = f"{name}-{plan.kind}.safetensors"
    changes = ["--set", *plan.changes.split()] if plan.changes else []
    return ["--kind", plan.kind, "--preset", plan.preset, *changes, *stop, "--seed", str(plan.seed), "--out", out]


def filter_flags(controls: FilterControls) -> list[str]:
    """The flags of a filter, none where nothing is smoothed."""
    covariance, sizes = controls.covariance, controls.half_size
    if not controls.is_gaussian:
        return [*flag("kernel", controls.kernel), *flag("half-size", sizes[0] if len(set(sizes)) == 1 else sizes)]
    if not any(covariance):
        return []
    return flag("variance", covariance[0]) if is_isotropic(covariance) else flag("covariance", covariance)
