"""Planted models: simulated assessments whose truth is known, run through the real rule."""

__all__ = ["bench", "detection", "kinds", "population"]
