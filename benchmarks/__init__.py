"""What is measured and never asserted. Run with ``python -m benchmarks.NAME``."""

import fieldcore._threads  # noqa: F401 (before torch: how its threads wait is settled when it is first imported)
