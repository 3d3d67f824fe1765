"""The one way in which bank files are refused."""

from __future__ import annotations

from linli.kernel.errors import LinliError, Place, Said


def refused(
    code: str,
    place: str | Place,
    said: tuple[str, str],
    *,
    remedy: tuple[str, str],
    expected: Said | None = None,
    found: Said | None = None,
) -> LinliError:
    """A LinliError "settlement.<code>" at a field, or at a place of a file. Pairs are (zh, en)."""
    return LinliError(
        f"settlement.{code}",
        zh=said[0],
        en=said[1],
        place=Place(field=place) if isinstance(place, str) else place,
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )
