"""Random input on small things: ``random_input.py COUNT SEED SCENE``; see ``benchmarks.storm``.

Prints one JSON object: how many inputs, the errors shown, and how much memory grew over the second half.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from capsule import capsule_file
from driving import picture_file
from rectangle import quad_file
from sphere_scenes import write_ball_scene
from test_light_stage_scene import write_stage
from test_video_state import moving, write_gif

from app.resources import asset_path
from app.scene import SceneName
from benchmarks.storm import Sources, storm

SOURCES: Sources = {
    "picture": lambda: [asset_path(f"{kind}.safetensors") for kind in ("pyramid", "scale_space")],
    "networks": lambda: [picture_file(Path.cwd(), np.random.default_rng(0).random((20, 24, 3), np.float32))],
    "textured_mesh": lambda: [quad_file(Path.cwd())],
    "shape": lambda: [capsule_file(Path.cwd())],
    "radiance": lambda: [write_ball_scene(Path("balls"), 6, 12)],
    "light_stage": lambda: [write_stage(Path("stage"))],
    "video": lambda: [write_gif(Path("clip.gif"), moving())],
}


def main(count: int, seed: int, scene: SceneName) -> None:
    print(json.dumps(storm([scene], SOURCES, lambda done: done < count, seed)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
