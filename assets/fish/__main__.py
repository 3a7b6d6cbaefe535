"""Makes ``assets/fish.glb`` and ``assets/flight.json`` again: ``python -m assets.fish`` (half a minute)."""

from __future__ import annotations

from pathlib import Path

from .flight import write_flight
from .glb import write_fish

FOLDER = Path(__file__).parents[1]


def main() -> None:
    """Write the shipped model and the flight around it."""
    write_fish(FOLDER / "fish.glb")
    write_flight(FOLDER / "flight.json", FOLDER / "fish.glb")


if __name__ == "__main__":
    main()
