"""A true scan: every value of the columns is decoded and takes part in its column's sum, so that no statistics can answer it.

Numbers and booleans are summed, dates as days, texts as the sum of their lengths. Every engine must find the same sums.
Run in the environment `scan`: python scan.py ENGINE FILE THREADS COLUMN…
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rounds import serve

Sums = dict[str, int]


def polars_scan(file: str, threads: int, columns: list[str]) -> Callable[[], Sums]:
    """One lazy query over the file."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    def value(name: str, kind: pl.DataType) -> pl.Expr:
        column = pl.col(name)
        if kind in (pl.String, pl.Categorical, pl.Enum):
            return column.cast(pl.String).str.len_bytes().cast(pl.Int64)
        return column.to_physical().cast(pl.Int64) if kind == pl.Date else column

    schema = pl.scan_parquet(file).collect_schema()
    query = pl.scan_parquet(file).select(value(name, schema[name]).sum().cast(pl.Int64).alias(name) for name in columns)
    return lambda: dict(query.collect().row(0, named=True))


def pyarrow_scan(file: str, threads: int, columns: list[str]) -> Callable[[], Sums]:
    """Read into Arrow memory, then summed column by column."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    pa.set_cpu_count(threads)

    def total(column: pa.ChunkedArray) -> int:
        if pa.types.is_date32(column.type):
            column = column.cast(pa.int32())
        elif not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
            column = pc.binary_length(column.cast(pa.large_string()) if pa.types.is_dictionary(column.type) else column)
        return int(pc.sum(column).as_py() or 0)

    def once() -> Sums:
        table = pq.read_table(file, columns=columns)
        return {name: total(table[name]) for name in columns}

    return once


def duckdb_scan(file: str, threads: int, columns: list[str]) -> Callable[[], Sums]:
    """One SQL query over the file."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    kinds = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()}
    forms = {"VARCHAR": "strlen({})", "DATE": "({} - DATE '1970-01-01')", "BOOLEAN": "{}::INT"}
    values = [forms.get(kinds[name], "{}").format(f'"{name}"') for name in columns]
    query = f"SELECT {', '.join(f'coalesce(sum({value}), 0)::BIGINT' for value in values)} FROM '{file}'"
    return lambda: dict(zip(columns, connection.execute(query).fetchall()[0], strict=True))


ENGINES = {"polars": polars_scan, "pyarrow": pyarrow_scan, "duckdb": duckdb_scan}


def main() -> None:
    """Serves rounds of the engine named first."""
    engine, file, threads, *columns = sys.argv[1:]
    scan = ENGINES[engine](file, int(threads), columns)
    serve(lambda: {"sums": scan()})


if __name__ == "__main__":
    main()
