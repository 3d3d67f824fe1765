"""Notices: letters about what was found and decided, sent once, without links, and checkable by a short number."""
