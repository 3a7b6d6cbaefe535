"""Waiting threads must not spin in the way of others; but only programs settle that, not the library."""

import subprocess
import sys

import pytest

WATCHED = (
    "import sys, importlib.abc, os\n"
    "say = lambda: print(os.environ.get('GOMP_SPINCOUNT'), file=sys.stderr)\n"
    "class Watch(importlib.abc.MetaPathFinder):\n"
    "    def find_spec(self, name, path, target=None):\n"
    "        if name == 'torch':\n"
    "            say()\n"
    "sys.meta_path.insert(0, Watch())\n"
)


def run(program: str) -> set[str]:
    environment = {"PATH": "", "HOME": "/tmp"}
    result = subprocess.run([sys.executable, "-c", WATCHED + program], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    return set(result.stderr.split())


@pytest.mark.parametrize("package", ["fieldcore", "app"])
def test_a_program_settles_it_before_torch_is_loaded(package: str) -> None:
    program = (
        f"import {package}.__main__ as program\n"
        "sys.argv = ['program', '--help']\n"
        "try:\n"
        "    program.main()\n"
        "except SystemExit:\n"
        "    say()\n"
    )
    assert run(program) == {"1000"}


def test_the_library_changes_no_environment() -> None:
    program = "import fieldcore\nbefore = dict(os.environ)\nfieldcore.Pyramid\nassert os.environ == before\nsay()\n"
    assert run(program) == {"None"}
