"""Writes of batches: gather, freeze, draw, check, show, approve; each takes the viewer and asks for their grant."""
