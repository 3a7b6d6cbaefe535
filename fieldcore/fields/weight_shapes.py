"""How large a field's weights are, without taking the memory for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from ..recipe import Recipe
from ..signals.signal import SignalFacts
from . import build_field, field_type


def weight_shapes(recipe: Recipe, facts: SignalFacts) -> dict[str, torch.Size] | None:
    """The shape of every tensor in the state of a field after ``recipe`` for a signal with these facts.

    The field is built of tensors without values, so a recipe of any size costs nothing.

    Returns:
        by name; None where the kind cannot be built so, because it looks at values while it is built, or where they
        follow from what it was trained on.
    """
    if field_type(recipe.kind).shaped_by_data:
        return None
    try:
        with torch.device("meta"), _WithoutGenerators():
            field = build_field(recipe, facts)
    except (RuntimeError, ValueError, TypeError):
        return None
    return {name: tensor.shape for name, tensor in field.state_dict().items()}


class _WithoutGenerators(TorchFunctionMode):
    """Tensors without values are not drawn from a processor's generator, which PyTorch refuses to try."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[Any], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs = {name: value for name, value in (kwargs or {}).items() if name != "generator"}
        return func(*args, **kwargs)
