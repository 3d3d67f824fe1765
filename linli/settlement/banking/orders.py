"""An order to a bank as bytes, line by line: memory does not grow with the payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from linli.settlement.banking import pain001
from linli.settlement.banking.columns import written
from linli.settlement.banking.layouts import XML_OUT, Field, Form, Layout
from linli.settlement.banking.refusals import refused
from linli.settlement.banking.rows import Head, Line


def order_file(layout: Layout, head: Head, lines: Iterable[Line]) -> Iterator[bytes]:
    """The file, in pieces. Raises LinliError where a value cannot be written, and at the end if the lines are not what the head says."""
    checked = _as_told(head, lines)
    if layout.pay.form == XML_OUT:
        yield from pain001.message(head, checked)
        return
    yield from _text(layout.pay, head, checked)


def inquiry_file(form: Form, head: Head, lines: Iterable[Line]) -> Iterator[bytes]:
    """A file that asks about accounts, in pieces. Raises as order_file()."""
    yield from _text(form, head, _as_told(head, lines))


def _text(form: Form, head: Head, lines: Iterable[Line]) -> Iterator[bytes]:
    newline = form.newline.encode("ascii")
    if form.header:
        yield _line(form, form.header, _of_head(head)) + newline
    if form.titles:
        yield form.title_line.encode(form.encoding) + newline
    for line in lines:
        yield _line(form, form.row, _of_head(head) | _of_line(line)) + newline
    if form.trailer:
        yield _line(form, form.trailer, _of_head(head)) + newline


def check_question(form: Form, head: Head, line: Line) -> None:
    """Raise what inquiry_file would raise for this line."""
    _line(form, form.row, _of_head(head) | _of_line(line))


def check_line(layout: Layout, head: Head, line: Line) -> None:
    """Raise what order_file would raise for this line."""
    if layout.pay.form == XML_OUT:
        pain001.transaction(line)
    else:
        _line(layout.pay, layout.pay.row, _of_head(head) | _of_line(line))


def check_head(layout: Layout, head: Head) -> None:
    """Raise what order_file would raise for what the file says of the whole."""
    if layout.pay.form == XML_OUT:
        pain001.opening(head)
        return
    for fields in (layout.pay.header, layout.pay.trailer):
        _line(layout.pay, fields, _of_head(head))


def file_name(layout: Layout, head: Head) -> str:
    """What the bank expects the file to be called."""
    return layout.pay.file.format(number=head.number)


def _as_told(head: Head, lines: Iterable[Line]) -> Iterator[Line]:
    count = total = 0
    for line in lines:
        count, total = count + 1, total + line.amount_fen
        yield line
    if (count, total) != (head.count, head.total_fen):
        raise refused(
            "totals_differ",
            "total",
            ("笔数或金额与文件头不一致", "Count or sum is not what the head of the file says."),
            expected=f"{head.count} / {head.total_fen}",
            found=f"{count} / {total}",
            remedy=("重新编制发放文件", "make the file anew"),
        )


def _line(form: Form, fields: tuple[Field, ...], values: dict[str, str | int | date]) -> bytes:
    parts = [written(form, field, values.get(field.of, "")) for field in fields]
    return form.delimiter.encode("ascii").join(parts)


def _of_head(head: Head) -> dict[str, str | int | date]:
    return {
        "number": head.number,
        "day": head.day,
        "count": head.count,
        "total": head.total_fen,
        "project_code": head.project_code,
        "payer_name": head.payer_name,
        "payer_account": head.payer_account,
        "payer_bank": head.payer_bank,
    }


def _of_line(line: Line) -> dict[str, str | int | date]:
    return {
        "sequence": line.sequence,
        "reference": line.reference,
        "account": line.account,
        "name": line.name,
        "bank": line.bank,
        "amount": line.amount_fen,
        "note": line.note,
        "identity": line.identity,
    }
