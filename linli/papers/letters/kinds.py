"""The kinds of letters: what each asks for, read from a declaration beside its Typst file and, in a city's folder, over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from linli.kernel.errors import LinliError, Place, malformed

BUILT_IN = Path(__file__).with_name("templates")
COMMON = "common.yaml"
TYPES = ("text", "words", "day", "whole", "yuan", "number", "address", "choice", "list", "rows", "table", "picture")
"""text: one line; words: paragraphs; yuan: whole fen; number: a document number; address: of a page; list: of paragraphs; rows: of the
columns declared; table: headings and lines that the caller chooses; picture: a drawing as SVG."""
NAME = re.compile(r"[a-z][a-z_]*")
_malformed = partial(
    malformed, "letters.malformed_kind", zh="文书声明不正确", en="A letter's declaration is malformed.", like="docs/letters.md"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a letter says. values: of a choice, its codes with (zh, en); columns: of rows; sample: what trying a kind out fills in."""

    name: str
    type: str
    zh: str
    en: str
    required: bool
    default: Any
    values: Mapping[str, tuple[str, str]]
    columns: tuple[Field, ...]
    sample: Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A letter that can be written. needs_one: of each group at least one field is given; posted: it hangs where everybody reads it."""

    slug: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    needs_one: tuple[tuple[str, ...], ...]
    posted: bool
    file: Path

    def sample(self, *, bare: bool = False) -> dict[str, Any]:
        """Values for every field, as the declaration gives them. bare: for those alone without which there is no letter."""
        wanted = {group[0] for group in self.needs_one} | {field.name for field in self.fields if field.required or not bare}
        return {field.name: field.sample for field in self.fields if field.sample is not None and field.name in wanted}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything letters are set from, in one city: the kinds by slug and each Typst file's text by its name."""

    kinds: Mapping[str, Kind]
    files: Mapping[str, bytes]
    fonts: Path | None


def kinds(city: Path | None = None) -> tuple[Kind, ...]:
    """The kinds of letters, the city's own among them. Read once per process."""
    return tuple(shelf(city).kinds.values())


def kind_of(slug: str, city: Path | None = None) -> Kind:
    """The kind with its fields. Raises LinliError where there is none of that name."""
    known = shelf(city).kinds
    if slug not in known:
        raise LinliError(
            "letters.unknown_kind",
            zh="没有这种文书",
            en="There is no such kind of letter.",
            expected=", ".join(known),
            found=slug,
            remedy_zh="换成已有的文书，或在城市的 letters 文件夹中声明它",
            remedy_en="take one of these, or declare it in the city's folder letters",
        )
    return known[slug]


@lru_cache(maxsize=8)
def shelf(city: Path | None = None) -> Shelf:
    """The built-in files with the city's own over them, file by file: cities/<city>/letters/."""
    own = city / "letters" if city else None
    places = [BUILT_IN, *([own] if own and own.is_dir() else [])]
    common = _common()
    found: dict[str, Kind] = {}
    for place in places:
        for path in sorted(place.glob("*.yaml")):
            if path == BUILT_IN / COMMON:
                continue
            kind = _kind(path, common)
            _compatible(kind, found.get(kind.slug))
            found[kind.slug] = kind
    files = {path.name: path.read_bytes() for place in places for path in sorted(place.glob("*.typ"))}
    for place in places:
        for path in sorted(place.glob("*.typ")):
            _reaches_nowhere(path)
    for kind in found.values():
        if f"{kind.slug}.typ" not in files:
            raise _malformed(kind.file, f"{kind.slug}.typ beside it", "no such file")
    fonts = own / "fonts" if own and (own / "fonts").is_dir() else None
    return Shelf(found, files, fonts)


def _read(path: Path) -> dict[str, Any]:
    try:
        declared: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise _malformed(path, "YAML", " ".join(str(error).split())) from None
    if not isinstance(declared, dict) or not isinstance(declared.get("fields"), dict):
        raise _malformed(path, "a mapping with fields", type(declared).__name__)
    return declared


@lru_cache(maxsize=1)
def _common() -> dict[str, tuple[Field, ...]]:
    """Fields of every letter, under "", and those of each group that kinds include."""
    path = BUILT_IN / COMMON
    declared = _read(path)
    return {"": _fields(path, declared["fields"]), **{name: _fields(path, group) for name, group in declared["groups"].items()}}


def _kind(path: Path, common: Mapping[str, tuple[Field, ...]]) -> Kind:
    declared = _read(path)
    known = {"zh", "en", "include", "fields", "needs_one", "posted", "samples"}
    groups_of_fields = declared.get("include", [])
    unknown = sorted({*(set(declared) - known), *(set(groups_of_fields) - set(common))})
    if unknown or not declared.get("zh") or not declared.get("en"):
        raise _malformed(path, ", ".join(sorted(known)), ", ".join(unknown) or "no zh or no en")
    own = _fields(path, declared["fields"])
    shared = [field for name in ("", *groups_of_fields) for field in common[name]]
    fields = (*(field for field in shared if field.name not in {one.name for one in own}), *own)
    samples = {name: _sampled(value) for name, value in declared.get("samples", {}).items()}
    fields = tuple(replace(field, sample=samples.get(field.name, field.sample)) for field in fields)
    groups = tuple(tuple(group) for group in declared.get("needs_one", []))
    strangers = sorted({name for group in (*groups, samples) for name in group} - {field.name for field in fields})
    if strangers:
        raise _malformed(path, "needs_one and samples to name fields", ", ".join(strangers))
    return Kind(path.stem, declared["zh"], declared["en"], fields, groups, bool(declared.get("posted")), path)


def _fields(path: Path, declared: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(_field(path, name, told) for name, told in declared.items())


def _field(path: Path, name: str, told: Any) -> Field:
    known = {"type", "zh", "en", "required", "default", "values", "columns", "sample"}
    if not NAME.fullmatch(str(name)) or not isinstance(told, dict) or not set(told) <= known or not told.get("zh") or not told.get("en"):
        raise _malformed(path, f"{name}: {{type, zh, en, required, default, values, columns, sample}}", str(told)[:80])
    kind = told.get("type", "text")
    if kind not in TYPES:
        raise _malformed(path, ", ".join(TYPES), f"{name}: {kind}")
    values, columns = told.get("values", {}), told.get("columns", {})
    if bool(values) != (kind == "choice") or bool(columns) != (kind == "rows"):
        raise _malformed(path, "values for a choice and columns for rows, and only there", f"{name}: {kind}")
    return Field(
        name=name,
        type=kind,
        zh=told["zh"],
        en=told["en"],
        required=bool(told.get("required", False)),
        default=told.get("default"),
        values={code: (words["zh"], words["en"]) for code, words in values.items()},
        columns=_fields(path, columns),
        sample=_sampled(told.get("sample")),
    )


def _sampled(value: Any) -> Any:
    """A sample as a caller would give it: two texts in a list are (zh, en)."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value):
        return tuple(value)
    if isinstance(value, list):
        return [_sampled(one) for one in value]
    return {key: _sampled(one) for key, one in value.items()} if isinstance(value, dict) else value


def _compatible(kind: Kind, built_in: Kind | None) -> None:
    """A city's declaration over a built-in kind: what the software fills in stays, and nothing more is asked of it."""
    if built_in is None:
        return
    own = {field.name: field for field in kind.fields}
    for field in built_in.fields:
        if field.name not in own or own[field.name].type != field.type:
            raise _malformed(
                kind.file, expected=f"{field.name}: {field.type}", found=own[field.name].type if field.name in own else "nothing"
            )
    known = {field.name: field.required for field in built_in.fields}
    asked = sorted(name for name, field in own.items() if field.required and not known.get(name, False))
    if asked:
        raise _malformed(kind.file, "further fields that may stay empty", ", ".join(asked))


_REACHING = re.compile(rb'(?m)(?:#|^\s*|[{;]\s*)(?:import|include)\b(?!\s+"[^"@]*")')


def _reaches_nowhere(path: Path) -> None:
    """Letters are set from the files of their folders alone: a package would be fetched from the network."""
    text = path.read_bytes()
    if found := _REACHING.search(text):
        raise LinliError(
            "letters.reaches_out",
            zh="文书模板只能引用同一文件夹中的文件",
            en="A letter's template may only import files of its own folder.",
            place=Place(file=str(path), line=text.count(b"\n", 0, found.end()) + 1),
            expected='#import "frame.typ"',
            found=found[0].decode("utf-8", "replace").strip(),
            remedy_zh="把所需的内容写进 letters 文件夹",
            remedy_en="write what is needed into the folder letters",
        )
