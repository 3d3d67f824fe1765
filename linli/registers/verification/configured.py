"""Which adapter asks for which list: the YAML file named by LINLI_VERIFICATION.

economic-check: {adapter: http, url: "https://…", token_file: /etc/linli/economic-check.token, timeout_seconds: 10}
housing: {adapter: folder, path: /srv/lists}
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from linli.kernel.errors import LinliError, Place
from linli.registers.lists import ListDeclaration
from linli.registers.lists.documents import read_document
from linli.registers.ports import VerificationSource
from linli.registers.verification.folder import FolderSource
from linli.registers.verification.http import HttpSource


def source_for(declaration: ListDeclaration) -> VerificationSource:
    """The adapter of a list. Raises LinliError if none is configured or its entry is wrong."""
    named = os.environ.get("LINLI_VERIFICATION")
    if not named:
        raise _unconfigured(Place(field="LINLI_VERIFICATION"), declaration.slug, "the variable is not set")
    document = read_document(Path(named))
    entries = document.value if isinstance(document.value, dict) else {}
    entry = entries.get(declaration.slug)
    if not isinstance(entry, dict):
        raise _unconfigured(document.place(()), declaration.slug, "no entry for the list")
    try:
        return _adapter(entry)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise _unconfigured(document.place((declaration.slug,)), declaration.slug, f"{type(error).__name__}: {error}") from None


def _adapter(entry: dict[str, Any]) -> VerificationSource:
    if entry["adapter"] == "folder":
        return FolderSource(Path(entry["path"]))
    if entry["adapter"] == "http":
        token = Path(entry["token_file"]).read_text("utf-8").strip() if entry.get("token_file") else ""
        return HttpSource(entry["url"], token, float(entry.get("timeout_seconds", 10)))
    raise ValueError(f"unknown adapter {entry['adapter']!r}")


def _unconfigured(place: Place, slug: str, found: str) -> LinliError:
    return LinliError(
        "verification.unconfigured",
        zh=f"名单 {slug} 没有配置核验接口",
        en=f"No adapter is configured for the list {slug}.",
        place=place,
        expected=("adapter: folder 并写 path，或 adapter: http 并写 url", "adapter: folder with path, or adapter: http with url"),
        found=found,
        remedy_zh="在 LINLI_VERIFICATION 所指文件中配置，见 docs/registers.md",
        remedy_en="configure it in the file that LINLI_VERIFICATION names, see docs/registers.md",
    )
