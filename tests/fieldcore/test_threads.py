"""Waiting threads must not spin in the way of others."""

import subprocess
import sys


def test_the_setting_is_there_before_torch_is_loaded():
    program = (
        "import sys, importlib.abc, os\n"
        "class Watch(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'torch':\n"
        "            print(os.environ.get('GOMP_SPINCOUNT'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        "import fieldcore\n"
    )
    environment = {"PATH": "", "HOME": "/tmp"}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert result.stdout.split() == ["1000"], result.stderr
