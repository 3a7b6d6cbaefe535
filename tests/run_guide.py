"""Run the scripts of a guide one after the other, each by itself, and print what went wrong as JSON.

Usage: run_guide.py GUIDE.md, in the folder where the scripts may write.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import traceback
from pathlib import Path

FENCED = re.compile(r"^## (.+?)\n.*?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def scripts_of(text: str) -> dict[str, str]:
    """The script below each heading that has one."""
    return dict(FENCED.findall(text))


if __name__ == "__main__":
    failures = {}
    for heading, script in scripts_of(Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(script, heading, "exec"), {"__name__": "__main__"})
        except Exception:
            failures[heading] = traceback.format_exc()
    json.dump(failures, sys.stdout)
