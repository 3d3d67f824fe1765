"""One thing that is said against a programme, or of it: with its place and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from linli.kernel.errors import LinliError, Said
from linli.programmes.declaration import Programme, place_of


@dataclass(frozen=True, slots=True)
class Finding:
    """blocks: the version can't be published while it stands; otherwise it is a flag for readers."""

    error: LinliError
    blocks: bool


def finding(
    programme: Programme,
    code: str,
    field: str,
    words: tuple[str, str],
    remedy: tuple[str, str],
    *,
    blocks: bool = True,
    expected: Said | None = None,
    found: str | None = None,
) -> Finding:
    """At a field of the programme's file; words and remedy in Chinese and English."""
    error = LinliError(
        f"programmes.{code}",
        zh=words[0],
        en=words[1],
        place=place_of(programme, field),
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
        expected=expected,
        found=found,
    )
    return Finding(error, blocks)
