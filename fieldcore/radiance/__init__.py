"""Volumes of density and colour seen along rays: compositing, marching, and a grid that says what is empty."""
