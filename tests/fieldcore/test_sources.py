"""What a command reads from: files, pipes, standard input, addresses, samples."""

from __future__ import annotations

import io
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fieldcore import sources
from fieldcore.errors import InputError
from fieldcore.samples import FIELDS, MODELS, sample_names, sample_path
from fieldcore.sources import check_source, local_file, source_name

PNG = b"\x89PNG rest"


class Stream:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


@pytest.fixture
def server():
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            content = {"/a%20b.dat": PNG, "/field": b"\x10\0\0\0\0\0\0\0{}"}.get(self.path.partition("?")[0])
            self.send_response(200 if content else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    answers = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=answers.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{answers.server_port}"
    answers.shutdown()
    answers.server_close()


def test_a_file_is_read_where_it_is(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    with local_file("picture", str(tmp_path / "a.png")) as path:
        assert path == tmp_path / "a.png"


def test_an_address_is_fetched_and_named_after_its_end(server):
    with local_file("picture", f"{server}/a%20b.dat?size=3") as path:
        assert (path.name, path.read_bytes()) == ("a b.png", PNG), "the suffix is by content"
    assert not path.exists()
    with local_file("field", f"{server}/field") as path:
        assert path.name == "field.safetensors"
    with pytest.raises(InputError, match=r"picture '.*/gone.png': the server answers 404"), \
            local_file("picture", f"{server}/gone.png"):  # fmt: skip
        pass


def test_an_address_that_nobody_answers_is_one_sentence(server):
    port = server.rpartition(":")[2]
    with pytest.raises(InputError, match="cannot be reached"), local_file("picture", "http://127.0.0.1:1/a.png"):
        pass
    assert port


def test_what_is_too_large_is_not_kept(server, monkeypatch):
    monkeypatch.setattr(sources, "MOST_BYTES", 4)
    with pytest.raises(InputError, match="larger than"), local_file("picture", f"{server}/a%20b.dat"):
        pass


def test_standard_input_is_read_once_and_a_failure_names_it(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stream(PNG))
    with pytest.raises(InputError, match="picture '-': damaged"), local_file("picture", "-") as path:
        assert (path.name, path.read_bytes()) == ("stdin.png", PNG)
        raise InputError(f"picture '{path}': damaged")
    with pytest.raises(InputError, match=r"picture '-': nothing came \(0 bytes\)"), local_file("picture", "-"):
        pass
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"), local_file("picture", "-"):
        pass


def test_a_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"ply\nformat"))
    writer.start()
    with local_file("mesh", str(pipe)) as path:
        assert (path.name, path.read_bytes()) == ("pipe.ply", b"ply\nformat")
    writer.join()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("no.png", "picture 'no.png': no such file; look"),
        ("FILE/x.png", "no such file"),
        ("", "expected a file's name, got none"),
        ("FOLDER", "that is a folder"),
        ("LOOP", "its links lead round in a circle"),
        ("ftp://a/b.png", "expected an address that begins with http:// or https://"),
        ("sample:nobody", "there is no sample 'nobody'; the samples are"),
        ("n" * 300, "the name is too long"),
    ],
)
def test_what_cannot_be_read_is_known_at_once(tmp_path, source, sentence):
    (tmp_path / "FILE").write_bytes(b"x")
    (tmp_path / "FOLDER").mkdir()
    (tmp_path / "LOOP").symlink_to("LOOP")
    here = tmp_path / source.split("/")[0]
    source = str(tmp_path / source) if source and os.path.lexists(here) else source
    with pytest.raises(InputError) as raised:
        check_source("picture", source, "look" if "no" in source else "")
    assert sentence in str(raised.value)


def test_a_failure_names_the_sample_and_not_where_it_lies():
    with pytest.raises(InputError, match="model 'sample:fish': broken"), local_file("model", "sample:fish") as path:
        raise InputError(f"model '{path}': broken")


def test_samples_are_pictures_models_and_fields():
    assert "astronaut" in sample_names() and "fish" in sample_names(MODELS) and "pyramid" in sample_names(FIELDS)
    assert sample_path("sample:fish").name == "fish.glb" and sample_path("a.png") == Path("a.png")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("a/photo.tar.png", "photo.tar"),
        ("sample:coffee", "coffee"),
        ("https://x.org/p/my%20photo.jpg?size=3", "my photo"),
        ("https://x.org", "download"),
        ("-", "stdin"),
    ],
)
def test_results_are_named_after_their_source(source, name):
    assert source_name(source) == name
