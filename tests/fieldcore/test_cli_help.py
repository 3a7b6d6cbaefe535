"""The help of every command: complete, readable in 80 columns, and without anything heavy."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from fieldcore.cli import command_of, page_wanted, run
from fieldcore.commands import COMMANDS
from fieldcore.commands.command_group import CommandGroup
from fieldcore.commands.fit import FitOptions
from fieldcore.commands.preset_names import preset_names
from fieldcore.fields import KINDS
from fieldcore.filters import FILTERS, Gaussian
from fieldcore.signals import SIGNALS, Ackley

HEAVY = ("torch", "numpy", "scipy", "skimage", "trimesh", "cv2", "matplotlib", "tyro", "PIL", "jaxtyping")


def pages() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        found.append((name,))
        if isinstance(COMMANDS[name], CommandGroup):
            found += [(name, member) for member in COMMANDS[name].members()]
    return found


@pytest.mark.parametrize("words", pages(), ids=" ".join)
def test_every_page_fits_and_has_examples(words, capsys):
    assert run([*words, "--help"]) == 0
    page = capsys.readouterr().out
    lines = page.splitlines()
    assert lines[0].startswith(f"usage: fieldcore {' '.join(words)}".rstrip())
    assert max(map(len, lines)) <= 80
    examples = lines[lines.index("examples:") + 1 :]
    assert examples and all(line.startswith("  ") and "fieldcore" in line for line in examples)
    assert not any(word in page for word in ("None", "STR", "PATH", "{", "lambda", "python -m"))


@pytest.mark.parametrize("words", pages(), ids=" ".join)
def test_no_page_and_no_refusal_imports_what_is_heavy(words):
    program = (
        "import sys\nfrom fieldcore.cli import run\n"
        f"codes = run({[*words, '--help']!r}), run({[*words, '--no-such-option']!r})\n"
        f"print(codes, [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stderr.splitlines()[-1] == "(0, 2) []", result.stderr


def test_examples_are_understood():
    import shlex

    for words in pages():
        page = page_wanted([*words, "--help"])
        for line in page.splitlines()[page.splitlines().index("examples:") + 1 :]:
            (command,) = [part for part in line.split("|") if part.strip().startswith("fieldcore")]
            command_of(shlex.split(command.partition(" > ")[0])[1:])


def test_presets_are_listed_as_the_kinds_have_them():
    for kind in KINDS:
        assert preset_names(kind) == tuple(KINDS[kind].presets)
    program = (
        "import sys\nfrom fieldcore.commands.preset_names import kind_names, preset_names\n"
        "print([preset_names(kind) for kind in kind_names()], 'torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.strip() == f"{[tuple(KINDS[kind].presets) for kind in KINDS]} False"


def test_what_is_registered_is_in_the_help():
    class Blur(Gaussian):
        name = "blur"

    @dataclass(frozen=True, kw_only=True)
    class FitHill(FitOptions):
        """Train a field on a hill."""

        what = "hill"
        examples = ("fieldcore fit hill",)

        def open(self, source: str) -> Ackley:
            return Ackley()

    class Hill(Ackley):
        type = "hill"
        options = FitHill

    SIGNALS["hill"], FILTERS["blur"], KINDS["wave"] = Hill, Blur, KINDS["spectral"]
    try:
        assert "Train a field on a hill." in page_wanted(["fit", "--help"])
        assert "wave: preview, standard, paper" in " ".join(page_wanted(["fit", "hill", "--help"]).split())
        assert "blur" in page_wanted(["evaluate", "--help"])
        assert command_of(["fit", "hill", "--kind", "wave"]).inputs() == ("hill",)
        assert command_of(["evaluate", "a", "--filter", "blur:1e-2"]).chosen_filter(2).name == "blur"
    finally:
        del SIGNALS["hill"], FILTERS["blur"], KINDS["wave"]


def test_the_version_is_the_distributions():
    import re

    assert re.fullmatch(r"fieldcore \d+\.\d+\.\d+\S*", page_wanted(["--version"]))
