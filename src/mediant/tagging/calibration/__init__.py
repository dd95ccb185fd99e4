"""Calibration: how the scores of this library are spread, and which spans that puts in force.

Knows: histograms, drift, runs and references, the files that tell of them.
Public: `calibrations.Calibrations` and the values in `records`. The measuring itself
(`measure`, `histogram`) runs in a worker that reads the database and never writes to it.
Must not know: what becomes of a mood, how files are tagged again.
"""
