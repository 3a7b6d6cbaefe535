"""How a command ends: one sentence, one exit code, no traceback, whatever stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fieldcore.command import run_command
from fieldcore.errors import InputError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def python(program: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT, **options)


def failing(error: BaseException):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("size: too small"), 2, "error: size: too small"),
        (OSError(28, "No space left on device", "a.png"), 2, "error: a.png: the disk is full"),
        (MemoryError(), 2, "error: out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), 2, "error: out of memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (KeyboardInterrupt("kept; go on"), 130, "kept; go on"),
    ],
)
def test_an_error_is_one_sentence(capfd, error, code, sentence):
    assert run_command(failing(error)) == code
    out, err = capfd.readouterr()
    assert out == "" and err.startswith(sentence) and err.count("\n") == 1
    assert run_command(failing(error), as_json=True) == code
    out, err = capfd.readouterr()
    assert err == "" and json.loads(out)["error"].startswith(sentence.removeprefix("error: "))


@pytest.mark.parametrize("number", SIGNALS)
def test_whatever_stops_a_command_is_an_interrupt(capsys, number):
    before = signal.getsignal(number)
    assert run_command(lambda: os.kill(os.getpid(), number)) == 130
    assert signal.getsignal(number) is before, "handlers are put back"
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_during_imports_leaves_at_once(tmp_path, number):
    (tmp_path / "slow_library.py").write_text(
        f"import os, time\ntry:\n    os.kill(os.getpid(), {int(number)})\n    time.sleep(60)\n"
        "except BaseException:\n    raise ImportError('half imported')\n"
    )
    for program in (
        "from fieldcore.command import run_program; run_program('slow_library:run')",
        "from fieldcore.command import run_command\ndef work():\n    import slow_library\nrun_command(work)",
    ):
        result = python(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}")
        assert (result.returncode, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_a_file_that_is_being_written_is_cleared_away_also_during_an_import(tmp_path):
    (tmp_path / "library.py").write_text(f"import os\nos.kill(os.getpid(), {int(signal.SIGTERM)})\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from pathlib import Path\n"
        "from fieldcore.command import run_command\n"
        "from fieldcore.files import written_whole\n"
        "def work():\n"
        f"    with written_whole(Path({str(tmp_path / 'a.bin')!r})):\n"
        "        import library\n"
        "sys.exit(run_command(work))"
    )
    assert python(program).returncode == 130
    assert sorted(path.suffix for path in tmp_path.iterdir()) in ([".py"], ["", ".py"])


def test_under_nohup_a_lost_terminal_stops_nothing():
    program = (
        "import os, signal\nfrom fieldcore.command import run_command\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "raise SystemExit(run_command(lambda: os.kill(os.getpid(), signal.SIGHUP)))"
    )
    assert python(program).returncode == 0


def fieldcore(*words: str) -> list[str]:
    return [sys.executable, "-m", "fieldcore", *words]


@pytest.mark.parametrize("words", [["--help"], ["info", "--help"], ["list", "samples"], ["--version"]])
def test_a_reader_that_leaves_is_no_error(words):
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(fieldcore(*words), stdout=write, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    os.close(write)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_standard_output_is_one_sentence():
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            fieldcore("list", "samples"), stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
    assert result.returncode == 2
    assert result.stderr == (
        "error: a file or standard output: the disk is full; free some space or choose another folder\n"
    )


@pytest.mark.long
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_closed_stream_is_no_traceback(closed):
    number = {"stdout": 1, "stderr": 2}[closed]
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {number}>&-', "sh", *fieldcore("info", "no.safetensors")],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert result.returncode == 2 and "Traceback" not in result.stderr


def test_names_that_standard_output_cannot_encode_are_escaped():
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(
        fieldcore("info", "Grüße.safetensors"), capture_output=True, text=True, env=environment, encoding="ascii"
    )
    assert result.returncode == 2 and "Gr\\xfc\\xdfe.safetensors" in result.stderr
    program = "from fieldcore.command import run_command\nrun_command(lambda: print('Gr\\u00fc\\u00dfe \\udcff'))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment)
    assert result.stdout.strip() == b"Gr\\xfc\\xdfe \\udcff" and result.stderr == b""
