"""A delivery of a list: columns found, cells read, people matched, records merged; or nothing at all."""

from linli.registers.imports.deliver import Delivery, import_list
from linli.registers.imports.doubts import (
    ask_department,
    believe_doubtful,
    dismiss_doubtful,
    handle_many,
    note_named,
    open_doubtful,
    register_doubtful,
    resolve_doubtful,
    waiting,
)
from linli.registers.imports.report import ImportReport
from linli.registers.imports.undo import undo_import

__all__ = [
    "Delivery",
    "ImportReport",
    "ask_department",
    "believe_doubtful",
    "dismiss_doubtful",
    "handle_many",
    "import_list",
    "note_named",
    "open_doubtful",
    "register_doubtful",
    "resolve_doubtful",
    "undo_import",
    "waiting",
]
