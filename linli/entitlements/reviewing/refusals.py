"""What a review refuses, in words."""

from __future__ import annotations

from linli.kernel.errors import LinliError, Place, Said

Pair = tuple[str, str]


def refusal(code: str, said: Pair, remedy: Pair, *, expected: Said | None = None, found: Said | None = None, field: str = "") -> LinliError:
    """entitlements.review_<code>. said, remedy: (zh, en)."""
    return LinliError(
        f"entitlements.review_{code}",
        zh=said[0],
        en=said[1],
        place=Place(field=field) if field else None,
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )
