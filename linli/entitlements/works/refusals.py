"""What works refuse, in words."""

from __future__ import annotations

from linli.kernel.errors import LinliError, Place, Said


def refused(
    code: str,
    said: tuple[str, str],
    remedy: tuple[str, str],
    *,
    field: str = "",
    expected: Said | None = None,
    found: Said | None = None,
) -> LinliError:
    """A refusal "works.<code>". said, remedy: (zh, en)."""
    return LinliError(
        f"works.{code}",
        zh=said[0],
        en=said[1],
        place=Place(field=field) if field else None,
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )
