"""Whoever opens somebody else's model reads files beside it, asks no network and looks nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_files import data_uri, gltf, write_gltf, write_obj, write_quadrants

from fieldcore.beside import Beside, NotBeside, find_beside, why_absent
from fieldcore.errors import InputError
from fieldcore.models import load_model
from fieldcore.signals.mesh_file import read_mesh


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """In a pack of folders, with pictures in and around it."""
    folder = tmp_path / "pack" / "models" / "house"
    (folder / "parts").mkdir(parents=True)
    (tmp_path / "pack" / "textures").mkdir()
    for place in ("parts/door.png", "My Wall.png", "../near.png", "../../textures/roof.png", "../../../far.png"):
        (folder / place).write_bytes(b"picture")
    return folder / "house.obj"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("My Wall.png", "My Wall.png"),
        ("my wall.PNG", "My Wall.png"),
        ('"My Wall.png"', "My Wall.png"),
        ("My%20Wall.png", "My Wall.png"),
        (".\\My Wall.png", "My Wall.png"),
        ("parts\\door.png", "parts/door.png"),
        ("C:\\Users\\somebody\\My Wall.png", "My Wall.png"),
        ("/home/somebody/My Wall.png", "My Wall.png"),
        ("\\\\host\\share\\My Wall.png", "My Wall.png"),
        ("//host/share/My Wall.png", "My Wall.png"),
        ("../near.png", "../near.png"),
        ("../../textures/roof.png", "../../textures/roof.png"),
        ("parts/../../near.png", "../near.png"),
        ("../../../far.png", None),
        ("parts/../../../../far.png", None),
        ("..%2f..%2f..%2ffar.png", None),
        ("/etc/passwd", None),
        ("C:/Windows/win.ini", None),
        ("\\\\host\\share\\other.png", None),
        ("https://example.invalid/My Wall.png", None),
        ("file:///etc/passwd", None),
        ("FTP://example.invalid/x.png", None),
        ("", None),
        ("..", None),
        (".", None),
        ("a\0b", None),
        ("x" * 5000, None),
    ],
)
def test_names_lead_to_the_models_folder_and_a_little_further_up(model: Path, name: str, found: str | None) -> None:
    file = find_beside(model, name)
    assert (None if file is None else file.resolve()) == (None if found is None else (model.parent / found).resolve())


def test_nothing_elsewhere_is_even_looked_for(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda self: looked.append(str(self)) or is_file(self))
    for name in (
        "\\\\host\\share\\x.png",
        "//host/share/x.png",
        "/etc/passwd",
        "C:/x.png",
        "https://host/x.png",
        "%2f%2fhost%2fx.png",
    ):
        find_beside(model, name)
    assert looked and all(Path(place).is_relative_to(model.parent) and ".." not in place for place in looked)


def test_an_absolute_name_within_the_models_folder_is_followed(model: Path) -> None:
    inside = model.parent / "parts" / "door.png"
    assert find_beside(model, str(inside)) == inside


def test_why_a_file_is_not_read(model: Path) -> None:
    assert why_absent(model, "gone.png") == "is not there"
    assert why_absent(model, "http://example.invalid/a.png") == "is on the network, which is never asked"
    assert why_absent(model, "\\\\host\\share\\a.png") == "is on the network, which is never asked"
    assert why_absent(model, "/etc/a.png") == "is not in the model's folder, and nothing else is read"
    assert why_absent(model, "../../../a.png") == "is not in the model's folder, and nothing else is read"
    with pytest.raises(NotBeside, match=r"its file '/etc/a\.bin' is not in the model's folder"):
        Beside(model).get("/etc/a.bin")


@pytest.mark.parametrize("name", ["https://example.invalid/skin.png", "\\\\host\\share\\skin2.png"])
def test_textures_on_the_network_are_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.mtl").write_text(f"newmtl skin\nmap_Kd {name}\n")
    (notice,) = load_model(write_obj(tmp_path / "a.obj", head="mtllib a.mtl", use="usemtl skin")).notices
    assert f"its texture '{name}' is on the network, which is never asked; a test pattern" in notice
    (notice,) = load_model(write_gltf(tmp_path / "a.gltf", gltf(images=[{"uri": name}]))).notices
    assert f"its texture '{name}' is on the network, which is never asked; a test pattern" in notice


@pytest.mark.parametrize("read", [load_model, read_mesh])
def test_a_buffer_elsewhere_is_not_read(tmp_path: Path, read) -> None:
    write_quadrants(tmp_path / "skin.png")
    folder = tmp_path / "1" / "2" / "3"
    folder.mkdir(parents=True)
    description = gltf(images=[{"uri": data_uri((tmp_path / "skin.png").read_bytes())}])
    content = description["buffers"][0]["uri"].split(",")[1].encode()
    (tmp_path / "far.bin").write_bytes(content)
    for name in ("../../../far.bin", str(tmp_path / "far.bin"), "http://example.invalid/far.bin"):
        description["buffers"][0]["uri"] = name
        with pytest.raises(InputError, match=r"is not in the model's folder|is on the network"):
            read(write_gltf(folder / "a.gltf", description))
