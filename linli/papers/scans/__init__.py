"""Photos and PDFs that people send, turned into pages drawn anew: what is kept is a picture and nothing else."""

from linli.papers.scans.taking import LARGEST, Page, Taken, take_in, too_large

__all__ = ["LARGEST", "Page", "Taken", "take_in", "too_large"]
