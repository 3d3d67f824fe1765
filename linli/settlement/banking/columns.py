"""Single columns: a value as the layout writes it, and back. What would be read otherwise than it was meant is refused, never changed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

from linli.kernel.errors import LinliError
from linli.kernel.money import fen_from_yuan
from linli.settlement.banking.layouts import Field, Form
from linli.settlement.banking.references import shortened
from linli.settlement.banking.refusals import refused

# A bank's clerk opens such a file in a spreadsheet; the full-width signs are read as the plain ones there.
_FORMULA = tuple("=+-@＝＋－＠")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WHOLE = re.compile(r"[0-9]{1,15}")
_YUAN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?")
LARGEST_FEN = 10**13
TAIL = 4
REMEDIES = {
    "project_code": ("按财政部门文件和银行格式核对项目代码", "check the project's code by the treasury's document and the bank's layout"),
    "identity": ("先把证件号码登记完整", "have the identity number recorded first"),
}
"""What to do about a column, where it isn't the account."""
_MAY_BE_EMPTY = frozenset({"bank", "note", "skip"})


def tail_of(account: str) -> str:
    """The last four signs of an account number, which is all that pages show and outcomes are compared by."""
    return re.sub(r"[^0-9A-Za-z]", "", account)[-TAIL:]


def yuan_of(fen: int) -> str:
    """An amount in yuan with two decimals and no separators."""
    return f"{fen // 100}.{fen % 100:02d}"


def require_plain(of: str, text: str) -> None:
    """Raise unless a text is visible characters only: no control or format characters, line separators, lone surrogates."""
    for sign in text:
        if unicodedata.category(sign) in _HIDDEN:
            raise _not_writable(of, ("可见字符", "visible characters"), f"U+{ord(sign):04X}")


def written(form: Form, field: Field, value: str | int | date) -> bytes:
    """A value as it stands in the file. Raises LinliError for one that doesn't fit or would break the columns."""
    text = _as_text(field, value)
    require_plain(field.of, text)
    if not text and field.of not in _MAY_BE_EMPTY:
        raise _not_writable(field.of, ("填写完整", "a value"), "")
    if form.form == "delimited":
        if (text + form.delimiter).index(form.delimiter) != len(text) or '"' in text:
            raise _not_writable(field.of, (f"不含分隔符 {form.delimiter} 和引号", f"no {form.delimiter} and no quotes"), text)
        if text.startswith(_FORMULA):
            raise _not_writable(field.of, ("不以 = + - @ 开头", "no = + - @ at the beginning"), text)
    encoded = text.encode(form.encoding)
    if field.room and len(encoded) > field.room:
        raise _not_writable(field.of, (f"至多 {field.room} 字节", f"at most {field.room} bytes"), f"{text} ({len(encoded)})")
    if not field.width:
        return encoded
    if text != text.strip() or (field.pad == "0" and not text.isascii()):
        raise _not_writable(field.of, ("首尾没有空格", "no spaces at either end"), repr(text))
    padding = field.pad.encode("ascii") * (field.width - len(encoded))
    return padding + encoded if field.align == "right" else encoded + padding


def _as_text(field: Field, value: str | int | date) -> str:
    if field.of == "constant":
        return field.text
    if isinstance(value, date):
        return value.strftime(field.day)
    if field.of == "reference" and field.narrow:
        return shortened(str(value))
    if field.of in ("amount", "total"):
        amount = int(str(value))
        if not 0 < amount <= LARGEST_FEN * (1 if field.of == "amount" else 10**6):
            raise _not_writable(field.of, ("大于零的金额", "an amount above zero"), str(value))
        return yuan_of(amount) if field.unit == "yuan" else str(amount)
    return str(value)


def decoded(form: Form, of: str, raw: bytes) -> str:
    """Bytes as text; raises LinliError for bytes that are none in this encoding."""
    try:
        return raw.decode(form.encoding)
    except UnicodeDecodeError:
        raise unreadable(of, form.encoding, raw.hex()[:40]) from None


def unpadded(field: Field, text: str) -> str:
    """What stands in a column, without its padding."""
    if not field.width:
        return text.strip(" ")
    if field.align == "right":
        return text.lstrip(field.pad) or ("0" if field.pad == "0" else "")
    return text.rstrip(field.pad)


def read_amount(field: Field, text: str) -> int:
    """Fen out of a column in fen or in yuan, exactly; raises LinliError."""
    if field.unit == "yuan" and _YUAN.fullmatch(text):
        return fen_from_yuan(text)
    if field.unit == "fen" and _WHOLE.fullmatch(text):
        return int(text)
    raise unreadable(field.of, "yuan with at most two decimals" if field.unit == "yuan" else "whole fen", text[:40])


def read_day(field: Field, text: str) -> date | None:
    """A day, None where the bank left it empty; raises LinliError."""
    if not text.strip("0 "):
        return None
    try:
        return datetime.strptime(text, field.day).date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        raise unreadable(field.of, field.day, text[:40]) from None


def _not_writable(of: str, expected: tuple[str, str], found: str) -> LinliError:
    return refused(
        "not_writable",
        of,
        ("这一栏按银行的格式写不下", "This cannot be written in the bank's layout."),
        expected=expected,
        found=found[:60],
        remedy=REMEDIES.get(of, ("核对户名和账号后重新登记", "check the name and the account and enter them again")),
    )


def unreadable(of: str, expected: str, found: str) -> LinliError:
    return refused(
        "unreadable",
        of,
        ("回盘文件的这一栏读不懂", "This column of the bank's answer cannot be read."),
        expected=expected,
        found=found,
        remedy=("请银行按约定的格式重新提供", "ask the bank for the file in the agreed layout"),
    )
