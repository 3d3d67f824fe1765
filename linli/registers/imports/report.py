"""What an import found and did."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from linli.kernel.errors import LinliError

KEPT_ERRORS = 20_000


@dataclass(slots=True)
class ImportReport:
    """uid: the import, None if nothing was written. repeated: the same delivery was applied before.

    rows: in the file; matched: rows whose person is certain; opened, changed, closed, unchanged: people (or households,
    organisations) whose record began, changed, ended on this delivery or stayed; doubtful: rows left to a human; unknown: rows about people
    the registers don't know; wrong: rows with a wrong cell; same: rows that only repeat another row.
    notes: what to show in the annotated file, at most 20,000; noted counts all.
    """

    uid: UUID | None = None
    repeated: bool = False
    rows: int = 0
    matched: int = 0
    opened: int = 0
    changed: int = 0
    closed: int = 0
    unchanged: int = 0
    doubtful: int = 0
    unknown: int = 0
    wrong: int = 0
    same: int = 0
    noted: int = 0
    notes: list[LinliError] = field(default_factory=list)

    def note(self, error: LinliError) -> None:
        """Keep an error for the annotated file, up to the limit."""
        self.noted += 1
        if len(self.notes) < KEPT_ERRORS:
            self.notes.append(error)
