"""Insight: the city's figures, counted in the background, and the forms that a superior organ wants them in."""
