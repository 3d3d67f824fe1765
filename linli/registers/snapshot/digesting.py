"""A digest of a table's content: of its columns' names and types and of its rows as CSV, in order. No Parquet bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from linli.kernel.digests import default_algorithm, hasher


class FrameDigest:
    """Feed it the rows chunk by chunk: the chunks' sizes make no difference."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._algorithm = default_algorithm()
        self._state = hasher(self._algorithm)
        for name, dtype in schema.items():
            self._state.update(f"{name} {_kind(dtype)}\n".encode())

    def update(self, rows: pl.DataFrame) -> None:
        """Add the rows, in order."""
        self._state.update(rows.write_csv(include_header=False, quote_style="non_numeric", null_value="").encode())

    def named(self) -> str:
        """'algorithm:hex' of everything so far."""
        return f"{self._algorithm}:{self._state.hexdigest()}"


def _kind(dtype: Any) -> str:
    """A type's name that doesn't change with the library: text, integer, decimal(s), date, boolean."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.scale})"
    names = {pl.String: "text", pl.Int64: "integer", pl.Date: "date", pl.Boolean: "boolean"}
    return names[type(dtype) if not isinstance(dtype, type) else dtype]
