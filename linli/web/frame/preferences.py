"""The reader's choices: language, edition, text size. Three plain cookies that say nothing about the person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LANGUAGES = {"zh": "zh-hans", "en": "en"}
EDITIONS = ("standard", "elder")
SIZES = ("large", "larger", "largest")  # body text of the elder edition: 20, 24 and 30 px
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """language: Django's code; edition: standard or elder (长辈版); size: text size of the elder edition."""

    language: str = "zh-hans"
    edition: str = "standard"
    size: str = "large"

    @property
    def chinese(self) -> bool:
        return self.language == "zh-hans"

    @property
    def short(self) -> str:
        """'zh' or 'en', the key of city texts."""
        return "zh" if self.chinese else "en"

    @property
    def elder(self) -> bool:
        return self.edition == "elder"


def read(request: HttpRequest) -> Preferences:
    """The choices in the cookies; anything unknown falls back to the default."""
    cookies = request.COOKIES
    edition, size = cookies.get("linli_edition", ""), cookies.get("linli_size", "")
    return Preferences(
        language=LANGUAGES.get(cookies.get("linli_language", ""), "zh-hans"),
        edition=edition if edition in EDITIONS else "standard",
        size=size if size in SIZES else "large",
    )


def changed(current: Preferences, choice: str) -> Preferences:
    """The choices after one switch was pressed: 'language:en', 'edition:elder' or 'size:largest'; an unknown one changes nothing."""
    kind, _, value = choice.partition(":")
    if kind == "language" and value in LANGUAGES:
        return replace(current, language=LANGUAGES[value])
    if kind == "edition" and value in EDITIONS:
        return replace(current, edition=value)
    if kind == "size" and value in SIZES:
        return replace(current, size=value, edition="elder")
    return current


def remember(response: HttpResponse, chosen: Preferences) -> None:
    """Write the choices as cookies for a year."""
    for name, value in (("language", chosen.short), ("edition", chosen.edition), ("size", chosen.size)):
        response.set_cookie(
            f"linli_{name}", value, max_age=_YEAR, samesite="Lax", httponly=True, secure=bool(settings.SESSION_COOKIE_SECURE)
        )
