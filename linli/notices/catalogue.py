"""The templates: read and checked once, when the site starts. One that breaks a promise to the reader keeps it from starting."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from linli.kernel.errors import LinliError, Place
from linli.rules.declare import Label

HERE = Path(__file__).parent
FOLDER = HERE / "templates"
# What a fraud would hold and a notice of ours never does: an address to tap, a request for money, a code or a password.
FORBIDDEN = re.compile(
    r"[a-z]+://|www\.|\b[a-z0-9-]+\.(?:com|cn|net|org|gov|top|xyz|info|cc|vip)\b|二维码|链接|网址|点击|点此|验证码|密码|口令"
    r"|转账|汇款|缴费|付款|充值|银行卡号|\blinks?\b|\bclick\b|\bpassword\b|\bverification code\b|\bone-time\b|\btransfer\b"
    r"|\bpay (?:us|a fee|now)\b|\bQR\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Template:
    """A letter for one kind of fact. short: None where nothing leaves the house; fields: what has to be filled in."""

    slug: str
    fact: str
    when: Mapping[str, Any]
    channels: tuple[str, ...]
    urgent: bool
    refusable: bool
    title: Label
    letter: Label
    short: Label | None

    @property
    def fields(self) -> frozenset[str]:
        """Names in braces in any of its texts."""
        return frozenset(name for text in self.texts for _, name, _, _ in Formatter().parse(text) if name is not None)

    @property
    def texts(self) -> tuple[str, ...]:
        """All its words in both languages."""
        labels = [self.title, self.letter, *([self.short] if self.short else [])]
        return tuple(text for label in labels for text in (label.zh, label.en))

    def fits(self, traits: Mapping[str, Any]) -> bool:
        """Whether a fact with these traits is one that it tells about."""
        return all(traits.get(name) == value for name, value in self.when.items())


def refuse_bait(text: str, place: Place) -> None:
    """Raise LinliError if a text holds an address, or asks for money, a code or a password."""
    found = FORBIDDEN.search(text)
    if found:
        raise _wrong(place, "no address, no request for money, a code or a password", found.group())


def read_templates(folder: Path, gives: Mapping[str, Collection[str]]) -> tuple[Template, ...]:
    """Every template of a folder of YAML files. gives: fact type -> the fields that can be filled in for it.

    Raises LinliError for a broken file, a fact type that gives nothing, a field it does not give, a doubled name, bait.
    """
    found: dict[str, Template] = {}
    for path in sorted(folder.glob("*.yaml")):
        for number, template in enumerate(_read(path), start=1):
            place = Place(file=path.name, field=f"{number} {template.slug}")
            _check(template, place, gives)
            if template.slug in found:
                raise _wrong(place, "a name of its own", "the name of another template")
            found[template.slug] = template
    return tuple(found.values())


def _read(path: Path) -> list[Template]:
    try:
        document: Any = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise _wrong(Place(file=path.name), "YAML", str(error).replace("\n", " ")) from None
    fault = next(_schema().iter_errors(document), None)
    if fault is not None:
        where = ".".join(str(part) for part in fault.absolute_path)
        raise _wrong(Place(file=path.name, field=where), str(fault.validator_value)[:120], fault.message[:200])
    return [_template(entry) for entry in document]


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((HERE / "schema" / "templates.schema.json").read_text("utf-8")))


def _template(entry: dict[str, Any]) -> Template:
    title, letter = (Label(entry[part]["zh"], entry[part]["en"]) for part in ("title", "letter"))
    short = Label(entry["short"]["zh"], entry["short"]["en"]) if "short" in entry else None
    when, channels = dict(entry.get("when", {})), tuple(entry["channels"])
    return Template(entry["slug"], entry["fact"], when, channels, entry["urgent"], entry["refusable"], title, letter, short)


def _check(template: Template, place: Place, gives: Mapping[str, Collection[str]]) -> None:
    if template.fact not in gives:
        raise _wrong(place, f"a fact type that notices know: {', '.join(sorted(gives))}", template.fact)
    try:
        unknown = template.fields - set(gives[template.fact])
    except ValueError as error:
        raise _wrong(place, "names in braces", str(error)) from None
    if unknown:
        raise _wrong(place, f"fields {', '.join(sorted(gives[template.fact])) or 'none'}", ", ".join(sorted(unknown)))
    if template.short and "programme" in {
        name for text in (template.short.zh, template.short.en) for _, name, _, _ in Formatter().parse(text)
    }:
        raise _wrong(place, "a short text that others may see, without the programme's name", "{programme}")
    for text in template.texts:
        refuse_bait(text, place)


def _wrong(place: Place, expected: str, found: str) -> LinliError:
    return LinliError(
        "notices.bad_template",
        zh="通知模板不正确",
        en="A notice's template is wrong.",
        place=place,
        expected=expected,
        found=found,
        remedy_zh="对照 linli/notices/schema/templates.schema.json 修改",
        remedy_en="mend it by linli/notices/schema/templates.schema.json",
    )
