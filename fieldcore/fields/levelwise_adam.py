"""Adam whose steps are small where a level's values have had little evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

RENEWED_EVERY = 10
"""Steps after which the size of a level's gradients is measured again."""


class LevelwiseAdam(torch.optim.Adam):
    """Adam (Kingma and Ba 2015), in groups marked ``levelwise`` with ``m / (sqrt(v) + r)``.

    ``r`` is the root mean square of ``sqrt(v)`` over those entries of a parameter that have ever had a gradient. Plain
    Adam turns a weak gradient into a whole step, so that values which nothing speaks for wander with the noise; so
    they hardly move, while those with as much evidence as others move at about half the rate.
    """

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step of all groups."""
        groups = self.param_groups
        try:
            self.param_groups = [group for group in groups if not group.get("levelwise")]
            super().step()
        finally:
            self.param_groups = groups
        for group in groups:
            if group.get("levelwise"):
                self._step_levels(group)

    @torch.no_grad()
    def _step_levels(self, group: dict[str, Any]) -> None:
        first, second = group["betas"]
        for values in group["params"]:
            gradient = values.grad
            if gradient is None:
                continue
            state = self.state[values]
            if not state:
                state["step"] = torch.zeros(())
                state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(values), torch.zeros_like(values)
                state["level"] = torch.zeros((), device=values.device)
            state["step"] += 1
            m, v, step = state["exp_avg"], state["exp_avg_sq"], float(state["step"])
            m.lerp_(gradient, 1 - first)
            v.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            if (step - 1) % RENEWED_EVERY == 0:
                state["level"] = (v.sum() / (v > 0).sum().clamp_min(1)).sqrt()
            # Both means are of too few steps at first, by factors that come out of the quotient.
            root = (1 - second**step) ** 0.5
            size = v.sqrt().add_(state["level"]).add_(root * group["eps"])
            values.addcdiv_(m, size, value=-group["lr"] * root / (1 - first**step))
