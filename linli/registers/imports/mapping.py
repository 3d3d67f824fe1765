"""Which column of a file is which column of the list: by header, by alias, or by a mapping file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from linli.kernel.errors import LinliError, Place, Problems
from linli.registers.lists import ListDeclaration
from linli.registers.lists.declaration import plain_header
from linli.registers.lists.documents import read_document


def read_mapping(path: Path) -> dict[str, str]:
    """A mapping file: YAML, `column name of the list: header in the file`. Raises LinliError."""
    document = read_document(path)
    value = document.value
    if not isinstance(value, dict) or not all(isinstance(header, str) for header in value.values()):
        raise LinliError(
            "imports.bad_mapping",
            zh="列对应文件格式不对",
            en="Not a mapping file.",
            place=document.place(()),
            expected="lines like `identity_number: 证件号`",
            expected_zh="像 `identity_number: 证件号` 这样的行",
            found=type(value).__name__,
            remedy_zh="每行写“名单列名: 文件表头”",
            remedy_en="write one `list column: file header` a line",
        )
    return dict(value)


def columns_of(
    declaration: ListDeclaration,
    headers: Sequence[str],
    file: str,
    header_row: int,
    chosen: Mapping[str, str] | None = None,
    *,
    only_chosen: bool = False,
) -> dict[str, int]:
    """Index of each of the list's columns that the file has. Headers that belong to no column are ignored.

    only_chosen: somebody has said of every column where it is; a header that looks like another column is left alone.
    Raises Problems: a mapping that names nothing, two headers for one column, a required column that is missing.
    """
    plain = [plain_header(header) for header in headers]
    problems: list[LinliError] = []
    found: dict[str, int] = {}
    for name, header in (chosen or {}).items():
        if name not in {column.name for column in declaration.columns} or plain_header(header) not in plain:
            problems.append(_names_nothing(name, header, headers, file, header_row))
        else:
            found[name] = plain.index(plain_header(header))
    taken = set(found.values())
    for column in () if only_chosen else declaration.columns:
        wanted = {plain_header(header) for header in column.headers}
        places = [index for index, header in enumerate(plain) if header in wanted and index not in taken]
        if column.name in found or not places:
            continue
        found[column.name] = places[0]
        if len(places) > 1:
            problems.append(_twice(column.zh, [headers[index] for index in places], file, header_row, places[1]))
    problems += _missing(declaration, found, headers, file, header_row)
    if problems:
        raise Problems(problems)
    return found


def guessed(declaration: ListDeclaration, headers: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """List column by file header: as the same sender's last file had it, else by name or alias, else the header most like it."""
    found = {header: name for name, header in remembered.items() if header in headers}
    columns = [column for column in declaration.columns if column.name not in found.values()]
    by_header = {plain_header(text): column.name for column in columns for text in column.headers}
    for header in headers:
        name = by_header.get(plain_header(header))
        if header not in found and name and name not in found.values():
            found[header] = name
    for column in columns:
        left = [header for header in headers if header not in found]
        near = difflib.get_close_matches(column.zh, left, n=1, cutoff=0.6) if column.name not in found.values() else []
        if near:
            found[near[0]] = column.name
    return found


def _missing(
    declaration: ListDeclaration, found: Mapping[str, int], headers: Sequence[str], file: str, header_row: int
) -> list[LinliError]:
    """The key may be missing where name and birth date are there to match by."""
    fallback = {declaration.fallback[role] for role in ("name", "birth_date") if role in declaration.fallback}
    by_name = bool(fallback) and fallback <= found.keys()
    needed = {column.name for column in declaration.columns if column.required}
    if not by_name:
        needed.add(declaration.key)
    return [_not_there(declaration, name, headers, file, header_row) for name in sorted(needed - found.keys())]


def _not_there(declaration: ListDeclaration, name: str, headers: Sequence[str], file: str, header_row: int) -> LinliError:
    column = declaration.column(name)
    near = difflib.get_close_matches(column.zh, headers, n=3, cutoff=0.3)
    return LinliError(
        "imports.missing_column",
        zh=f"缺少“{column.zh}”列",
        en=f"The column “{column.en}” is missing.",
        place=Place(file, header_row),
        expected=" / ".join(column.headers),
        found=", ".join(near or list(headers)[:12]),
        remedy_zh="补上该列，或用 --mapping 指明它的表头",
        remedy_en="add the column, or name its header with --mapping",
    )


def _twice(name: str, headers: Sequence[str], file: str, header_row: int, index: int) -> LinliError:
    return LinliError(
        "imports.column_twice",
        zh=f"有多列都像“{name}”",
        en=f"Several columns could be “{name}”.",
        place=Place(file, header_row, index + 1),
        expected="one column",
        expected_zh="一列",
        found=", ".join(headers),
        remedy_zh="用 --mapping 指明是哪一列",
        remedy_en="say which with --mapping",
    )


def _names_nothing(name: str, header: str, headers: Sequence[str], file: str, header_row: int) -> LinliError:
    return LinliError(
        "imports.bad_mapping",
        zh="列对应关系指向不存在的列",
        en="The mapping names a column that isn't there.",
        place=Place(file, header_row, field=f"{name}: {header}"),
        expected=", ".join(list(headers)[:20]),
        found=header,
        remedy_zh="核对名单列名与文件表头",
        remedy_en="compare the list's column names and the file's headers",
    )
