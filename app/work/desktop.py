"""Files opened by whatever the desktop opens them with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_OPENERS = {"darwin": ("open",), "linux": ("xdg-open", "gio")}
"""Programs by system that do it, the best first."""


def open_on_desktop(place: Path, refused: Callable[[], None]) -> None:
    """Open a file or a folder outside of this program.

    Args:
        place: that file or folder.
        refused: called, perhaps from another thread and later, where nothing opens it.
    """
    if sys.platform == "win32":
        os.startfile(place)
        return
    opener = next(filter(None, map(shutil.which, _OPENERS.get(sys.platform, ()))), None)
    if opener is None:
        refused()
        return
    words = [opener, "open", str(place)] if Path(opener).name == "gio" else [opener, str(place)]
    asked = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )

    def listen() -> None:
        if asked.wait():
            refused()

    threading.Thread(target=listen, name="desktop", daemon=True).start()
