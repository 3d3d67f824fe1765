"""Answers out of a folder: one xlsx or csv per list, named by its slug, as an authority refreshes it on a shared disk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from linli.papers import read_table
from linli.registers.imports.mapping import columns_of
from linli.registers.imports.reading import read_rows
from linli.registers.lists import ListDeclaration
from linli.registers.ports import Answer, Question
from linli.registers.verification.answers import no_answer


class FolderSource:
    """Looks a person up in <folder>/<list>.xlsx or .csv by identity number; not there means not on the list.

    The answer's time is the file's. Reads the file up to the person's row: meant for files of some thousand rows.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, declaration: ListDeclaration, question: Question) -> Answer:
        """The row of the person. A wrong cell in it is no answer."""
        path = self._file(declaration)
        table = read_table(path)
        columns = columns_of(declaration, table.headers, path.name, table.header_row)
        row = next((row for row in read_rows(declaration, table, columns) if row.key == question.identity), None)
        if row is not None and row.wrong:
            raise row.wrong[0]
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Answer(row is not None, declaration.owner_zh, changed, row.data if row else {})

    def _file(self, declaration: ListDeclaration) -> Path:
        for suffix in ("xlsx", "csv"):
            path = self.folder / f"{declaration.slug}.{suffix}"
            if path.is_file():
                return path
        raise no_answer(str(self.folder), f"{declaration.slug}.xlsx or {declaration.slug}.csv", "neither")
