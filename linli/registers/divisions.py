"""National division tables (行政区划代码表): read from a file, checked code by code. Pure; nothing here touches the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place, Problems
from linli.papers import read_table

# Township-level codes from 400 up are no statutory townships, and county-level codes 71–79 exist in the statistics table
# only (统计用区划代码和城乡划分代码编制规则, National Bureau of Statistics, 2009).
FIRST_SPECIAL_TOWNSHIP = 400
ZONE_WORDS = ("开发区", "园区", "示范区", "保税区", "高新区", "工业区")
SPECIAL_WORDS = ("监狱", "强制隔离", "农场", "林场", "牧场", "厂", "矿")
# Urban-rural classes of the statistics table: 11x and 12x urban, 210 and 220 rural.
URBAN_RURAL = frozenset({"111", "112", "121", "122", "123", "210", "220"})
CODE_HEADERS = ("code", "统计用区划代码", "区划代码", "行政区划代码", "代码")
NAME_HEADERS = ("name", "名称", "单位名称", "区划名称")
CLASS_HEADERS = ("城乡分类代码", "urban_rural")
PARENT_HEADERS = {"provinceCode": 2, "cityCode": 4, "areaCode": 6, "streetCode": 9}
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af0-9A-Za-z（）()·、〇○第\-—]{2,60}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table as read. parents: code length -> the parent code that the line itself states."""

    place: Place
    code: str
    name: str
    parents: Mapping[int, str] = field(default_factory=dict)
    urban_rural: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """One checked division."""

    code: str
    name: str
    level: str
    kind: str
    administering: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What kinds.yaml says of a code that is no ordinary division."""

    kind: str
    administering: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """A city's kinds.yaml: the day the table stood like this, its source, and the codes that are not ordinary divisions."""

    valid_from: date
    source: Mapping[str, str]
    kinds: Mapping[str, Kind]


def read_rows(path: Path) -> Iterator[Row]:
    """The lines of a csv or xlsx table: code,name[,areaCode…], or the statistics bureau's 12 digits with class and name."""
    table = read_table(path)
    headers = list(table.headers)
    code, name = _column(headers, CODE_HEADERS, path), _column(headers, NAME_HEADERS, path)
    urban = next((headers.index(header) for header in CLASS_HEADERS if header in headers), None)
    parents = {length: headers.index(header) for header, length in PARENT_HEADERS.items() if header in headers}
    for row in table.rows:
        texts = [unicodedata.normalize("NFC", cell.text).strip() for cell in row.cells]
        yield Row(
            Place(file=path.name, line=row.number),
            texts[code],
            texts[name],
            {length: texts[index] for length, index in parents.items()},
            texts[urban] if urban is not None else "",
        )


def _column(headers: list[str], names: tuple[str, ...], path: Path) -> int:
    for name in names:
        if name in headers:
            return headers.index(name)
    raise LinliError(
        "areas.no_column",
        zh="区划表缺少必需的列",
        en="The division table lacks a column.",
        place=Place(file=path.name, line=1),
        expected=" / ".join(names),
        found=", ".join(headers) or ("空文件", "an empty file"),
        remedy_zh="第一行写列名",
        remedy_en="name the columns in the first line",
    )


def read_kinds(path: Path) -> Kinds:
    """A city's kinds.yaml, or LinliError that names what is wrong in it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        kinds = {str(entry["code"]): Kind(entry["kind"], str(entry["administering"])) for entry in data.get("kinds", [])}
        result = Kinds(data["valid_from"], data["source"], kinds)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise _kinds_error(path, str(error).replace("\n", " ")) from error
    wrong = [code for code, kind in kinds.items() if kind.kind not in ("statutory", "functional_zone", "statistical", "special")]
    if wrong or not isinstance(result.valid_from, date):
        raise _kinds_error(path, f"kind of {', '.join(wrong)}" if wrong else f"valid_from {result.valid_from!r}")
    return result


def _kinds_error(path: Path, found: str) -> LinliError:
    return LinliError(
        "areas.bad_kinds",
        zh="kinds.yaml 有误",
        en="kinds.yaml is wrong.",
        place=Place(file=str(path)),
        expected=(
            "valid_from（日期）、source {zh, en}、kinds（列表，每项写 code、kind、administering）",
            "valid_from (date), source {zh, en}, kinds (a list of code, kind, administering)",
        ),
        found=found,
        remedy_zh="照 cities/yuncheng/areas/kinds.yaml 书写",
        remedy_en="write it like cities/yuncheng/areas/kinds.yaml",
    )


def check(rows: Iterable[Row], kinds: Mapping[str, Kind] | None = None, known: Iterable[str] = ()) -> dict[str, Division]:
    """Every division of the table by code, or Problems with one error per wrong line.

    known: codes that exist already and may serve as parents. Cost: one pass and two dictionaries.
    """
    kinds = kinds or {}
    problems: list[LinliError] = []
    found: dict[str, Row] = {}
    siblings: dict[tuple[str, str], str] = {}
    for row in rows:
        code, errors = _check_row(row)
        if not errors and code in found:
            twice = f"{code}, first in line {found[code].place.line}"
            errors.append(_problem("duplicate_code", row, "代码重复", "A code stands twice.", found=twice))
        if not errors:
            found[code] = row
            twin = siblings.setdefault((areas.parent(code) or "", row.name), code)
            if twin != code:
                same = f"{row.name}: {twin}, {code}"
                errors.append(
                    _problem("duplicate_name", row, "同一上级下名称重复", "Two divisions of one parent share a name.", found=same)
                )
        problems.extend(errors)
    problems.extend(_orphans(found, frozenset(known)))
    problems.extend(_unknown_kinds(kinds, found))
    if problems:
        raise Problems(problems)
    if not found:
        raise LinliError(
            "areas.empty", zh="区划表没有数据行", en="The division table has no rows.", remedy_zh="核对文件", remedy_en="check the file"
        )
    return {code: _division(code, found[code].name, kinds) for code in sorted(found)}


def _check_row(row: Row) -> tuple[str, list[LinliError]]:
    try:
        code = areas.trimmed(row.code)
        if len(code) > 12:
            raise ValueError
    except (LinliError, ValueError):
        expected = "2, 4, 6, 9 or 12 digits, padded with zeros or not"
        return "", [_problem("bad_code", row, "不是国家区划代码", "Not a national division code.", expected=expected, found=repr(row.code))]
    errors = []
    if not _HAN_NAME.fullmatch(row.name) or not any(unicodedata.name(letter, "").startswith("CJK") for letter in row.name):
        errors.append(_problem("bad_name", row, "名称为空或有不当字符", "The name is empty or no place name.", found=repr(row.name)))
    for length, stated in row.parents.items():
        if len(code) > length and stated != code[:length]:
            errors.append(
                _problem("wrong_parent", row, "上级代码与本级不符", "The stated parent does not fit.", expected=code[:length], found=stated)
            )
    if row.urban_rural and row.urban_rural not in URBAN_RURAL:
        classes = ", ".join(sorted(URBAN_RURAL))
        errors.append(
            _problem("bad_class", row, "城乡分类代码不正确", "Not an urban-rural class.", expected=classes, found=row.urban_rural)
        )
    return code, errors


def _orphans(found: Mapping[str, Row], known: frozenset[str]) -> Iterator[LinliError]:
    tops = min((len(code) for code in found), default=0) if not known else 2
    for code, row in found.items():
        parent = areas.parent(code)
        if len(code) > tops and parent not in found and parent not in known:
            stated = f"{code} {row.name}"
            yield _problem(
                "no_parent", row, "上级代码不在表中", "The parent is not in the table.", expected=f"a row {parent}", found=stated
            )


def _unknown_kinds(kinds: Mapping[str, Kind], found: Mapping[str, Row]) -> Iterator[LinliError]:
    for code, kind in kinds.items():
        missing = code if code not in found else kind.administering if kind.administering not in found else ""
        if missing:
            yield LinliError(
                "areas.kind_of_nothing",
                zh="kinds.yaml 提到的代码不在区划表中",
                en="kinds.yaml names a code that the table lacks.",
                place=Place(file="kinds.yaml", field=code),
                found=missing,
                remedy_zh="删去该行或补全区划表",
                remedy_en="drop the line or complete the table",
            )


def _division(code: str, name: str, kinds: Mapping[str, Kind]) -> Division:
    declared = kinds.get(code)
    kind = declared.kind if declared else default_kind(code, name)
    return Division(code, name, areas.level(code), kind, declared.administering if declared else areas.parent(code) or "")


def default_kind(code: str, name: str) -> str:
    """The kind that the code and name suggest; kinds.yaml overrules it."""
    if len(code) == 6 and (code[4] == "7" or name == "市辖区"):
        return "statistical"
    if len(code) != 9 or int(code[6:]) < FIRST_SPECIAL_TOWNSHIP:
        return "statutory"
    if any(word in name for word in ZONE_WORDS):
        return "functional_zone"
    return "special" if any(word in name for word in SPECIAL_WORDS) else "statistical"


def undeclared(divisions: Mapping[str, Division], kinds: Mapping[str, Kind]) -> list[str]:
    """Codes whose kind was guessed from code and name because kinds.yaml says nothing of them."""
    return [code for code, division in divisions.items() if division.kind != "statutory" and code not in kinds]


def _problem(code: str, row: Row, zh: str, en: str, *, expected: str | None = None, found: str | None = None) -> LinliError:
    return LinliError(
        f"areas.{code}",
        zh=zh,
        en=en,
        place=row.place,
        expected=expected,
        found=found,
        remedy_zh="对照国家统计用区划代码表改正这一行",
        remedy_en="mend the line after the national code table",
    )
