"""Adapters that ask a list's authority about one person, and which list uses which."""

from linli.registers.verification.configured import source_for
from linli.registers.verification.folder import FolderSource
from linli.registers.verification.http import HttpSource

__all__ = ["FolderSource", "HttpSource", "source_for"]
