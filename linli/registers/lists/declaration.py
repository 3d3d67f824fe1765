"""A register list declared as data: cities/<city>/registers/<slug>.yaml."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.looks import once
from linli.registers.lists.documents import Document, read_document

SCHEMA_FILE = Path(__file__).parents[1] / "schema" / "list.schema.json"
KEY_TYPES = {"person": "identity", "household": "identity", "organisation": "credit_code"}
Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. minimum/maximum: in fen for money, scaled by 10**scale for decimals. public: a public notice may show the level
    that it says, although its list is sensitive."""

    name: str
    zh: str
    en: str
    type: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    codes: Mapping[str, Scalar] | None = None
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    digits: int | None = None
    scale: int | None = None
    fact: str | None = None
    absent: Scalar | None = None
    public: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which a file may bring this column."""
        return (self.name, self.zh, self.en, *self.aliases)


@dataclass(frozen=True, slots=True)
class Presence:
    """The yes/no fact that being on the list gives. benefit: the programme whose recipients the list names, "" where it names none."""

    fact: str
    zh: str
    en: str
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class ListDeclaration:
    """A checked list file. `digest` is over its canonical content, so a comment changes nothing."""

    slug: str
    zh: str
    en: str
    owner_zh: str
    owner_en: str
    subject: str
    household_kind: str | None
    key: str
    fallback: Mapping[str, str]
    validity: Mapping[str, str]
    sensitivity: str
    every_days: int
    place: str
    area: str
    absence: str
    authorisation: bool
    source: str
    valid_days: int | None
    presence: Presence | None
    columns: tuple[Column, ...]
    digest: str
    file: str

    def column(self, name: str) -> Column:
        """The column of that name (KeyError otherwise)."""
        return next(column for column in self.columns if column.name == name)

    @property
    def fact_columns(self) -> tuple[Column, ...]:
        """Columns that give a fact to rules, in the file's order."""
        return tuple(column for column in self.columns if column.fact)

    @property
    def facts(self) -> tuple[str, ...]:
        """Names of every fact the list gives, the presence first."""
        own = (self.presence.fact,) if self.presence else ()
        return own + tuple(column.fact for column in self.fact_columns if column.fact)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))


def load_list(path: Path) -> ListDeclaration:
    """Read and check one list file. Raises Problems with every fault found, each with file, line and column."""
    document = read_document(path)
    problems = [_schema_problem(document, error) for error in _validator().iter_errors(document.value)]
    if problems:
        raise Problems(sorted(problems, key=_position))
    problems = list(_contradictions(document, path))
    if problems:
        raise Problems(sorted(problems, key=_position))
    return _declaration(document, path)


def load_lists(city: Path) -> dict[str, ListDeclaration]:
    """Every list of a city folder by slug; one fact may come from one list only. Raises Problems.

    The files are read again only when one of them has changed.
    """
    return dict(once(("lists", city), lambda: _loaded(tuple(_files(city / "registers")))))


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """Path, time of change and size of each list file, sorted. Asked for with every explanation, so by one reading of the folder."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        found = [(entry.path, entry.stat()) for entry in entries if entry.name.endswith(".yaml")]
    return sorted((path, state.st_mtime_ns, state.st_size) for path, state in found)


@lru_cache(maxsize=8)
def _loaded(files: tuple[tuple[str, int, int], ...]) -> dict[str, ListDeclaration]:
    found: dict[str, ListDeclaration] = {}
    problems: list[LinliError] = []
    givers: dict[str, str] = {}
    for name, _, _ in files:
        path = Path(name)
        try:
            declaration = load_list(path)
        except Problems as several:
            problems.extend(several.problems)
            continue
        except LinliError as error:
            problems.append(error)
            continue
        found[declaration.slug] = declaration
        for fact in declaration.facts:
            if givers.setdefault(fact, declaration.slug) != declaration.slug:
                problems.append(_fact_twice(path, fact, givers[fact]))
    if problems:
        raise Problems(problems)
    return found


def find_list(lists: Mapping[str, ListDeclaration], slug: str) -> ListDeclaration:
    """The list of that slug; a wrong one is answered with all names, the nearest first. Raises LinliError."""
    if slug in lists:
        return lists[slug]
    near = difflib.get_close_matches(slug, lists, n=3, cutoff=0.4)
    near += sorted(lists.keys() - set(near))
    raise LinliError(
        "lists.unknown_list",
        zh="没有这个名单",
        en="There is no such list.",
        expected=", ".join(near),
        found=slug,
        remedy_zh="运行 linli registers list 查看全部名单",
        remedy_en="run `linli registers list` for all lists",
    )


def _position(error: LinliError) -> tuple[int, int]:
    place = error.place or Place()
    return (place.line or 0, place.column or 0)


def _schema_problem(document: Document, error: ValidationError) -> LinliError:
    expected = json.dumps(error.validator_value, ensure_ascii=False) if error.validator not in ("allOf", "if") else error.message
    return LinliError(
        "lists.schema",
        zh=f"名单声明不符合格式：{error.validator}",
        en=f"The list declaration breaks its schema ({error.validator}).",
        place=document.place(tuple(error.absolute_path)),
        expected=expected[:300],
        found=error.message[:300],
        remedy_zh="对照 linli/registers/schema/list.schema.json 与 docs/registers.md；YAML 中的 no 要加引号",
        remedy_en="compare it with linli/registers/schema/list.schema.json and docs/registers.md; quote the word no in YAML",
    )


def _fault(document: Document, path: tuple[str | int, ...], zh: str, en: str, expected: str, found: str) -> LinliError:
    return LinliError(
        "lists.contradiction",
        zh=zh,
        en=en,
        place=document.place(path),
        expected=expected,
        found=found,
        remedy_zh="见 docs/registers.md",
        remedy_en="see docs/registers.md",
    )


def _contradictions(document: Document, path: Path) -> Iterator[LinliError]:
    """What the schema can't say: names that refer to one another."""
    value = document.value
    if value["list"] != path.stem:
        yield _fault(document, ("list",), "文件名与名单代号不一致", "The file's name is not the list's slug.", path.stem, value["list"])
    yield from _repeats(document)
    types = {column["name"]: column["type"] for column in value["columns"]}
    references: list[tuple[tuple[str | int, ...], str]] = [(("key",), KEY_TYPES[value["subject"]])]
    wanted = {"name": "person_name", "birth_date": "date", "area": "area"}
    references += [(("fallback", role), wanted[role]) for role in value.get("fallback", {})]
    references += [(("validity", end), "date") for end in value.get("validity", {})]
    for reference, kind in references:
        name = value[reference[0]] if len(reference) == 1 else value[reference[0]][reference[1]]
        if types.get(name) != kind:
            found = f"{name} ({types.get(name, 'no such column')})"
            yield _fault(
                document, reference, "引用的列不存在或类型不符", "It names no column of the right type.", f"a column of type {kind}", found
            )
    if value["absence"] == "no" and not value.get("presence") and not any("absent" in column for column in value["columns"]):
        yield _fault(
            document, ("absence",), "缺席为“否”的名单要有在册事实", "A list whose absence means no needs a fact that becomes no.",
            "presence, or a column with absent", "neither",
        )  # fmt: skip
    for index, column in enumerate(value["columns"]):
        yield from _column_faults(document, index, column)


def _repeats(document: Document) -> Iterator[LinliError]:
    seen: dict[str, int] = {}
    facts: set[str] = {document.value["presence"]["fact"]} if "presence" in document.value else set()
    for index, column in enumerate(document.value["columns"]):
        for header in dict.fromkeys((column["name"], column["zh"], column["en"], *column.get("aliases", ()))):
            if seen.setdefault(plain_header(header), index) != index:
                yield _fault(document, ("columns", index), "两列的表头相同", "Two columns share a header.", "distinct headers", header)
        fact = column.get("fact")
        if fact and fact in facts:
            yield _fault(document, ("columns", index, "fact"), "同一事实声明了两次", "A fact is given twice.", "each fact once", fact)
        facts.add(fact or "")


def _column_faults(document: Document, index: int, column: dict[str, Any]) -> Iterator[LinliError]:
    if column.get("min") is not None and column.get("max") is not None and column["min"] > column["max"]:
        yield _fault(
            document, ("columns", index, "min"), "最小值大于最大值", "min is above max.", f"at most {column['max']}", str(column["min"])
        )
    codes = column.get("codes", {}).items()
    meant: list[tuple[tuple[str | int, ...], Any]] = [(("columns", index, "codes", code), value) for code, value in codes]
    if "absent" in column:
        meant.append((("columns", index, "absent"), column["absent"]))
    for path, value in meant:
        if not _fits(column, value):
            yield _fault(document, path, "取值与列的类型不符", "The value doesn't fit the column.", _domain(column), repr(value))


def _fits(column: dict[str, Any], value: Any) -> bool:
    kind = column["type"]
    if kind in ("integer", "money"):
        low, high = column.get("min", -(2**53)), column.get("max", 2**53)
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, date)
    return isinstance(value, str) and (not column.get("values") or value in column["values"])


def _domain(column: dict[str, Any]) -> str:
    limits = [str(column[end]) for end in ("min", "max") if end in column]
    return " ".join([column["type"], *column.get("values", ()), *limits])


def _fact_twice(path: Path, fact: str, first: str) -> LinliError:
    return LinliError(
        "lists.fact_twice",
        zh="两个名单给出同一事实",
        en="Two lists give the same fact.",
        place=Place(str(path)),
        expected=(f"{fact} 只由 {first} 给出", f"{fact} from {first} only"),
        found=(f"{path.stem} 又给出 {fact}", f"{fact} again in {path.stem}"),
        remedy_zh="为其中一个换名",
        remedy_en="rename one of them",
    )


def plain_header(text: str) -> str:
    """A header without spaces, brackets' width and case, for comparison."""
    wide = str.maketrans("（）：／", "():/")
    return "".join(text.translate(wide).split()).lower()


def _column(raw: dict[str, Any]) -> Column:
    renamed = {"min": "minimum", "max": "maximum"}
    settings: dict[str, Any] = {renamed.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return Column(**settings)


def _declaration(document: Document, path: Path) -> ListDeclaration:
    value = document.value
    presence = value.get("presence")
    return ListDeclaration(
        slug=value["list"],
        zh=value["zh"],
        en=value["en"],
        owner_zh=value["owner"]["zh"],
        owner_en=value["owner"]["en"],
        subject=value["subject"],
        household_kind=value.get("household_kind"),
        key=value["key"],
        fallback=value.get("fallback", {}),
        validity=value.get("validity", {}),
        sensitivity=value["sensitivity"],
        every_days=value["refresh"]["every_days"],
        place=value["coverage"]["place"],
        area=value["coverage"]["area"],
        absence=value["absence"],
        authorisation=value.get("authorisation", False),
        source=value["source"],
        valid_days=value.get("query", {}).get("valid_days"),
        presence=Presence(**presence) if presence else None,
        columns=tuple(_column(raw) for raw in value["columns"]),
        digest=digest_of(value),
        file=str(path),
    )
