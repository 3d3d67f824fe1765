"""Static files under an address that changes with their content, so browsers may keep them for a month."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedStaticFilesStorage  # type: ignore[import-untyped]


@cache
def _version(name: str) -> str:
    """Eight hex digits of the file's SHA-256; read once a process."""
    found = finders.find(name)
    if not isinstance(found, str):
        return ""  # left there by an earlier release: the server may still list it at its start, no page names it
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:8]


class VersionedAssets(CompressedStaticFilesStorage):  # type: ignore[misc]
    """`/static/linli/tokens.css?v=1a2b3c4d`. Works before and without `collectstatic`, which only adds the compressed copies."""

    def url(self, name: str | None) -> str:
        if name is None:
            raise ValueError("a static file needs a name")
        version = _version(name)
        return f"{super().url(name)}?v={version}" if version else str(super().url(name))
