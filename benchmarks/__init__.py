"""What is measured and never asserted. Run with ``python -m benchmarks.NAME``."""
