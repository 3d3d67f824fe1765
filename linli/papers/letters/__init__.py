"""Official letters as PDF: receipts, notices, decisions and posters with number, organ, date, seal place and a code to verify them by.

    pdf = render("receipt", fields, language="zh", city=Path("cities/yuncheng"))

Kinds are data: a Typst file and the fields it declares, which a city may put files of its own over (docs/letters.md).
"""

from linli.papers.letters.issuing import Original, issue
from linli.papers.letters.kinds import Field, Kind, kind_of, kinds
from linli.papers.letters.rendering import check, missing_fonts, pictures, render
from linli.papers.letters.sealing import PrintStampScan, Sealing, SealPlace, SealRoute
from linli.papers.letters.values import DocumentNumber

__all__ = [
    "DocumentNumber",
    "Field",
    "Kind",
    "Original",
    "PrintStampScan",
    "SealPlace",
    "SealRoute",
    "Sealing",
    "check",
    "issue",
    "kind_of",
    "kinds",
    "missing_fonts",
    "pictures",
    "render",
]
