"""What networks have in the panel: what is looked at inside of them, and who leads."""

from __future__ import annotations

from functools import partial

from ....panel import plain
from ....scene import PanelGroup
from .inside import bands_part, first_layer_part, kernel_part, neurons_part
from .race import race_part

GROUPS = tuple(
    PanelGroup(title, partial(plain.build, title=title), order, is_open)
    for title, order, is_open in (
        ("Network", 20, True),
        ("Spectral bias", 21, True),
        ("Race", 22, True),
        ("Kernel", 23, False),
        ("Bands", 24, False),
        ("Neurons", 25, False),
    )
)
PARTS = {
    "Spectral bias": first_layer_part,
    "Race": race_part,
    "Kernel": kernel_part,
    "Bands": bands_part,
    "Neurons": neurons_part,
}
