"""People, household and relation files as frames: their columns checked against what the rules need, and typed for the engine."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from linli.kernel.errors import LinliError, Place
from linli.rules.columns import DTYPES
from linli.rules.declare import BUILT_IN, FactDeclaration
from linli.rules.tree import LIMIT, NUMBERS, Type

# Rows in a group of the Parquet files that rules read and write: each group is read as one stretch of memory.
GROUP_ROWS = 1_000_000
FEW_CODES = 3
Table: TypeAlias = pl.DataFrame | pl.LazyFrame | str | Path


class MissingColumnWarning(UserWarning):
    """A declared fact has no column: it is unknown for everybody."""


def scan(table: Table, name: str) -> tuple[pl.LazyFrame, str]:
    """The table as a lazy frame and what to call it in refusals. A path is a Parquet file or a directory of them."""
    if isinstance(table, pl.DataFrame):
        return table.lazy(), name
    if isinstance(table, pl.LazyFrame):
        return table, name
    path = Path(table)
    if not path.exists():
        raise LinliError(
            "rules.no_such_file",
            zh="找不到文件",
            en="There is no such file.",
            place=Place(str(path)),
            remedy_zh="检查路径",
            remedy_en="check the path",
        )
    try:
        lazy = pl.scan_parquet(path / "*.parquet" if path.is_dir() else path)
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LinliError(
            "rules.not_parquet",
            zh="不是可读的 Parquet 文件",
            en="This is not a readable Parquet file.",
            place=Place(str(path)),
            found=str(error).splitlines()[0][:200],
            remedy_zh="重新导出文件",
            remedy_en="export the file again",
        ) from error
    return lazy, str(path)


def typed(lazy: pl.LazyFrame, wanted: Mapping[str, Type], file: str, keys: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The key columns as they are and the wanted facts, typed for the engine. A fact without a column is unknown, with a warning.

    Raises LinliError for a key column that is missing or a fact column of the wrong type.
    """
    schema = lazy.collect_schema()
    for key in keys:
        if key not in schema:
            raise _refuse(
                "rules.no_column",
                file,
                key,
                "缺少列",
                "A column is missing.",
                "a column of this name",
                "none",
                "补上该列",
                "add the column",
            )
    for key in keys:
        _refuse_type_of_key(key, schema[key], file)
    chosen = [pl.col(key) for key in keys]
    for name, kind in wanted.items():
        if name in schema:
            chosen.append(_converted(name, schema[name], kind, file))
        else:
            warnings.warn(f"{file}: no column {name}: unknown for everybody（缺少该列，按未知处理）", MissingColumnWarning, stacklevel=3)
            chosen.append(pl.lit(None, dtype=DTYPES[kind.kind]).alias(name))
    return lazy.select(chosen)


def _refuse_type_of_key(key: str, dtype: pl.DataType, file: str) -> None:
    wanted = "boolean" if key == "relations_known" else "whole number or text"
    fits = dtype == pl.Boolean if key == "relations_known" else dtype.is_integer() or dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    if not fits:
        raise _refuse(
            "rules.wrong_column_type",
            file,
            key,
            "列的类型不对",
            "A column has the wrong type.",
            wanted,
            str(dtype),
            "按所需类型导出，空缺处留空",
            "export it in the wanted type, with nothing where it is not known",
        )


def _refuse(code: str, file: str, column: str, zh: str, en: str, expected: str, found: str, remedy_zh: str, remedy_en: str) -> LinliError:
    place = Place(file, field=f"column {column}")
    return LinliError(code, zh=zh, en=en, place=place, expected=expected, found=found, remedy_zh=remedy_zh, remedy_en=remedy_en)


def _converted(name: str, dtype: pl.DataType, kind: Type, file: str) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Null:
        return column.cast(DTYPES[kind.kind])
    if kind.kind in ("boolean", "date") and dtype == DTYPES[kind.kind]:
        return column
    if kind.kind == "text" and dtype in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String) if dtype == pl.Categorical else column
    # What no fact may hold is cut to what no fact may hold but 64 bits can: the check of values then refuses it.
    most = LIMIT // 10**kind.scale
    if kind.kind in NUMBERS and dtype.is_integer():
        if dtype in (pl.UInt64, pl.UInt128, pl.Int128):
            column = column.clip(pl.lit(0 if dtype.is_unsigned_integer() else -most, dtype), pl.lit(most, dtype))
        whole = column if dtype == pl.Int64 else column.cast(pl.Int64)
        return whole.clip(-most, most) * 10**kind.scale if kind.scale else whole
    if kind.kind == "decimal" and isinstance(dtype, pl.Decimal) and (dtype.scale or 0) <= kind.scale:
        wide = column.cast(pl.Decimal(38, dtype.scale or 0)).clip(-most, most)
        return (wide.cast(pl.Decimal(38, kind.scale)) * 10**kind.scale).cast(pl.Int64)
    raise _refuse(
        "rules.wrong_column_type",
        file,
        name,
        "列的类型不对",
        "A column has the wrong type.",
        EXPECTED[kind.kind] + (f", at most {kind.scale} digits" if kind.kind == "decimal" else ""),
        str(dtype),
        "按所需类型导出",
        "export it in the wanted type",
    )


EXPECTED = {
    "boolean": "boolean",
    "date": "date (without time)",
    "text": "string or categorical",
    "integer": "integer",
    "money": "integer (fen)",
    "decimal": "decimal or integer",
}


def encoded(lazy: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """These text columns as the numbers of their few different values (Enum): what a rule compares fastest, and a byte or two a row."""
    found = lazy.select(pl.col(names).unique().drop_nulls().sort().implode()).collect()
    return lazy.with_columns(pl.col(name).cast(pl.Enum(found[name][0])) for name in found.columns)


def check_values(frame: pl.DataFrame, facts: Mapping[str, FactDeclaration], file: str) -> None:
    """Refuses numbers, dates and codes outside what their facts declare: the rules were checked for declared values only."""
    known = {**facts, **BUILT_IN}
    for name in frame.columns:
        fact = known.get(name)
        if fact is not None and (fact.span or fact.values) and _outside(frame[name], fact):
            raise _out_of_range(frame, fact, file)


def _ends(fact: FactDeclaration) -> tuple[Any, Any]:
    low, high = fact.span or (0, 0)
    return (date(low, 1, 1), date(high, 12, 31)) if fact.type.kind == "date" else (low, high)


def _outside(column: pl.Series, fact: FactDeclaration) -> bool:
    """Whether the column holds any value that the fact doesn't allow."""
    if column.null_count() == len(column) or (isinstance(column.dtype, pl.Enum) and set(column.dtype.categories) <= set(fact.values)):
        return False
    if not fact.values:
        low, high = _ends(fact)
        return bool(column.min() < low or column.max() > high)
    told = column.drop_nulls() if 2 * column.null_count() > len(column) else column
    if len(fact.values) > FEW_CODES:
        return not set(told.unique().drop_nulls()) <= set(fact.values)
    return not functools.reduce(operator.or_, [told == code for code in fact.values]).all()


def _wrong_rows(fact: FactDeclaration) -> pl.Expr:
    low, high = _ends(fact)
    column = pl.col(fact.name)
    return ~column.is_in(list(fact.values)) if fact.values else (column < low) | (column > high)


def _out_of_range(frame: pl.DataFrame, fact: FactDeclaration, file: str) -> LinliError:
    bad = frame.filter(_wrong_rows(fact))
    allowed = " | ".join(fact.values) if fact.values else " … ".join(str(end) for end in fact.span or ())
    row: dict[str, Any] = bad.row(0, named=True)
    who = next((f"{key} {row[key]}" for key in ("person_id", "household_id") if row.get(key) is not None), "")
    return _refuse(
        "rules.out_of_range",
        file,
        fact.name,
        "列中有超出声明范围的值",
        "A column holds values that its declaration does not allow.",
        allowed,
        f"{row[fact.name]} in {bad.height} row(s), first {who}",
        "改正数据，或放宽声明的 min/max/values",
        "correct the data, or widen the declared min, max or values",
    )
