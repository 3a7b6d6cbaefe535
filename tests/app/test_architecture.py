"""Who may import whom (design: the numerics know no window, a headless run knows no windowing library)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "fieldcore").rglob("*.py")])

PURE_IN_FLYTHROUGH = (
    "agreement",
    "camera",
    "controls",
    "flight",
    "flight_motion",
    "flight_path",
    "footprint",
    "mipmaps",
    "panes",
    "piloting",
    "planes",
)
PURE_IN_SHAPES = (
    "bake",
    "bake_request",
    "baker",
    "baking",
    "controls",
    "legend",
    "panes",
    "shape_actions",
    "shape_agreement",
    "shape_commands",
    "shape_settings",
    "sight",
    "stand",
    "true_bakes",
)
PURE = {
    *(f"app.flythrough.{name}" for name in PURE_IN_FLYTHROUGH),
    *(f"app.shapes.{name}" for name in PURE_IN_SHAPES),
}

ONLY_IN = {
    "glfw": {"app.window"},
    "dearpygui": {"app.panel"},
    "moderngl": {  # and scenes
        "app.window",
        "app.headless",
        "app.panel",
        "app.image_overlays",
        "app.handover",
        "app.fullscreen_pass",
        "app.hidden_surface",
        "app.kept_frame",
        "app.flythrough",
        "app.shapes",
    },
}


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def is_scene(module: str) -> bool:
    return module.startswith("app.") and module.endswith("_scene")


def imported(file: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    package = module_name(file).split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parent, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_modules_import_only_what_their_place_allows(file: Path) -> None:
    module = module_name(file)
    for name in imported(file):
        top = name.split(".")[0]
        if module.startswith("fieldcore"):
            assert top not in ("app", *ONLY_IN), f"{module} imports {name}"
        if top in ONLY_IN:
            package = ".".join(module.split(".")[:2])
            pure = module in PURE
            allowed = (package in ONLY_IN[top] and not pure) or (top == "moderngl" and is_scene(module))
            assert allowed, f"{module} imports {name}"


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_only_the_headless_twin_names_egl(file: Path) -> None:
    strings = [node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)]
    if "egl" in strings:
        assert module_name(file) == "app.headless"


@pytest.mark.parametrize("file", MODULES, ids=module_name)
def test_window_panel_and_scenes_never_import_one_another(file: Path) -> None:
    module = module_name(file)
    parts = ("app.window", "app.headless", "app.panel")
    package = ".".join(module.split(".")[:2])
    if package in parts or is_scene(module):
        for name in imported(file):
            other = name in parts or is_scene(name)
            assert not other or name == package, f"{module} imports {name}"


def test_a_headless_run_leaves_windowing_libraries_alone(tmp_path: Path, surface_of, path_file: Path) -> None:
    surface_of(8, 8)
    program = (
        "import json, sys, app.cli, app.rendering\n"
        "from waves import Waves\n"
        "from app.document import Document\n"
        "from fieldcore.checkpoint import TrainingFacts\n"
        "app.rendering.open_document = lambda path, *_: Document(path, Waves(), TrainingFacts())\n"
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
