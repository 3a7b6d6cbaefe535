"""Kernels that come with the program, made from formulas: ``python -m assets.kernels``."""
