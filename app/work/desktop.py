"""Files opened by whatever the desktop opens them with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_OPENERS = {"darwin": ("open",), "linux": ("xdg-open", "gio")}
"""Programs by system that do it, the best first."""


def open_on_desktop(place: Path) -> bool:
    """Open a file or a folder outside of this program; returns whether there is anything that could."""
    if sys.platform == "win32":
        os.startfile(place)
        return True
    opener = next(filter(None, map(shutil.which, _OPENERS.get(sys.platform, ()))), None)
    if opener is None:
        return False
    words = [opener, "open", str(place)] if Path(opener).name == "gio" else [opener, str(place)]
    subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    return True
