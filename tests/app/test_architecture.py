"""Who may import whom (design: the numerics know no window, a headless run knows no windowing library)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.scene import Presenter, Scene

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "fieldcore").rglob("*.py")])

SCENES = tuple(f"app.scenes.{folder.parent.name}" for folder in (ROOT / "app/scenes").glob("*/__init__.py"))

DRAWING = ("app.gl", "app.viewport", "app.window", "app.panel")
"""Packages that may know OpenGL whole; of a scene only what is listed below."""

ONLY_IN = {
    "glfw": ("app.window.window",),
    "dearpygui": ("app.panel", "app.plane.panel", *(f"{scene}.panel" for scene in SCENES)),
    "moderngl": (
        *DRAWING,
        "app.compositor",
        "app.camera.beside",
        "app.camera.flipping",
        "app.camera.frusta",
        "app.camera.gizmo",
        "app.camera.presenter",
        "app.camera.renderer",
        "app.plane.compositor",
        "app.plane.map_overlay",
        "app.plane.presenter",
        "app.plane.renderer",
        "app.record.frame_renderer",
        "app.scenes",
    ),
}

PLAIN_IN_SCENES = (
    "actions",
    "agreement",
    "bake",
    "bake_request",
    "baker",
    "baking",
    "checks",
    "commands",
    "controls",
    "footprint",
    "judging",
    "legend",
    "mipmaps",
    "planes",
    "settings",
    "sight",
    "state",
    "true_bakes",
)
"""Modules of scenes that know no OpenGL, in whichever scene they are."""


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def lies_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def is_plain(module: str) -> bool:
    return module.startswith("app.scenes.") and module.rpartition(".")[2] in PLAIN_IN_SCENES


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def imported(file: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    package = module_name(file).split(".")[:-1]
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parent, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def test_modules_import_only_what_their_place_allows() -> None:
    for file in MODULES:
        module = module_name(file)
        for name in imported(file):
            top = name.split(".")[0]
            if module.startswith("fieldcore"):
                assert top not in ("app", *ONLY_IN), f"{module} imports {name}"
            if top in ONLY_IN:
                assert lies_in(module, ONLY_IN[top]) and not is_plain(module), f"{module} imports {name}"


def test_no_shared_module_imports_from_the_folder_of_a_scene() -> None:
    for file in MODULES:
        module = module_name(file)
        if module == "app.scenes.__init__" or lies_in(module, ("app.scenes",)) or module.startswith("fieldcore"):
            continue
        for name in imported(file):
            assert not lies_in(name, SCENES), f"{module} imports {name}"


def test_no_shared_module_asks_which_scene_it_is() -> None:
    names = {scene.removeprefix("app.scenes.") for scene in SCENES}
    for file in MODULES:
        if lies_in(module_name(file), ("app.scenes", "fieldcore")):
            continue
        for node in ast.walk(parsed(file)):
            asks = isinstance(node, ast.Compare | ast.Subscript | ast.Match)
            calls = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("scene", "state_of", "open_in"))
            if asks or calls:
                strings = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                assert not names & strings or "Literal" in ast.unparse(node), f"{file}: {ast.unparse(node)}"


def test_the_contract_of_a_scene_is_small() -> None:
    said = {"name", "title", "family", "controls", "path_title", "invitation", "opens", "signals", "signals_beside"}
    rendered = {"passes", "reports", "other_renders", "check_path"}
    opening = {"kinds", "own_kinds", "suffixes", "suffixes_beside", "can_open", "check_field", "sources"}
    in_its_folder = {"settings", "actions", "gestures", "commands", "groups", "parts", "state", "presenter", "render"}
    members = {name for name in (*Scene.__annotations__, *vars(Scene)) if not name.startswith("_")}
    assert members == said | rendered | opening | in_its_folder, "first ask whether it is an entry or a pass"
    presenter = {name for name in vars(Presenter) if not name.startswith("_")}
    assert presenter == {"shown", "busy", "see", "light", "film", "advance", "advance_unseen", "draw", "release"}


def test_only_the_headless_twin_names_egl() -> None:
    for file in MODULES:
        strings = [node.value for node in ast.walk(parsed(file)) if isinstance(node, ast.Constant)]
        if "egl" in strings:
            assert module_name(file) == "app.gl.offscreen"


@pytest.mark.parametrize(
    "apart", [("app.window.window", "app.gl.offscreen", "app.panel"), SCENES], ids=["ways", "scenes"]
)
def test_these_never_import_one_another(apart: tuple[str, ...]) -> None:
    for file in MODULES:
        module = module_name(file)
        own = next((part for part in apart if lies_in(module, (part,))), None)
        if own is None:
            continue
        for name in imported(file):
            other = next((part for part in apart if lies_in(name, (part,))), own)
            assert other == own, f"{module} imports {name}"


def test_a_headless_run_leaves_windowing_libraries_alone(tmp_path: Path, surface_of, path_file: Path) -> None:
    surface_of(8, 8)
    program = (
        "import json, sys, app.cli, app.document\n"
        "from waves import Waves\n"
        "from app.document import Document\n"
        "from fieldcore.checkpoint import TrainingFacts\n"
        "app.document.open_document = lambda path, *_: Document(path, Waves(), TrainingFacts())\n"
        "code = app.cli.run(sys.argv[1:])\n"
        "print(json.dumps([code, sorted({name.split('.')[0] for name in sys.modules})]))\n"
    )
    arguments = ["--render-path", str(path_file), "--out", str(tmp_path / "out"), "--size", "16x16"]
    render = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    code, modules = json.loads(render.stdout.splitlines()[-1])
    assert code == 0 and "moderngl" in modules
    assert not {"glfw", "dearpygui"} & set(modules)
