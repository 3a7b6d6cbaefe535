from __future__ import annotations

import pytest

from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.panes import pane_size, shown_shadings, textured_mesh_panes


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"comparison": "one", "shading": "neural"}, ("neural",)),
        ({"comparison": "wipe", "shading": "shader", "other": "mipmap"}, ("shader", "mipmap")),
        ({"comparison": "two_up", "shading": "uv", "other": "uv"}, ("uv", "uv")),
        ({"comparison": "four", "shading": "shader"}, ("single", "mipmap", "supersampled", "shader")),
        ({"comparison": "four", "shading": "mipmap"}, ("single", "mipmap", "supersampled", "neural")),
        ({"comparison": "error", "shading": "single"}, ("single", "supersampled")),
    ],
)
def test_what_comparisons_show(options: dict, expected: tuple[str, ...]) -> None:
    controls = TexturedMeshControls("model", **options)
    assert shown_shadings(controls) == expected
    in_panes = [pane.output for pane in textured_mesh_panes(controls, (90, 60))]
    assert in_panes == list(expected[:1] if options["comparison"] == "error" else expected)


def test_ways_are_shaded_at_the_size_of_their_pane() -> None:
    assert pane_size(TexturedMeshControls("m", comparison="error"), (91, 61)) == (91, 61)
    assert pane_size(TexturedMeshControls("m", comparison="four"), (91, 61)) == (45, 30)
    assert pane_size(TexturedMeshControls("m", comparison="four"), (1, 1)) == (1, 1)
