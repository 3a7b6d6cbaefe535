"""Golden frames: all that pictures, textured meshes, shapes and videos draw, rendered and compared pixel by pixel.

    python -m benchmarks.golden_frames --out BEFORE --root OTHER_CHECKOUT
    python -m benchmarks.golden_frames --out AFTER --against BEFORE

The first renders with the program of another checkout, the second with that of this one, and prints a table of the
frames that differ; it exits with 1 if there are any. Both render the same paths (see golden_paths.py) from this
checkout's assets, in software, with two threads, so that nothing but the program can make a difference.
``--compare-only`` compares two folders as they are: recordings made in a window, too. ``--stored`` makes the frames
again that tests/app/test_golden_frames.py looks at.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tyro

from benchmarks.golden_paths import (
    ASSETS,
    FLIGHT,
    SUBJECTS,
    VIDEO,
    Canvas,
    Entries,
    Look,
    Subject,
    lapped,
    with_whole_names,
    write_clip,
)

ROOT = Path(__file__).parents[1]
STORED = ROOT / "tests" / "app" / "golden"

_PLATES = (
    Canvas("even", (192, 108), 3),
    Canvas("odd", (193, 109), 3),
    Canvas("caption", (481, 271), 2, caption=True, rotated=True),
)
_EXACT_PLATES = (Canvas("even", (96, 54), 2), Canvas("odd", (97, 55), 2))
_STORED_PLATES = (Canvas("even", (96, 54), 1, rotated=True), Canvas("odd", (97, 55), 1, rotated=True))

_FLIGHT_PASSES = "neural,shader,single,mipmap,anisotropic,supersampled,uv"
_SHAPE_PASSES = "baked,exact,truth,error,normals,curvature,mesh"
_MOMENTS_OF_PASSES = 3

_COMMANDS, _TEXTURE, _CLIP = "commands.json", "fish.safetensors", "clip"
_THREADS = "2"
_ROUNDING = 1e-12
_PICTURES, _OTHERS = (".png",), (".json", ".ply")
_OF_THE_RUN = {"fieldscope", "machine", "milliseconds", "seconds"}
_NAMES_A_FILE = {"file", "field", "other", "model", "texture", "truth", "video", "uv_sequence"}


@dataclass(frozen=True)
class Options:
    """Render golden frames, or compare two folders of them."""

    out: Path | None = None
    """Folder to render into; what was there is replaced."""
    root: Path = ROOT
    """Checkout whose program renders."""
    against: Path | None = None
    """Folder that an earlier render has made."""
    compare_only: bool = False
    """Render nothing; compare what is in --out already."""
    stored: bool = False
    """Render the few small frames that the test suite keeps, into tests/app/golden."""


@dataclass(frozen=True)
class Difference:
    """Between two files of the same name.

    Attributes:
        file: relative to both folders.
        what: in words.
    """

    file: Path
    what: str


def main() -> int:
    """Render and compare; returns the exit code."""
    options = tyro.cli(Options)
    if options.stored:
        render_stored(STORED, options.root)
        return 0
    if options.out is None:
        raise SystemExit("--out: give the folder to render into")
    if not options.compare_only:
        render_all(options.out, options.root, options.against)
    return 0 if options.against is None else _compare(options.out, options.against)


def render_all(out: Path, root: Path, against: Path | None = None) -> None:
    """Render every look of every scene with the program in ``root``; with the texture of an earlier render, if any."""
    if out.exists() and any(out.iterdir()) and not (out / _COMMANDS).exists():
        raise SystemExit(f"--out: '{out}' holds something else than an earlier render; choose another folder")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    texture = (out / _TEXTURE).absolute()
    if against is not None and (against / _TEXTURE).exists():
        shutil.copyfile(against / _TEXTURE, texture)
    else:
        _solve_for_texture(texture)
    clip = (out / _CLIP).absolute()
    write_clip(clip)
    commands = []
    for subject in SUBJECTS:
        if subject is FLIGHT:
            subject = replace(subject, entries={**subject.entries, "field": str(texture)})
        if subject is VIDEO:
            subject = _video_of(clip)
        for canvas in _EXACT_PLATES if "exact" in subject.entries else _PLATES:
            commands.append(_command(out, subject, subject.looks, canvas))
    commands += _commands_of_passes(out, texture)
    run_program(commands, root, out)


def _solve_for_texture(out: Path) -> None:
    """The fish's own texture as a field; it is no asset, because it is large and takes seconds only."""
    words = ["fieldcore", "fit", "texture", str(ASSETS / "fish.glb"), "--out", str(out), "--device", "cpu", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": _THREADS}
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def render_stored(folder: Path, root: Path = ROOT) -> str:
    """Render one small frame of each look that is stored; of those with several panes one of an odd size too.

    Returns:
        the name of what drew them, ``GL_RENDERER``.
    """
    with tempfile.TemporaryDirectory() as temporary:
        out, commands, found = Path(temporary), [], {}
        write_clip(out / _CLIP)
        for subject, canvas, looks in _stored_looks():
            if subject is VIDEO:
                subject = _video_of(out / _CLIP)
            commands.append(_command(out, subject, looks, canvas))
            for number, look in enumerate(looks):
                file = out / _run_name(subject, canvas) / f"frame_{number:06d}.png"
                found[f"{_run_name(subject, canvas)}_{look.name}.png"] = file
        run_program(commands, root, out)
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.png"):
            file.unlink()
        for name, file in found.items():
            shutil.copyfile(file, folder / name)
        report = json.loads(file.with_name("frames.json").read_text())
    return str(report["renderer"])


def _stored_looks() -> Iterator[tuple[Subject, Canvas, Sequence[Look]]]:
    even, odd = _STORED_PLATES
    for subject in SUBJECTS:
        if "exact" in subject.entries:
            yield subject, even, [look for look in subject.looks if look.name == "exact"]
            continue
        stored = [look for look in subject.looks if look.stored]
        yield subject, even, stored
        several = [look for look in stored if look.name in ("wipe", "two_up", "four")]
        if several:
            yield subject, odd, several


def _video_of(clip: Path) -> Subject:
    return replace(VIDEO, entries={**VIDEO.entries, "field": str(clip)})


def run_program(commands: Sequence[Sequence[str]], root: Path, folder: Path) -> None:
    """Run command lines of the program in ``root``, all in one process that draws and evaluates on the processor."""
    driver = Path(__file__).with_name("app_runs.py").read_text()
    listed = folder / _COMMANDS
    folder.mkdir(parents=True, exist_ok=True)
    listed.write_text(json.dumps(commands, indent=1))
    ended = subprocess.run(
        [sys.executable, "-c", driver, str(listed.absolute())],
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": str(root.absolute()),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "OMP_NUM_THREADS": _THREADS,
            "CUDA_VISIBLE_DEVICES": "",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended.returncode:
        raise SystemExit(ended.stderr.strip() or f"the program ended with {ended.returncode}")


def _command(out: Path, subject: Subject, looks: Sequence[Look], canvas: Canvas) -> list[str]:
    name = _run_name(subject, canvas)
    path = _written(out, name, lapped(subject, looks, canvas))
    return _rendering(out / name, "--render-path", str(path), "--size", _size_words(canvas.size))


def _commands_of_passes(out: Path, texture: Path) -> list[list[str]]:
    """Passes and reports of a flight and a shape; and the pass of texture coordinates, shaded without its model."""
    commands = []
    for name, shipped, passes, entries in (
        ("flight", "flight.json", _FLIGHT_PASSES, {"field": str(texture)}),
        ("shape", "turntable.json", _SHAPE_PASSES, {"truth": "ammonite.ply", "cells": 64}),
    ):
        whole = json.loads((ASSETS / shipped).read_text())
        seconds = whole["keyframes"][-1]["time"] - whole["keyframes"][0]["time"]
        whole = {**whole, **entries, "frames_per_second": _MOMENTS_OF_PASSES / seconds}
        path = _written(out, f"{name}_passes", with_whole_names(whole))
        options = ["--passes", passes, "--report", "--size", "241x135"]
        if name == "flight":
            options += ["--samples", "8"]
        commands.append(_rendering(out / f"{name}_passes", "--render-path", str(path), *options))
    frames = (out / "flight_passes" / "uv").absolute()
    commands.append(_rendering(out / "uv_sequence", "--uv-sequence", str(frames), "--field", str(texture)))
    return commands


def _rendering(folder: Path, *words: str) -> list[str]:
    return [*words, "--out", str(folder.absolute()), "--device", "cpu", "--quiet"]


def _written(out: Path, name: str, path: Entries) -> Path:
    file = (out / "paths" / f"{name}.json").absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(path, indent=1))
    return file


def _run_name(subject: Subject, canvas: Canvas) -> str:
    return f"{subject.name}_{canvas.name}"


def _size_words(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


# Comparing


def _compare(ours: Path, theirs: Path) -> int:
    compared, differences = compare_folders(ours, theirs)
    if not compared:
        raise SystemExit(f"there is nothing to compare in '{ours}' and '{theirs}'")
    looks = _looks_of_frames()
    if differences:
        print("| file | shows | difference |\n|---|---|---|")
    for difference in differences:
        print(f"| {difference.file} | {looks.get(difference.file, '')} | {difference.what} |")
    print(f"{compared} files compared, {len(differences)} differ")
    return 1 if differences else 0


def compare_folders(ours: Path, theirs: Path) -> tuple[int, list[Difference]]:
    """How many files were compared, and those that differ.

    Pictures must be the same in every pixel, meshes in every byte, JSON in everything but where and when it was
    made, and the last digits of its numbers.
    """
    names = sorted(_names(ours) | _names(theirs))
    found = ((name, _difference(ours / name, theirs / name)) for name in names)
    return len(names), [Difference(name, what) for name, what in found if what]


def _names(folder: Path) -> set[Path]:
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.suffix in (*_PICTURES, *_OTHERS))
    return {file for file in files if file != Path(_COMMANDS)}


def _difference(ours: Path, theirs: Path) -> str:
    for file in (ours, theirs):
        if not file.exists():
            return f"'{file}' is missing"
    if ours.suffix in _PICTURES:
        return _difference_of_pictures(ours, theirs)
    if ours.suffix == ".json":
        first, second = (_plain(json.loads(file.read_text())) for file in (ours, theirs))
        return "; ".join(_differing_entries(first, second, "")[:3])
    return "" if ours.read_bytes() == theirs.read_bytes() else "other bytes"


def _difference_of_pictures(ours: Path, theirs: Path) -> str:
    first, second = (picture_of(file) for file in (ours, theirs))
    if first.shape != second.shape or first.dtype != second.dtype:
        return f"{first.shape} of {first.dtype} instead of {second.shape} of {second.dtype}"
    off = np.abs(first.astype(np.int64) - second)
    rows, columns = off.max(-1).nonzero()
    if not len(rows):
        return ""
    where = f"columns {columns.min()} to {columns.max()}, rows {rows.min()} to {rows.max()}"
    return f"{len(rows)} of {off[..., 0].size} pixels, by up to {off.max()} of {np.iinfo(first.dtype).max}; {where}"


def picture_of(file: Path) -> np.ndarray:
    """The stored numbers of a picture, (height, width, channels)."""
    pixels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise SystemExit(f"'{file}' is no picture that can be read")
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _plain(value: Any, name: str = "") -> Any:
    """JSON without what tells one run of the same program from another."""
    if isinstance(value, dict):
        kept = {key: entry for key, entry in value.items() if key not in _OF_THE_RUN and not key.endswith("_ms")}
        if name == "path":  # its digest is of a file that names others from anywhere; the file itself is compared too
            kept.pop("sha256", None)
        return {key: _plain(entry, key) for key, entry in kept.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return Path(value).name if isinstance(value, str) and name in _NAMES_A_FILE else value


def _differing_entries(ours: Any, theirs: Any, where: str) -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = list(dict.fromkeys([*ours, *theirs]))
        pairs = [(f"{where}.{name}".lstrip("."), ours.get(name), theirs.get(name)) for name in names]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(f"{where}[{k}]", *pair) for k, pair in enumerate(zip(ours, theirs, strict=True))]
    elif isinstance(ours, float) and isinstance(theirs, float) and math.isclose(ours, theirs, rel_tol=_ROUNDING):
        return []  # the order of sums may change where no pixel does
    else:
        return [] if ours == theirs else [f"{where}: {_short(ours)} instead of {_short(theirs)}"]
    return [line for name, first, second in pairs for line in _differing_entries(first, second, name)]


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _looks_of_frames() -> dict[Path, str]:
    """What each frame of ``render_all`` shows, by its file."""
    return {
        Path(_run_name(subject, canvas), f"frame_{number * canvas.moments + moment:06d}.png"): look.name
        for subject in SUBJECTS
        for canvas in (_EXACT_PLATES if "exact" in subject.entries else _PLATES)
        for number, look in enumerate(subject.looks)
        for moment in range(canvas.moments)
    }


if __name__ == "__main__":
    raise SystemExit(main())
