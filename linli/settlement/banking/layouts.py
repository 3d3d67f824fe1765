"""A bank's layout, read and checked: columns of the order and of the outcome, and what the bank's codes mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from linli.kernel.digests import canonical, digest
from linli.kernel.errors import LinliError, Place
from linli.rules.declare import Label
from linli.settlement.banking.references import SHORT, WIDTH
from linli.settlement.banking.refusals import refused

SHIPPED = Path(__file__).parents[1] / "layouts"
SCHEMA = Path(__file__).parents[1] / "schema" / "layout.schema.json"
TEXT_FORMS = ("delimited", "fixed")
XML_OUT, XML_IN = "pain.001.001.03", "pain.002.001.03"
NEWLINES = {"crlf": "\r\n", "lf": "\n"}
_IN_ROWS = frozenset({"sequence", "reference", "account", "name", "identity", "bank", "amount", "note", "code"})
_ASKED_OUT = frozenset({"account", "name", "amount"})
_ASKED_IN = frozenset({"account", "amount", "code"})


@dataclass(frozen=True, slots=True)
class Field:
    """One column. of: what stands in it; width: bytes in the file's encoding (fixed form); most: bytes at most (delimited form)."""

    of: str
    text: str = ""
    width: int = 0
    most: int = 0
    pad: str = " "
    align: str = "left"
    unit: str = "fen"
    day: str = "%Y%m%d"

    @property
    def room(self) -> int:
        """Bytes at most, 0 for any number."""
        return self.width or self.most

    @property
    def narrow(self) -> bool:
        """Whether it has no room for a whole reference."""
        return 0 < self.room < WIDTH


@dataclass(frozen=True, slots=True)
class Form:
    """How one of the two files is built. header, trailer: () where the bank has none; titles: of the columns, on a line of their own above
    the first row; most_rows: 0 for no limit."""

    form: str
    encoding: str
    delimiter: str = ""
    newline: str = "\r\n"
    file: str = ""
    header: tuple[Field, ...] = ()
    row: tuple[Field, ...] = ()
    trailer: tuple[Field, ...] = ()
    titles: tuple[str, ...] = ()
    most_rows: int = 0

    @property
    def sources(self) -> frozenset[str]:
        """Everything that some column takes."""
        return frozenset(field.of for field in (*self.header, *self.row, *self.trailer))

    @property
    def by_place(self) -> bool:
        """Whether header and trailer bear no mark: they are the first line and the last."""
        return all(not fields or fields[0].of != "constant" for fields in (self.header, self.row, self.trailer))

    @property
    def short_references(self) -> bool:
        """Whether our reference stands in it in its short form, since its column has no room for the whole one."""
        return any(field.of == "reference" and field.narrow for field in self.row)

    @property
    def title_line(self) -> str:
        """The titles as they stand in the file, "" where it has none."""
        return self.delimiter.join(self.titles)


@dataclass(frozen=True, slots=True)
class Code:
    """A bank's return code. means: paid, failed, returned (taken back after it was paid) or pending; reason: of a failure."""

    means: str
    reason: str
    label: Label


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """How the bank is asked about accounts before they are paid to, and answers. codes: what each means: good, bad or pending."""

    ask: Form
    answer: Form
    codes: Mapping[str, Code]

    def code(self, text: str) -> Code | None:
        """What a code of the bank means, None if unknown."""
        return self.codes.get(text)


@dataclass(frozen=True, slots=True)
class Layout:
    """One bank's files. digest: over everything the file says, kept with each order so that a changed layout shows.

    check: None where the bank offers no check of accounts.
    """

    slug: str
    version: str
    label: Label
    channels: tuple[str, ...]
    pay: Form
    outcome: Form
    codes: Mapping[str, Code]
    digest: str
    check: AccountCheck | None = None

    def code(self, text: str) -> Code | None:
        """What a code of the bank means; of "status/reason" the status alone where the pair isn't declared. None if unknown."""
        return self.codes.get(text) or self.codes.get(text.partition("/")[0])

    @property
    def needs_payer(self) -> bool:
        """Whether the order names the account that pays."""
        return self.pay.form == XML_OUT or bool(self.pay.sources & {"payer_account", "payer_name", "payer_bank"})

    @property
    def needs_project_code(self) -> bool:
        """Whether the order names the project that is paid for."""
        return "project_code" in self.pay.sources


@lru_cache(maxsize=8)
def layouts(city: Path) -> dict[str, Layout]:
    """By slug: the shipped layouts, and those of the city's own folder `banks`, which may replace a shipped one."""
    found: dict[str, Layout] = {}
    for folder in (SHIPPED, city / "banks"):
        found |= {one.slug: one for one in (read_layout(path) for path in sorted(folder.glob("*.yaml")))}
    return found


def checks_accounts(city: Path, layout: Layout) -> bool:
    """Whether an account has to be confirmed by the bank before it is paid to under a layout: where the layout offers to ask, or one of the
    city's own does for the same channel, so that nobody gets round it by choosing another."""
    own = (city / "banks").glob("*.yaml")
    offered = [layouts(city)[read_layout(path).slug] for path in sorted(own)]
    return layout.check is not None or any(one.check is not None and set(one.channels) & set(layout.channels) for one in offered)


def layout_of(city: Path, slug: str) -> Layout:
    """The layout of a slug; raises LinliError if there is none."""
    known = layouts(city)
    if slug not in known:
        raise refused(
            "no_layout",
            "layout",
            ("没有这种银行文件格式", "There is no such bank layout."),
            expected=", ".join(sorted(known)),
            found=slug,
            remedy=("选择已有的格式，或把银行的格式写入 cities/<城市>/banks/", "choose one, or add the bank's to cities/<city>/banks/"),
        )
    return known[slug]


def read_layout(path: Path) -> Layout:
    """A layout out of its file; raises LinliError with the place of what is wrong."""
    try:
        document: Any = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _wrong(path, "", "YAML in UTF-8", str(error).replace("\n", " ")) from None
    fault = next(_schema().iter_errors(document), None)
    if fault is not None:
        where = ".".join(str(part) for part in fault.absolute_path)
        raise _wrong(path, where, str(fault.validator_value)[:120], fault.message[:200])
    layout = Layout(
        slug=document["layout"],
        version=document["version"],
        label=Label(document["zh"], document["en"]),
        channels=tuple(document["channels"]),
        pay=_form(document["pay"]),
        outcome=_form(document["outcome"]),
        codes=_codes(document["codes"]),
        digest=digest(canonical(document), "sha256"),
        check=_account_check(document.get("check")),
    )
    _check(path, layout)
    return layout


@lru_cache(maxsize=1)
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _codes(entries: dict[str, dict[str, str]]) -> dict[str, Code]:
    return {
        code: Code(
            entry["means"],
            entry.get("reason", "other" if entry["means"] in ("failed", "returned", "bad") else ""),
            Label(entry["zh"], entry["en"]),
        )
        for code, entry in entries.items()
    }


def _account_check(entry: dict[str, Any] | None) -> AccountCheck | None:
    return AccountCheck(_form(entry["ask"]), _form(entry["answer"]), _codes(entry["codes"])) if entry else None


def _form(entry: dict[str, Any]) -> Form:
    parts = {name: tuple(Field(**field) for field in entry.get(name, ())) for name in ("header", "row", "trailer")}
    return Form(
        form=entry["form"],
        encoding=entry["encoding"],
        delimiter=entry.get("delimiter", ""),
        newline=NEWLINES[entry.get("newline", "crlf")],
        file=entry.get("file", ""),
        titles=tuple(entry.get("titles", ())),
        most_rows=entry.get("most_rows", 0),
        **parts,
    )


def _check(path: Path, layout: Layout) -> None:
    _check_form(path, "pay", layout.pay, XML_OUT, _ASKED_OUT)
    _check_form(path, "outcome", layout.outcome, XML_IN, _ASKED_IN)
    if not any(code.means == "paid" for code in layout.codes.values()):
        raise _wrong(path, "codes", "a code that means paid", "none")
    _check_room(path, "pay", layout.pay)
    _check_names(path, "pay", layout.pay, "outcome", layout.outcome)
    if layout.check is not None:
        _check_form(path, "check.ask", layout.check.ask, "", _ASKED_OUT - {"amount"})
        _check_form(path, "check.answer", layout.check.answer, "", _ASKED_IN - {"amount"})
        _check_room(path, "check.ask", layout.check.ask)
        _check_names(path, "check.ask", layout.check.ask, "check.answer", layout.check.answer)
        if not any(code.means == "good" for code in layout.check.codes.values()):
            raise _wrong(path, "check.codes", "a code that means good", "none")


def _check_room(path: Path, name: str, form: Form) -> None:
    for field in form.row:
        if field.of == "reference" and 0 < field.room < SHORT:
            expected = f"room for {WIDTH} characters, or {SHORT} for the short form; or else sequence and the number of our file"
            raise _wrong(path, f"{name}.row.reference", expected, str(field.room))


def _check_names(path: Path, asks: str, ask: Form, answers: str, answer: Form) -> None:
    """Each payment is named in the answer by our reference, or by our file's number and its place in it; the bank has to be told which."""
    if answer.form not in TEXT_FORMS or ask.form not in TEXT_FORMS:
        return
    rows, asked = {field.of for field in answer.row}, {field.of for field in ask.row}
    if "reference" not in rows and not ("sequence" in rows and "number" in answer.sources):
        found = ", ".join(sorted(answer.sources & {"sequence", "number"})) or "none"
        raise _wrong(path, f"{answers}.row", "reference, or sequence with the number of our file in a header or each row", found)
    wanted = "reference" if "reference" in rows else "sequence"
    least = SHORT if ask.short_references else WIDTH
    if any(field.of == "reference" and 0 < field.room < least for field in answer.row):
        raise _wrong(path, f"{answers}.row.reference", f"room for the {least} characters that the bank is given", "less")
    if wanted not in asked:
        raise _wrong(path, f"{asks}.row", f"{wanted}, by which the bank answers", ", ".join(sorted(asked)))


def _check_form(path: Path, name: str, form: Form, xml: str, asked: frozenset[str]) -> None:
    if form.form not in (*TEXT_FORMS, xml):
        raise _wrong(path, f"{name}.form", ", ".join((*TEXT_FORMS, xml)), form.form)
    if form.form == xml:
        if form.row or form.header or form.trailer or form.encoding != "utf-8":
            raise _wrong(path, name, "a message in UTF-8, whose elements the standard gives", "columns or another encoding")
        return
    present = {field.of for field in form.row}
    if not asked <= present:
        raise _wrong(path, f"{name}.row", ", ".join(sorted(asked)), ", ".join(sorted(present)) or "none")
    for part, fields in (("header", form.header), ("row", form.row), ("trailer", form.trailer)):
        _check_part(path, f"{name}.{part}", form, part, fields)
    if form.titles and (form.form != "delimited" or len(form.titles) != len(form.row)):
        raise _wrong(path, f"{name}.titles", f"{len(form.row)} titles, between separators", f"{len(form.titles)} ({form.form})")
    if any(form.delimiter in title or '"' in title or not title.isprintable() for title in form.titles):
        raise _wrong(path, f"{name}.titles", "no separator and no quotes", form.title_line[:80])
    _check_told_apart(path, name, form)


def _check_part(path: Path, where: str, form: Form, part: str, fields: tuple[Field, ...]) -> None:
    for number, field in enumerate(fields):
        place = f"{where}.{number} {field.of}"
        if form.form == "fixed" and not field.width:
            raise _wrong(path, place, "a width", "none")
        if form.form == "delimited" and (field.width or not form.delimiter):
            raise _wrong(path, place, "a delimiter and no widths", str(field.width or "no delimiter"))
        if part != "row" and field.of in _IN_ROWS:
            raise _wrong(path, place, "a column of the whole file", field.of)
        if field.pad == "0" and field.align != "right":
            raise _wrong(path, place, "align: right with a pad of 0", field.align)
        if field.of == "constant" and not re.fullmatch(r"[ -~]+", field.text):
            raise _wrong(path, place, "a text", repr(field.text))


def _check_told_apart(path: Path, name: str, form: Form) -> None:
    """Header, rows and trailer are told apart by a constant at their beginning, so that no line is taken for another; or by their place,
    where none has one."""
    parts = [fields for fields in (form.header, form.row, form.trailer) if fields]
    if len(parts) == 1 or form.by_place:
        return
    marks = [fields[0].text for fields in parts if fields[0].of == "constant"]
    if len(set(marks)) < len(parts) or len({len(mark) for mark in marks}) > 1:
        raise _wrong(path, name, "a constant of its own, of one length, at the beginning of each kind of line", ", ".join(marks) or "none")


def _wrong(path: Path, where: str, expected: str, found: str) -> LinliError:
    return refused(
        "bad_layout",
        Place(file=path.name, field=where or None),
        ("银行文件格式不正确", "A bank's layout is wrong."),
        expected=expected,
        found=found,
        remedy=("对照 linli/settlement/schema/layout.schema.json 修改", "mend it by linli/settlement/schema/layout.schema.json"),
    )
