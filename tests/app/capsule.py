"""A field of a capsule along the x axis, solved for in a moment: the smallest shape that can be walked around."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor

from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import fit
from fieldcore.signals import Signal, SignalFacts

FACTS = SignalFacts(
    type="shape", name="capsule.obj", digest="c" * 64, half_extent=(1.0, 1.0, 1.0), channels=1,
    value_range=(-1.0, 1.0), source_center=(0.0, 0.0, 0.0),
)  # fmt: skip
_SMALL = {"formula_cells": 16}


class Capsule(Signal):
    """Its exact signed distance."""

    facts = FACTS

    def __call__(self, x: Tensor) -> Tensor:
        nearest = torch.cat([x[:, :1].clamp(-0.5, 0.5), torch.zeros_like(x[:, 1:])], 1)
        return (x - nearest).norm(dim=1, keepdim=True) - 0.5

    def to(self, device: torch.device | str) -> Signal:
        return self


def capsule_file(folder: Path) -> Path:
    """Solve for it and write it; returns the field's file."""
    recipe = dataclasses.replace(preset_recipe("pyramid", "shape", FACTS), **_SMALL)
    field = build_field(recipe, FACTS)
    *_, last = fit(field, Capsule())
    save_field(folder / "capsule.safetensors", field.eval(), TrainingFacts(steps=last.step))
    return folder / "capsule.safetensors"
