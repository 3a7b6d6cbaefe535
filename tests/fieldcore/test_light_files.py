"""Files of light stages: every form in which they are found, and what is wrong with them, in a sentence."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stages import good_lines, spread_lights, write_lights, write_stage

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.images import write_image


def opened(path: Path, **settings: object) -> fc.LightStage:
    return fc.LightStage.open(path, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines,
        lambda lines: [line.replace(" ", "\t") for line in lines],
        lambda lines: [line.replace(".png ", ".PNG ") for line in lines],
        lambda lines: [re.sub(r"(?<=\d)\.(?=\d)", ",", line) for line in lines],
        lambda lines: [lines[0], *("C:\\stage\\photos\\" + line for line in lines[1:])],
        lambda lines: [lines[0], *("/home/someone/stage/" + line for line in lines[1:])],
        lambda lines: [lines[0], *("images/" + line for line in lines[1:])],
        lambda lines: [lines[0], *('"' + line.replace(".png", '.png"') for line in lines[1:])],
        lambda lines: [line.replace(" ", ", ") for line in lines],
        lambda lines: ["", f" {lines[0]} ", *(f"  {line}  " for line in lines[1:]), "", ""],
        lambda lines: [lines[0] + "\r", *(line + "\r" for line in lines[1:])],
    ],
)
def test_an_lp_is_read_in_all_its_forms(tmp_path: Path, change) -> None:
    folder = write_stage(tmp_path / "a stage", change(good_lines()))
    stage = opened(folder)
    assert stage.facts.photos == ("0.png", "1.png", "2.png", "3.png", "4.png")
    np.testing.assert_allclose(np.array(stage.facts.light_directions).reshape(-1, 3), spread_lights(5), atol=1e-8)
    assert stage.facts.digest == opened(folder / "lights.lp").facts.digest


def test_names_with_blanks_marks_and_other_encodings(tmp_path: Path) -> None:
    folder = write_stage(tmp_path)
    text = "\n".join(good_lines())
    for data in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        (folder / "lights.lp").write_bytes(data)
        assert len(opened(folder).photos) == 5
    (folder / "0.png").rename(folder / "the first photo, 1.png")
    (folder / "lights.lp").write_text(text.replace("0.png", "the first photo, 1.png", 1))
    assert opened(folder).facts.photos[0] == "the first photo, 1.png"


def test_the_top_of_the_photo_is_up(tmp_path: Path) -> None:
    folder = write_stage(tmp_path, ["3", "0.png 0 0.6 0.8", "1.png 0.6 0 0.8", "2.png 0 0 1"], count=3)
    stage = opened(folder)
    assert stage.lights[0][1] < 0 and stage.lights[1][0] > 0


def test_relightlabs_files_and_tables(tmp_path: Path) -> None:
    folder = write_stage(tmp_path)
    (folder / "lights.lp").unlink()
    lights = spread_lights(5)
    as_objects = [dict(zip("xyz", light, strict=True)) for light in lights.tolist()]
    dome = {"lightConfiguration": "directional", "directions": as_objects, "positions3d": []}
    (folder / "a.dome").write_text(json.dumps(dome))
    expected = opened(folder).lights
    high = {"lightConfiguration": "lights3d", "positions3d": (70 * lights).tolist(), "directions": as_objects}
    (folder / "a.dome").write_text(json.dumps(high))
    np.testing.assert_allclose(opened(folder).lights, expected, atol=1e-6)
    images = [{"filename": f"{number}.png", "skip": number == 4} for number in range(5)]
    (folder / "4.png").unlink()
    (folder / "a.relight").write_text(json.dumps({"images": images, "dome": dome, "folder": "."}))
    np.testing.assert_allclose(opened(folder / "a.relight").lights, expected[:4], atol=1e-6)
    rows = ["file;x;y;z", *(f"{n}.png;{x:.9f};{y:.9f};{z:.9f}" for n, (x, y, z) in enumerate(lights[:4]))]
    (folder / "lights.csv").write_text("\n".join(rows))
    np.testing.assert_allclose(opened(folder / "lights.csv").lights, expected[:4], atol=1e-6)
    rows = ["LZ,lens,Photo,lx,ly", *(f"{z:.9f},50,{n}.png,{x:.9f},{y:.9f}" for n, (x, y, z) in enumerate(lights[:4]))]
    (folder / "lights.csv").write_text("\n".join(rows))
    np.testing.assert_allclose(opened(folder / "lights.csv").lights, expected[:4], atol=1e-6)
    (folder / "lights.csv").write_text("\n".join(["file,azimuth,elevation,lens", *rows[1:]]))
    with pytest.raises(InputError, match=r"titles file,x,y,z \(in any order\), got 'file,azimuth,elevation,lens'"):
        opened(folder / "lights.csv")


def test_photos_of_every_depth_and_what_they_hold(tmp_path: Path) -> None:
    folder = tmp_path
    rng = np.random.default_rng(0)
    names = []
    for number in range(4):
        write_image(folder / f"{number}.tif", rng.random((4, 5, 3), np.float32), bits=16)
        names.append(f"{number}.tif {' '.join(map(str, spread_lights(4)[number]))}")
    write_lights(folder / "a.lp", ["4", *names])
    deep = opened(folder)
    assert deep.photos.stored.element_size() == 2 and deep.facts.photo_numbers == "srgb"
    assert opened(folder, numbers="linear").facts.photo_numbers == "linear"
    for number in range(4):
        write_image(folder / f"{number}.exr", 4 * rng.random((4, 5, 3), np.float32))
        (folder / f"{number}.tif").unlink()
    write_lights(folder / "a.lp", ["4", *(name.replace(".tif", ".exr") for name in names)])
    high = opened(folder)
    assert high.facts.photo_numbers == "linear" and float(high.photo(0).max()) > 1


def test_photos_are_shrunk_in_linear_light_and_upright(tmp_path: Path) -> None:
    folder = write_stage(tmp_path, size=40)
    checks = (np.indices((40, 42)).sum(0) % 2 * 255).astype(np.uint8)
    write_image(folder / "0.png", checks[..., None].repeat(3, 2))
    small = opened(folder, max_size=10)
    assert small.facts.resolution == (10, 10) and any("shrunk to 10 x 10" in notice for notice in small.notices)
    assert float(small.photo(0)[2:-2, 2:-2].mean()) == pytest.approx(0.5, abs=0.02), "half of the light"
    assert opened(folder, most_values=5 * 20 * 21 * 3).facts.resolution == (21, 20)
    for number in range(5):
        picture = Image.open(folder / f"{number}.png").convert("RGB")
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.save(folder / f"{number}.jpg", exif=exif)
    write_lights(folder / "lights.lp", [line.replace(".png", ".jpg") for line in good_lines()])
    for number in range(5):
        (folder / f"{number}.png").unlink()
    assert opened(folder).facts.resolution == (40, 42)


def test_what_is_noted_and_not_refused(tmp_path: Path) -> None:
    lights = spread_lights(5)
    lights[4] = lights[3] + 1e-4
    lines = ["5", *(f"{n}.png {3 * x} {3 * y} {3 * z}" for n, (x, y, z) in enumerate(lights))]
    notices = " ".join(opened(write_stage(tmp_path / "a", lines)).notices)
    assert "not of length 1" in notices and "'3.png' and '4.png' have the same light to 0.1 degrees" in notices
    lines[1] = "0.png 0.1 0.2 -0.9"
    assert "1 light is below the horizon" in " ".join(opened(write_stage(tmp_path / "b", lines)).notices)
    ring = [f"{n}.png {0.6 * np.cos(n)} {0.6 * np.sin(n)} 0.8" for n in range(5)]
    line = [f"{n}.png {x} 0.3 {(0.91 - x * x) ** 0.5}" for n, x in enumerate(np.linspace(-0.6, 0.6, 5))]
    for name, curve in {"ring": ring, "line": line}.items():
        assert "on one line or ring" in " ".join(opened(write_stage(tmp_path / name, ["5", *curve])).notices)
    assert "on one line" not in " ".join(opened(write_stage(tmp_path / "neither")).notices)
    folder = write_stage(tmp_path / "c")
    Image.fromarray(np.full((6, 8), 90, np.uint8)).save(folder / "2.png")
    Image.fromarray(np.full((6, 8, 4), 90, np.uint8)).save(folder / "1.png")
    stage = opened(folder)
    assert stage.facts.channels == 3
    assert "1 of its photos are grey and 4 have colours" in " ".join(stage.notices)
    assert "transparent parts are put on black" in " ".join(stage.notices)


def test_a_mask_beside_the_photos_is_taken(tmp_path: Path) -> None:
    folder = write_stage(tmp_path)
    mask = np.zeros((6, 8), np.uint8)
    mask[2:4, 1:5] = 255
    write_image(folder / "mask.png", mask)
    assert opened(folder).mask is not None and opened(folder).mask.sum() == 8
    write_image(tmp_path / "other.tif", 255 - mask)
    other = opened(folder, mask=tmp_path / "other.tif")
    assert other.mask is not None and other.mask.sum() == 40
    write_image(folder / "mask.png", mask[:4])
    with pytest.raises(InputError, match=r"it is 8 x 4 pixels, and the photos are 8 x 6"):
        opened(folder)
    write_image(folder / "mask.png", 0 * mask)
    with pytest.raises(InputError, match="black everywhere"):
        opened(folder)


BAD_LINES = {
    "its first line says 6 photos, and 5 lines follow": lambda lines: ["6", *lines[1:]],
    "expected the count of photos alone, got '0.png": lambda lines: lines[1:],
    "photo 'seven.png' is not in .*; the other 4 are there": lambda lines: [
        *lines[:5],
        lines[5].replace("4.png", "seven.png"),
    ],
    "photo '4.png' has no light in it": lambda lines: ["4", *lines[1:5]],
    "photo '0.png' has two lines": lambda lines: ["6", *lines[1:], lines[1]],
    "the light of '0.png' is 0 0 0": lambda lines: [lines[0], "0.png 0 0 0", *lines[2:]],
    "the light of '0.png' is nan 0 1": lambda lines: [lines[0], "0.png nan 0 1", *lines[2:]],
    "line 2: expected a photo's name and three numbers x y z, got '0.png 0 1'": lambda lines: [
        lines[0],
        "0.png 0 1",
        *lines[2:],
    ],
    "line 2: expected a photo's name": lambda lines: [lines[0], "0.png up down left", *lines[2:]],
}


@pytest.mark.parametrize("words", BAD_LINES)
def test_what_is_wrong_with_lines_is_said(tmp_path: Path, words: str) -> None:
    with pytest.raises(InputError, match=words):
        opened(write_stage(tmp_path, BAD_LINES[words](good_lines())))


def test_too_few_and_too_many_lights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected at least 3 lights, got 2"):
        opened(write_stage(tmp_path / "few", good_lines()[:3][:1] and ["2", *good_lines()[1:3]], count=2))
    many = [f"{number}.png 0 0 1" for number in range(2000)]
    folder = write_stage(tmp_path / "many", ["2000", *many], count=1)
    with pytest.raises(InputError, match=r"photo '1.png' is not in .* \(and 1998 more\)"):
        opened(folder)


def test_files_that_are_no_list_of_lights_are_refused_and_never_unpickled(tmp_path: Path) -> None:
    folder = write_stage(tmp_path)
    listing = folder / "lights.lp"
    for data, words in (
        (pickle.dumps([1, 2]), "a Python pickle, which is never opened"),
        (b"PK\x03\x04rest", "a zip or a PyTorch file, which is never opened"),
        (b"\x93NUMPY\x01\0", "a NumPy file"),
        (b"\n<!DOCTYPE html><html>404</html>", "an HTML page"),
        (b"  \n", "the file is empty"),
    ):
        listing.write_bytes(data)
        with pytest.raises(InputError, match=words):
            opened(folder)
    listing.unlink()
    (folder / "light_positions.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"it has no .lp file \('light_positions.pt' may be a pickle"):
        opened(folder)
    for name in ("a.lp", "b.lp"):
        write_lights(folder / name)
    with pytest.raises(InputError, match=r"several .lp files, a.lp, b.lp"):
        opened(folder)
    with pytest.raises(InputError, match="no such file or folder"):
        opened(folder / "nothing")
    (folder / "c.dome").write_text("{}")
    with pytest.raises(InputError, match="no light directions"):
        opened(folder / "c.dome")
    (folder / "c.dome").write_text("[1")
    with pytest.raises(InputError, match="expected RelightLab's JSON"):
        opened(folder / "c.dome")


def test_photos_that_do_not_fit_are_named(tmp_path: Path) -> None:
    folder = write_stage(tmp_path / "sizes")
    write_image(folder / "3.png", np.zeros((6, 9, 3), np.uint8))
    with pytest.raises(InputError, match=r"photo '.*3.png': it is 9 x 6 pixels, and '0.png' is 8 x 6"):
        opened(folder)
    folder = write_stage(tmp_path / "cut")
    (folder / "3.png").write_bytes((folder / "3.png").read_bytes()[:60])
    with pytest.raises(InputError, match=r"3.png"):
        opened(folder)
    folder = write_stage(tmp_path / "black")
    for number in range(5):
        write_image(folder / f"{number}.png", np.zeros((6, 8, 3), np.uint8))
    with pytest.raises(InputError, match="all its photos are black"):
        opened(folder)
    folder = write_stage(tmp_path / "tiny")
    for number in range(5):
        write_image(folder / f"{number}.png", np.ones((1, 1, 3), np.uint8))
    with pytest.raises(InputError, match="it is 1 x 1 pixels"):
        opened(folder)
    folder = write_stage(tmp_path / "infinite")
    write_image(folder / "0.exr", np.full((6, 8, 3), np.inf, np.float32))
    write_lights(folder / "lights.lp", [line.replace("0.png", "0.exr") for line in good_lines()])
    (folder / "0.png").unlink()
    with pytest.raises(InputError, match="NaN or infinite values"):
        opened(folder)
    write_image(folder / "0.exr", np.full((6, 8, 3), 0.5, np.float32))
    with pytest.raises(InputError, match=r"display values, and '0.exr' linear ones; say --photos"):
        opened(folder)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "0.CR2").write_bytes(b"II*\0")
    write_lights(raw / "lights.lp", ["3", "0.CR2 0 0 1", "1.CR2 0 1 1", "2.CR2 1 0 1"])
    with pytest.raises(InputError, match="a camera's raw file; develop the photos to 16-bit TIFF"):
        opened(raw)
