"""CustomerPaymentStatusReportV03 (ISO 20022, pain.002.001.03), pulled block by block; a document type or an entity is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.parsers import expat

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place
from linli.settlement.banking import columns
from linli.settlement.banking.layouts import Field
from linli.settlement.banking.refusals import refused
from linli.settlement.banking.rows import BadRow, OutcomeRow, Told

_BLOCK = 2**16
_LONGEST_TEXT = 400
_QUIET = 4
"""Blocks without an element or a text, as within one tag without end, after which the file is no report: the parser reads such a tag anew
with every block."""
_DEEPEST = 64
"""Elements within each other; a report has a dozen."""
_YUAN = Field(of="amount", unit="yuan")
_CURRENCY = "CNY"
# Where the values of a transaction stand, below TxInfAndSts.
_WANTED = {
    ("OrgnlEndToEndId",): "reference",
    ("TxSts",): "status",
    ("StsRsnInf", "Rsn", "Cd"): "reason",
    ("StsRsnInf", "Rsn", "Prtry"): "reason",
    ("AccptncDtTm",): "day",
    ("OrgnlTxRef", "Amt", "InstdAmt"): "amount",
    ("OrgnlTxRef", "CdtrAcct", "Id", "Othr", "Id"): "account",
    ("OrgnlTxRef", "CdtrAcct", "Id", "IBAN"): "account",
}


class _Reading:
    """The state of the parser: where it is, what the open transaction has said, which transactions are complete."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text: list[str] = []
        self.length = 0
        self.open: dict[str, str] | None = None
        self.done: list[dict[str, str]] = []
        self.number = ""
        self.seen = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        self.path.append(name.rpartition(":")[2])
        self.text, self.length = [], 0
        if len(self.path) > _DEEPEST:
            raise _too_deep()
        if self.path[-1] == "TxInfAndSts":
            self.open = {}
        elif self.open is not None and self.path[-1] == "InstdAmt":
            self._note("currency", attributes.get("Ccy", ""))

    def data(self, text: str) -> None:
        self.seen += 1
        self.length += len(text)
        if self.length <= _LONGEST_TEXT:
            self.text.append(text)

    def end(self, _: str) -> None:
        text = "".join(self.text).strip()
        if self.path[-1] == "TxInfAndSts":
            self.done.append(self.open or {})
            self.open = None
        elif self.open is not None:
            below = tuple(self.path[self.path.index("TxInfAndSts") + 1 :])
            if below in _WANTED and self.length <= _LONGEST_TEXT:
                self._note(_WANTED[below], text)
        elif self.path[-1] == "OrgnlMsgId":
            self.number = text
        self.path.pop()
        self.text, self.length = [], 0

    def _note(self, name: str, value: str) -> None:
        """Said twice and differently within a transaction it is said by neither."""
        assert self.open is not None
        if self.open.setdefault(name, value) != value:
            self.open["twice"] = name


def rows(path: Path, told: Told) -> Iterator[OutcomeRow | BadRow]:
    """The transactions of a report. Raises LinliError for what is no such document."""
    reading, number, quiet = _Reading(), 0, 0
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reading.data, _no_document_type
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                before = reading.seen
                parser.Parse(block, False)
                quiet = quiet + 1 if reading.seen == before else 0
                if quiet == _QUIET:
                    raise _no_report(path, f"{_QUIET * _BLOCK} B")
                for found in reading.done:
                    number += 1
                    told.rows += 1
                    yield _row(number, found)
                reading.done.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter for an encoding that the parser doesn't know
        if not number:
            raise _no_report(path, str(error)) from None
        told.warnings.append("cut_short")
    told.number = reading.number or None


def _row(number: int, found: dict[str, str]) -> OutcomeRow | BadRow:
    if not {"reference", "status", "amount", "account"} <= found.keys():
        return BadRow(number, "unreadable", ", ".join(sorted({"reference", "status", "amount", "account"} - found.keys())))
    if "twice" in found:
        return BadRow(number, "unreadable", found["twice"])
    if found.get("currency") != _CURRENCY:
        return BadRow(number, "unreadable", f"currency {found.get('currency', '')}".strip()[:40])
    try:
        amount = columns.read_amount(_YUAN, found["amount"])
        day = _day(found.get("day", ""))
    except LinliError as problem:
        return BadRow(number, "unreadable", str(problem.place or ""))
    code = found["status"] + (f"/{found['reason']}" if found.get("reason") else "")
    return OutcomeRow(number, found["reference"], columns.tail_of(found["account"]), amount, code, day)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(SHANGHAI).date() if instant.tzinfo else instant.date()
    except (ValueError, OverflowError):
        raise columns.unreadable("day", "ISO 8601", text[:40]) from None


def _no_document_type(*_: object) -> None:
    raise refused(
        "document_type",
        "xml",
        ("文件带有文档类型声明，不予读取", "The file declares a document type, which is not read."),
        remedy=("请银行提供不含文档类型声明的报文", "ask the bank for the message without one"),
    )


def _too_deep() -> LinliError:
    return refused(
        "too_deep",
        "xml",
        ("报文的层次过深，不予读取", "The message is nested too deeply and is not read."),
        expected=(f"至多 {_DEEPEST} 层", f"at most {_DEEPEST} levels"),
        remedy=("请银行提供正常的支付状态报文", "ask the bank for a payment status report as the standard has it"),
    )


def _no_report(path: Path, found: str) -> LinliError:
    return refused(
        "no_report",
        Place(file=path.name),
        ("不是银行的支付状态报文", "This is not a bank's payment status report."),
        expected="pain.002.001.03",
        found=found[:120],
        remedy=("核对文件，或选择银行实际使用的格式", "check the file, or choose the layout that the bank uses"),
    )
