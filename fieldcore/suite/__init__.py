"""The suite: trainings of many signals, variants and seeds, resumable, with honest statistics of what they reach."""
