"""Which office signs a notice, and the number it has published: of the programme, else the city's hotline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from linli.kernel import clock
from linli.programmes import City, Programme, load_city
from linli.programmes.queries import live_version, live_versions, programme_of
from linli.rules.declare import Label


@dataclass(frozen=True, slots=True)
class Office:
    """Who signs, and the telephone number that the city has published for it."""

    label: Label
    phone: str


def hotline() -> Office:
    """The city's own."""
    city = _city(Path(settings.LINLI_CITY))
    return Office(Label(city.label.zh + city.hotline.label.zh, f"{city.label.en} {city.hotline.label.en}"), city.hotline.phone)


def of_programme(programme: Programme) -> Office:
    """The body in charge, with the number for enquiries about the programme."""
    return Office(_city(Path(settings.LINLI_CITY)).bodies[programme.item.body], programme.item.enquiry.phone)


def in_force(slug: str) -> Programme | None:
    """The programme as it is in force today, or None. One query."""
    version = live_version(slug, clock.today())
    return programme_of(version) if version else None


def published() -> tuple[Office, ...]:
    """Every office that may sign a notice: the hotline, then those of the programmes in force. One query."""
    signing = [hotline(), *(of_programme(programme_of(version)) for version in live_versions(clock.today()))]
    return tuple(dict.fromkeys(signing))


@lru_cache(maxsize=4)
def _city(folder: Path) -> City:
    return load_city(folder)
