"""Every address of the whole site, filled in with what the small city has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import get_resolver
from web_examples import AID, SmallCity

NOBODY = UUID("00000000-0000-7000-8000-00000000dead")
SAMPLES = {"slug": AID, "kind": "found", "listing": "residents", "version": "1900", "choice": "language:zh", "fact": "is_enrolled_student"}


def whole_site(city: SmallCity) -> list[tuple[str, str]]:
    """(name, address) of every pattern; a parameter that nothing is known of is a uid that nobody has, or 0."""
    known: dict[str, Any] = {**SAMPLES, "run": city.run.uid, "subject": city.found.uid, "code": "140802"}
    return sorted(set(_addresses(get_resolver("linli.site.urls"), "", known)))


def _addresses(resolver: Any, before: str, known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        text = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _addresses(one, text, known)
            continue
        for name, converter in one.pattern.converters.items():
            value = known.get(name, 0 if type(converter).__name__ == "IntConverter" else NOBODY)
            text = text.replace(f"<{name}>", str(value))
            text = text.replace(f"<{_kind(converter)}:{name}>", str(value))
        yield one.name or text, "/" + text


def _kind(converter: Any) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
