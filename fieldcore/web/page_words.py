"""What pages say at their foot, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_EQUAL_DB = 199.0


def by(sides: Sequence[int]) -> str:
    """Sides of a picture.

    Example:
        >>> by((512, 384))
        '512 x 384'
    """
    return " x ".join(map(str, sides))


def decibels(of: str, measured: Mapping[float, float]) -> str:
    """PSNR in dB by what was measured.

    Args:
        of: what the keys are.
        measured: dB of each.

    Example:
        >>> decibels("variance", {0.0: 200.0, 0.01: 61.04})
        'variance 0: equal; variance 0.01: 61.0 dB'
    """
    told = {key: "equal" if value >= _EQUAL_DB else f"{value:.1f} dB" for key, value in measured.items()}
    return "; ".join(f"{of} {key:g}: {words}" for key, words in told.items())


def foot(
    signal: str, field: str, measured: str, owned: str, *, file: str = "", beside: tuple[str, str] = ("Signal", "Field")
) -> str:
    """The sentences at a page's foot.

    Args:
        signal: its name.
        field: its kind and what it is made of.
        measured: what was measured at export, a sentence without its full stop.
        owned: what its author has rights in, such as ``picture``.
        file: the field's, empty where it has none.
        beside: what signal and field are called.
    """
    named = f"{file}, {field}" if file else field
    return (
        f"{beside[0]}: {signal}. {beside[1]}: {named}. {measured}. Rights in the {owned} are those of the author; "
        "the code of this page is under the MIT licence (Fieldscope)."
    )
