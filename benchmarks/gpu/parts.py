"""The parts of the report: what each measures, how long it may take, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of the report, which is made in a process of its own.

    Attributes:
        title: for people.
        function: ``module:name`` of what measures it, called with a ``Setting``; returns figures by name, nested.
        seconds: how long it may take before it is ended.
        takes_all: whether it goes on for as long as there is time at all, and ``seconds`` are only the least.
    """

    title: str
    function: str
    seconds: float
    takes_all: bool = False


_HERE = "benchmarks.gpu"

PARTS: dict[str, Part] = {
    "tests": Part("Tests that need CUDA", f"{_HERE}.suite:tests", 90),
    "handover": Part("Values handed to OpenGL, and spectral at 1080p", f"{_HERE}.drawing:handover", 60),
    "steps": Part("Milliseconds a training step", f"{_HERE}.training:steps", 85),
    "waits": Part("Hidden waits for the GPU", f"{_HERE}.training:waits", 40),
    "losses": Part("Losses of the first steps", f"{_HERE}.training:losses", 40),
    "orthogonality": Part("Orthogonal maps in float32 and TF32", f"{_HERE}.precision:orthogonality", 30),
    "normals": Part("Normals of distances in float32 and float16", f"{_HERE}.precision:normals", 40),
    "evaluation": Part("Pictures evaluated", f"{_HERE}.evaluation:pictures", 50),
    "bakes": Part("Bakes of 256³ cells", f"{_HERE}.evaluation:bakes", 60),
    "surface": Part("The exact surface at 1920 x 1080", f"{_HERE}.evaluation:surface", 50),
    "flight": Part("Frames of a fly-through at 1920 x 1080", f"{_HERE}.drawing:flight", 60),
    "networks": Part("Coordinate networks", f"{_HERE}.networks:networks", 30),
    "kernels": Part("Kernels of any size", f"{_HERE}.networks:kernels", 20),
    "radiance": Part("Radiance fields", f"{_HERE}.radiance:radiance", 30),
    "views": Part("Surfaces from photographs", f"{_HERE}.surface:surface", 40),
    "memory": Part("Memory of the GPU", f"{_HERE}.evaluation:memory", 40),
    "paper": Part("The plan 'paper' on one picture", f"{_HERE}.paper:paper", 15, takes_all=True),
}
"""In order: what nobody could see without CUDA comes first. Together they may take twelve minutes and no more."""
