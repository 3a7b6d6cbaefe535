"""What a machine with CUDA, lent for a quarter of an hour, is asked: ``python -m benchmarks.gpu``."""
