"""Shapes as zero levels of signed distances: drawn, cut open, compared with the truth."""
