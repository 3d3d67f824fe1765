"""Tables in and out: xlsx and csv as departments send them, safe against hostile files and against formula injection; letters as PDF."""

from linli.papers.annotating import annotate
from linli.papers.forms import LIMITS as FORM_LIMITS
from linli.papers.forms import Form, Rows, Slot
from linli.papers.reading import read_table
from linli.papers.tables import Cell, Limits, Row, Table, column_letters
from linli.papers.writing import write_table

__all__ = [
    "FORM_LIMITS",
    "Cell",
    "Form",
    "Limits",
    "Row",
    "Rows",
    "Slot",
    "Table",
    "annotate",
    "column_letters",
    "read_table",
    "write_table",
]
