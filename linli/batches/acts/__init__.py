"""Writes of batches: gather, freeze, draw, check, show, approve, note what was paid; each takes the viewer and asks for their grant."""

from linli.batches.acts.settling import paid, returned, unpaid

__all__ = ["paid", "returned", "unpaid"]
