"""render: a letter's PDF (PDF/A-2a and PDF/UA-1: tagged, with title and language) by one compiler that is kept.

The same input gives the same bytes: the file's time is the letter's own day. Values reach the template as JSON texts, never as code.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import segno
import typst

from linli.kernel.errors import LinliError, Place
from linli.papers.letters.kinds import Kind, kind_of, shelf
from linli.papers.letters.sealing import Sealing, SealPlace
from linli.papers.letters.values import Picture, texts, told

LANGUAGES = ("zh", "en")
FONTS = ("Noto Serif CJK SC", "Noto Sans CJK SC")
FONTS_PACKAGE = "fonts-noto-cjk"  # Debian's and Ubuntu's name; the whole of CJK, so that rare characters of names show
_UNKNOWN_TEXT = re.compile(r'the text `"(.*)"` could not be displayed', re.S)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_WHERE = re.compile(r"┌─ (?:.*/)?([\w.-]+\.typ):(\d+):(\d+)")
_CHINA = timezone(timedelta(hours=8))  # an offset, as the compiler asks for
_lock = threading.Lock()


def check(kind: str, fields: Mapping[str, Any], *, city: Path | None = None) -> None:
    """Raises what render() would for the fields, in both languages, without setting anything: LinliError for an unknown kind, Problems."""
    declared = kind_of(kind, city)
    for language in LANGUAGES:
        told(declared, fields, language)


def render(
    kind: str, fields: Mapping[str, Any], *, language: str = "zh", city: Path | None = None, sealing: Sealing = Sealing.UNSEALED
) -> bytes:
    """The letter as PDF in 'zh' or 'en'. city: its folder (cities/<city>), for templates and fonts of its own.

    Raises Problems for missing, unknown and ill-formed fields and LinliError for a character that no font has, a template that is wrong
    and fonts that are missing. About 15 ms a page; one letter at a time in a process.
    """
    pages: bytes = _set(kind, fields, language, city, sealing, "pdf", pdf_standards=["a-2a", "ua-1"])
    return pages


def pictures(
    kind: str,
    fields: Mapping[str, Any],
    *,
    language: str = "zh",
    city: Path | None = None,
    sealing: Sealing = Sealing.UNSEALED,
    ppi: int = 96,
) -> list[bytes]:
    """The letter's pages as PNG, for a look before it is issued. Characters that no font has aren't found here."""
    pages = _set(kind, fields, language, city, sealing, "png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def missing_fonts() -> tuple[str, ...]:
    """Families that letters need and this machine hasn't got."""
    known = set(_fonts(None).families())
    return tuple(family for family in FONTS if family not in known)


def place_of_seal(kind: str, fields: Mapping[str, Any], *, city: Path | None = None) -> SealPlace:
    """Where the Chinese original wants its seal: over organ and date. Costs a second setting of the letter."""
    letter = _letter(kind, fields, "zh", city, Sealing.SEALED)
    with _at_work(letter):
        _compiler(city)  # says which fonts are missing
        found = typst.query(
            cast(Any, letter.sources),  # its stubs know neither dictionaries nor that it takes them
            "<seal-place>",
            field="value",
            one=True,
            root=_nowhere().name,
            package_path=_nowhere().name,
            font_paths=_fonts(shelf(city).fonts),
            sys_inputs=letter.inputs,
        )
    return SealPlace(**json.loads(found))


@dataclass(frozen=True, slots=True)
class _Letter:
    """What the compiler is given for one letter."""

    kind: Kind
    values: Mapping[str, Any]
    sources: dict[str, bytes]
    inputs: dict[str, str]


def _letter(kind: str, fields: Mapping[str, Any], language: str, city: Path | None, sealing: Sealing) -> _Letter:
    if language not in LANGUAGES:
        raise ValueError(f"letters are written in {LANGUAGES}, not in {language!r}")
    declared, files = kind_of(kind, city), shelf(city).files
    pictures: dict[str, bytes] = {}
    values = _beside(told(declared, fields, language), pictures)
    letter = {
        "kind": {"slug": declared.slug, "title": declared.zh if language == "zh" else declared.en},
        "language": language,
        "sealing": str(sealing),
        "fields": values,
        "code": _code(str(fields["verify"])) if fields.get("verify") else "",
    }
    sources = {**files, **pictures, "main.typ": files[f"{declared.slug}.typ"]}
    return _Letter(declared, values, sources, {"letter": json.dumps(letter, ensure_ascii=False)})


def _beside(value: Any, pictures: dict[str, bytes]) -> Any:
    """The values with each drawing as the name of a file beside the template."""
    if isinstance(value, Picture):
        name = f"picture-{len(pictures) + 1}.svg"
        pictures[name] = value.svg.encode()
        return name
    if isinstance(value, dict):
        return {key: _beside(one, pictures) for key, one in value.items()}
    return [_beside(one, pictures) for one in value] if isinstance(value, list) else value


def _set(
    kind: str, fields: Mapping[str, Any], language: str, city: Path | None, sealing: Sealing, form: Literal["pdf", "png"], **options: Any
) -> Any:
    letter = _letter(kind, fields, language, city, sealing)
    with _at_work(letter):
        made, warnings = _compiler(city).compile_with_warnings(
            input=letter.sources, format=form, sys_inputs=letter.inputs, timestamp=_noon(fields["date"]), **options
        )
        for warning in warnings:
            raise warning
    return made


@lru_cache(maxsize=8)
def _fonts(own: Path | None) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(own)] if own else [])


@lru_cache(maxsize=8)
def _compiler(city: Path | None) -> typst.Compiler:
    """One for all letters of a city. Its root is an empty folder: a template reads no file but those of its own folder."""
    if missing := missing_fonts():
        raise LinliError(
            "letters.no_fonts",
            zh="服务器上没有文书所用的字体",
            en="The fonts that letters are set in are not on this machine.",
            expected=", ".join(FONTS),
            found=(f"缺 {'、'.join(missing)}", f"{', '.join(missing)} missing"),
            remedy_zh=f"安装系统软件包 {FONTS_PACKAGE}，再重启服务",
            remedy_en=f"install the system's package {FONTS_PACKAGE} and start the service again",
        )
    nowhere = _nowhere().name
    return typst.Compiler(b"", root=nowhere, font_paths=_fonts(shelf(city).fonts), package_path=nowhere, package_cache_path=nowhere)


@lru_cache(maxsize=1)
def _nowhere() -> tempfile.TemporaryDirectory[str]:
    """An empty folder that lasts as long as the process."""
    return tempfile.TemporaryDirectory(prefix="linli-letters-")


def _code(address: str) -> str:
    """The address as a QR code's SVG: ISO/IEC 18004, level M."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue().decode()


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=_CHINA)


@contextmanager
def _at_work(letter: _Letter) -> Iterator[None]:
    """One letter at a time; what the compiler refuses or warns of is said in words for whoever set it."""
    if _process() != os.getpid():
        raise RuntimeError(
            "letters were set before this process was forked: the compiler's threads stayed behind, so it would wait for ever"
        )
    with _lock:
        try:
            yield
        except (typst.TypstError, typst.TypstWarning) as problem:
            raise _refusal(problem, letter.kind, letter.values) from None


@lru_cache(maxsize=1)
def _process() -> int:
    """The process that sets letters first."""
    return os.getpid()


def _refusal(problem: typst.TypstError | typst.TypstWarning, kind: Kind, values: Mapping[str, Any]) -> LinliError:
    if unknown := _UNKNOWN_TEXT.search(problem.message):
        return _no_such_glyph(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), unknown[1]), kind, values)
    where = _WHERE.search(problem.diagnostic)
    name = kind.file.with_suffix(".typ").name if where is None or where[1] == "main.typ" else where[1]
    return LinliError(
        "letters.template",
        zh="文书模板不能排版",
        en="The letter's template can't be set.",
        place=Place(file=name, line=int(where[2]), column=int(where[3])) if where else Place(file=name),
        found=problem.message,
        remedy_zh="改正模板；写法见 docs/letters.md",
        remedy_en="mend the template; docs/letters.md says how they are written",
    )


def _no_such_glyph(text: str, kind: Kind, values: Mapping[str, Any]) -> LinliError:
    """Never a blank on an official paper: which character of which field no font of this machine has."""
    found = [(name, one) for name, value in values.items() for words in texts(value) for one in words if one in text]
    name, character = found[0] if found else (None, text[:1])
    return LinliError(
        "letters.unknown_character",
        zh="服务器上的字体没有这个字",
        en="No font on this machine has this character.",
        place=Place(file=kind.slug, field=name),
        found=f"{character} (U+{ord(character):04X})",
        remedy_zh="在服务器上安装含有该字的字体（如 fonts-babelstone-han、fonts-hanazono），再重启服务；自造字先换成标准字",
        remedy_en="install a font that has it (fonts-babelstone-han, fonts-hanazono) and start the service again; "
        "replace a character of private use by the standard one",
    )
