"""From a template and a fact to the words that a person reads, signed by an office with its number and the letter's own number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from linli.kernel.codes import spoken
from linli.kernel.errors import Place
from linli.notices.catalogue import FOLDER, Template, read_templates, refuse_bait
from linli.notices.recipients import Telling, gives

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A letter in one language. short: the text that leaves the house, "" where none does."""

    title: str
    letter: str
    short: str


@cache
def templates() -> tuple[Template, ...]:
    """Every template of this release."""
    return read_templates(FOLDER, gives())


def template_for(fact_type: str, telling: Telling) -> Template | None:
    """The template that tells about such a fact, or None: not every fact is written about."""
    return next((one for one in templates() if one.fact == fact_type and one.fits(telling.traits)), None)


def titled(slug: str) -> Any:
    """The title of a template, for lists that don't open the letters; its name if this release has none of it."""
    return next((one.title for one in templates() if one.slug == slug), slug)


def written(template: Template, telling: Telling, code: str) -> dict[str, Words]:
    """The letter in both languages. Raises LinliError if what was filled in makes bait of it."""
    return {language: _in(language, template, telling, code) for language in LANGUAGES}


def _in(language: str, template: Template, telling: Telling, code: str) -> Words:
    values = {name: label.text(language) for name, label in telling.values.items()}
    office = telling.office.label.text(language)
    if language == "zh":
        head, tail = f"【{office}】", f"咨询电话 {telling.office.phone}，通知编号 {spoken(code)}，可凭编号核实。"
    else:
        head, tail = f"{office}: ", f" Telephone {telling.office.phone}. Notice number {spoken(code)}: ask us whether it is genuine."
    title = template.title.text(language).format_map(values)
    letter = template.letter.text(language).format_map(values)
    short = head + template.short.text(language).format_map(values) + tail if template.short else ""
    words = Words(title, letter, short)
    for text in (title, letter, short):
        refuse_bait(text, Place(field=template.slug))
    return words


def packed(words: dict[str, Words], about: str = "") -> str:
    """As one text, to be sealed, with whom or what the letter is about beside what it says."""
    plain: dict[str, Any] = {language: {"title": one.title, "letter": one.letter, "short": one.short} for language, one in words.items()}
    if about:
        plain["about"] = about
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> tuple[dict[str, Words], str]:
    """What packed() made: the words by language, and whom or what the letter is about."""
    plain = json.loads(text)
    about = plain.pop("about", "")
    return {language: Words(**one) for language, one in plain.items()}, about
