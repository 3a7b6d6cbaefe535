"""Files that are cut, overwritten or doubled in places: read, or refused in one sentence of our own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from model_files import data_uri, gltf, write_gltf, write_obj, write_ply, write_quadrants

from fieldcore.errors import InputError
from fieldcore.models import load_model
from fieldcore.signals.mesh_file import read_mesh

OTHERS_WORDS = re.compile(
    r"trimesh|numpy|scipy|igl|xatlas|pillow|traceback|exception|dtype|ndarray|operand|broadcast|codec|literal|unpack|"
    r"out of bounds|out of range|nonetype|keyerror|has no attribute|expecting|json|reshape",
    re.IGNORECASE,
)
ROUNDS = 25


def seeds(folder: Path) -> dict[str, bytes]:
    """Sound files of all formats, small."""
    write_quadrants(folder / "skin.png")
    (folder / "a.mtl").write_text("newmtl skin\nmap_Kd -s 2 2 1 skin.png\n")
    ball = trimesh.creation.icosphere(subdivisions=1)
    for suffix in ("ply", "stl", "off", "glb"):
        ball.export(folder / f"ball.{suffix}")
    (folder / "text.stl").write_text(str(ball.export(file_type="stl_ascii")))
    write_obj(folder / "square.obj", head="mtllib a.mtl", use="usemtl skin")
    write_ply(folder / "text.ply", texture="skin.png")
    write_ply(folder / "binary.ply", texture="skin.png", binary=True)
    image = {"uri": data_uri((folder / "skin.png").read_bytes())}
    write_gltf(folder / "square.gltf", gltf(images=[image]))
    names = [file for file in folder.iterdir() if file.suffix in (".ply", ".stl", ".off", ".glb", ".obj", ".gltf")]
    return {file.name: file.read_bytes() for file in sorted(names)}


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def overwritten(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 3, 20))):
        changed[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(changed)


def doubled(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + 2 * data[start : start + dice.randrange(1, 200)] + data[start:]


def with_other_numbers(data: bytes, dice: random.Random) -> bytes:
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data[:4000])) or [re.search(b"", data)]
    chosen = dice.choice(found)
    number = dice.choice([b"-1", b"nan", b"inf", b"1e40", b"999999999999", b"9" * 30, b"x", b"", b"0"])
    return data[: chosen.start()] + number + data[chosen.end() :] if chosen else data


def with_other_words(data: bytes, dice: random.Random) -> bytes:
    found = list(re.finditer(rb'"\w+"|[a-z_]{3,}', data[:4000])) or [re.search(b"", data)]
    chosen = dice.choice(found)
    word = dice.choice([b"null", b"[]", b"{}", b'"x"', b"0"])
    return data[: chosen.start()] + word + data[chosen.end() :] if chosen else data


@pytest.mark.long
@pytest.mark.parametrize("read", [read_mesh, lambda path: load_model(path)], ids=["shape", "model"])
@pytest.mark.parametrize("change", [cut, overwritten, doubled, with_other_numbers, with_other_words])
def test_garbled_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], change: Callable[[bytes, random.Random], bytes], read: Callable
) -> None:
    for name, data in seeds(tmp_path).items():
        dice = random.Random(name)
        for _ in range(ROUNDS):
            path = tmp_path / f"garbled{Path(name).suffix}"
            path.write_bytes(change(data, dice))
            try:
                found = read(path)
            except InputError as error:
                sentence = str(error).replace(str(path), "PATH")
                assert "\n" not in sentence and not OTHERS_WORDS.search(sentence), sentence
                assert "PATH" in sentence or "'garbled" in sentence, sentence
            else:
                assert np.isfinite(found.vertices).all() and found.triangles.max() < len(found.vertices)
            assert capfd.readouterr() == ("", ""), f"{path} {change}"


@pytest.mark.parametrize("read", [read_mesh, load_model])
def test_what_no_memory_holds_is_a_sentence(tmp_path: Path, read: Callable) -> None:
    description = gltf()
    del description["accessors"][0]["bufferView"]  # which makes all positions 0, however many
    description["accessors"][0]["count"] = 10**15
    with pytest.raises(InputError, match="it needs more memory than there is"):
        read(write_gltf(tmp_path / "many.gltf", description))
