"""The suite's plan of the publications' presets on one picture, for as long as there is time; it goes on next time."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from fieldcore.images import quantised, write_image
from fieldcore.suite.plan import Plan
from fieldcore.suite.plan_file import find_plan, plan_from_json, read_plan, with_signals
from fieldcore.suite.records import records
from fieldcore.suite.resolved import resolved
from fieldcore.suite.running import run_one
from fieldcore.suite.status import status
from fieldcore.suite.store import Store
from fieldcore.suite.whole import missing_keys

from .setting import Setting

_FOLDER = Path("gpu-report") / "paper"
_TO_SUM_UP = 15.0
"""Seconds that are left for the figures."""


def paper(setting: Setting) -> dict[str, Any]:
    """What is done of the plan, and the means of what is; ``fieldcore suite run-one`` in the folder goes on as well."""
    with TemporaryDirectory() if setting.small else nullcontext(_FOLDER) as folder:
        return _figures(setting, Path(folder))


def _figures(setting: Setting, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder.with_suffix(".png")
    write_image(picture, quantised(setting.picture().pixels))
    plan = with_signals(read_plan(find_plan("paper")), [str(picture.absolute())])
    store = Store.create(folder / "results", resolved(_small(plan) if setting.small else plan, folder))
    with _ended_after(setting.seconds - _TO_SUM_UP):
        for key in missing_keys(store, retry_failed=True):
            run_one(store, key, device=setting.device.type)
    found: dict[str, Any] = {name: value for name, value in status(store).items() if isinstance(value, (int, float))}
    found["folder"] = str(store.folder)
    for one in records(store):
        if one.value is not None and one.metric == "psnr" and not one.is_covariance:
            found[f"{one.variant}, seed {one.seed}, variance {one.filter}, dB"] = one.value
    return found


def _small(plan: Plan) -> Plan:
    """The same plan, of a few steps of narrow networks."""
    narrow = {"width": 16, "points_per_step": 64, "steps": 2}
    document = plan.to_dict()
    variants = [{**one, "changes": narrow} for one in document["variants"] if one["kind"] != "pyramid"]
    measure = {"variances": [0, 1e-2], "metrics": ["psnr"], "crop": "paper"}
    return plan_from_json({**document, "variants": variants, "measure": measure, "seeds": 1}, "plan")


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Inside, after so many seconds all is left as it is; what was trained is kept every ten seconds."""

    def leave(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, leave)
    if math.isfinite(seconds):
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1.0))
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
