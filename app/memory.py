"""How much memory this process uses."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def resident_mb() -> float:
    """Memory of this process that is in use now; on systems without /proc, the most it ever was."""
    if sys.platform.startswith("linux"):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    import resource  # which Windows has not

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
