"""Writes of circles: each function is one verb and one transaction of rows and facts."""
