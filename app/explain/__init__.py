"""Explanations: what controls, outputs and figures mean, in two sentences with a drawing that moves with the slider."""
