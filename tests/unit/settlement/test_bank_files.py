"""Orders to a bank and its answers: every layout is read back by a bank of its own, hostile values are refused, bad rows are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, Asked, answer, asked
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_examples import faults

from linli.kernel.errors import LinliError
from linli.settlement.banking.columns import tail_of
from linli.settlement.banking.layouts import checks_accounts, layouts, read_layout
from linli.settlement.banking.orders import check_line, order_file
from linli.settlement.banking.outcomes import read_outcomes
from linli.settlement.banking.references import PAYMENT, QUESTION, shortened, whole
from linli.settlement.banking.rows import BadRow, Head, Line, OutcomeRow, Told

CITY = Path("cities/yuncheng")
SLUGS = ("transfer", "yikatong", "iso20022")
NAMES = ("张三", "𠮷野家", "阿卜杜拉·买买提", "运城市某某康复中心（有限公司）", "O'Neil")


def _head(lines: list[Line]) -> Head:
    made = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    total = sum(line.amount_fen for line in lines)
    return Head("202611220001", made, date(2026, 11, 23), len(lines), total, "YC0001", "运城市财政局", "1400990000001", "102181000012")


def _lines(names: tuple[str, ...] = NAMES) -> list[Line]:
    return [
        Line(n, f"LL2611220000000000{n:02}", f"62170000000000{n:04}", name, 60000 + n, "", "补助资金") for n, name in enumerate(names, 1)
    ]


def _written(slug: str, lines: list[Line], head: Head | None = None) -> bytes:
    return b"".join(order_file(layouts(CITY)[slug], head or _head(lines), lines))


def _read(slug: str, data: bytes, folder: Path) -> tuple[list[OutcomeRow | BadRow], Told]:
    path, told = folder / "answer", Told()
    path.write_bytes(data)
    return list(read_outcomes(layouts(CITY)[slug], path, told)), told


@pytest.mark.parametrize("slug", SLUGS)
def test_a_bank_reads_the_order_and_its_answer_is_read_back(slug: str, tmp_path: Path) -> None:
    lines = _lines()
    found = asked(slug, _written(slug, lines))
    assert found == [Asked(line.reference, line.account, line.name, line.amount_fen) for line in lines]
    codes = [PAID[slug], CLOSED[slug], *[PAID[slug]] * 3]
    rows, told = _read(slug, answer(slug, list(zip(found, codes, strict=True))), tmp_path)
    assert told.warnings == []
    assert [(row.reference, row.amount_fen, row.tail, row.code, row.day) for row in rows if isinstance(row, OutcomeRow)] == [
        (line.reference, line.amount_fen, tail_of(line.account), code, date(2026, 11, 23)) for line, code in zip(lines, codes, strict=True)
    ]
    meaning = layouts(CITY)[slug].code(CLOSED[slug])
    assert meaning is not None
    assert (meaning.means, meaning.reason) == ("failed", "closed")


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("name", ["张\n三", "张\r三", "张\x00三", "张\u2028三", "张\u202e三", "", "张" * 200, "张\ud842", "\u200b张三"])
def test_no_layout_writes_a_name_that_breaks_its_lines(slug: str, name: str) -> None:
    with pytest.raises(LinliError, match="name"):
        _written(slug, _lines((name,)))


@pytest.mark.parametrize("name", ["张|三", "=1+1", "+8613", "-三", "@SUM(A1)", "＝张", '张"三'])
def test_delimited_text_takes_neither_separators_nor_formulas(name: str) -> None:
    with pytest.raises(LinliError, match="name"):
        _written("transfer", _lines((name,)))


def test_a_message_escapes_what_would_be_markup() -> None:
    name = "</Nm><Cdtr>&张 A&B"
    assert asked("iso20022", _written("iso20022", _lines((name,))))[0].name == name


def test_a_fixed_row_is_never_cut() -> None:
    widest = "张" * 30
    assert asked("yikatong", _written("yikatong", _lines((widest,))))[0].name == widest
    for name in (widest + "A", " 张三", "张三 "):
        with pytest.raises(LinliError, match="name"):
            _written("yikatong", _lines((name,)))


PEOPLE = st.lists(st.tuples(st.text(min_size=1, max_size=8), st.integers(1, 10**12)), min_size=1, max_size=3)


@settings(max_examples=15)
@given(PEOPLE, st.sampled_from(SLUGS))
def test_whatever_is_written_is_what_was_meant(people: list[tuple[str, int]], slug: str) -> None:
    _means_itself(people, slug)


@pytest.mark.long
@settings(max_examples=2000, deadline=None)
@given(PEOPLE, st.sampled_from(SLUGS))
def test_whatever_is_written_is_what_was_meant_at_length(people: list[tuple[str, int]], slug: str) -> None:
    _means_itself(people, slug)


def _means_itself(people: list[tuple[str, int]], slug: str) -> None:
    """A line is refused or the bank reads exactly it: no name moves a separator, is cut or becomes another one's line."""
    lines = [Line(n, f"LL{n:018}", f"6217{n:012}", name, fen) for n, (name, fen) in enumerate(people, 1)]
    try:
        data = _written(slug, lines)
    except LinliError:
        return
    assert asked(slug, data) == [Asked(line.reference, line.account, line.name, line.amount_fen) for line in lines]


@pytest.mark.parametrize("slug", SLUGS)
def test_lines_must_be_what_the_head_says(slug: str) -> None:
    lines = _lines()
    with pytest.raises(LinliError, match="Count or sum"):
        _written(slug, lines[:-1], _head(lines))


def test_a_line_can_be_tried_before_the_order_is_made() -> None:
    (line,) = _lines(("张|三",))
    with pytest.raises(LinliError):
        check_line(layouts(CITY)["transfer"], _head([line]), line)
    check_line(layouts(CITY)["yikatong"], _head([line]), line)


@pytest.mark.parametrize("slug", ["transfer", "yikatong"])
def test_unreadable_rows_are_told_and_the_rest_is_read(slug: str, tmp_path: Path) -> None:
    found = asked(slug, _written(slug, _lines()))
    lines = answer(slug, [(one, PAID[slug]) for one in found]).split(b"\r\n")
    lines[2] = lines[2].replace(b"|", b"||", 1) if slug == "transfer" else lines[2] + b"x"
    lines[3] = lines[3].replace(b"6000" if slug == "yikatong" else b"600.", b"6x00")
    lines[4] = b"\xff\xff" + lines[4][2:]
    lines[5] = b"D" * 9000
    rows, told = _read(slug, b"\r\n".join(lines), tmp_path)
    assert [type(row).__name__ for row in rows] == ["OutcomeRow", "BadRow", "BadRow", "BadRow", "BadRow"]
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]
    assert "total" in told.warnings


def test_a_file_that_was_cut_short_says_so(tmp_path: Path) -> None:
    data = answer("transfer", [(one, "00") for one in asked("transfer", _written("transfer", _lines()))])
    rows, told = _read("transfer", data[: len(data) // 2], tmp_path)
    assert rows
    assert {"cut_short", "count"} <= set(told.warnings)


def test_a_report_with_a_document_type_is_not_read(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><Document>&d;</Document>'
    with pytest.raises(LinliError, match="document type"):
        _read("iso20022", bomb, tmp_path)
    with pytest.raises(LinliError, match="not a bank's"):
        _read("iso20022", b"PK\x03\x04", tmp_path)


@pytest.mark.parametrize("name", ["GB18030", "GBK", "shift_jis", "UTF-7", "no-such"])
def test_a_report_in_an_encoding_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    report = f'<?xml version="1.0" encoding="{name}"?><Document><CstmrPmtStsRpt/></Document>'
    with pytest.raises(LinliError, match="not a bank's"):
        _read("iso20022", report.encode(), tmp_path)


@pytest.mark.parametrize(("old", "new"), [
    ("means: paid", "means: arrived"), ("{of: amount, unit: yuan}", "{of: amount, unit: jiao}"), ("    - {of: name, most: 120}\n", ""),
    ('{of: constant, text: "T"}', '{of: constant, text: "D"}'), ("delimiter: \"|\"", ""), ("most: 20", "most: 8"),
    ("layout: transfer", "layout: [x"),
    ('delimiter: "|"\n  header', 'delimiter: "|"\n  titles: [户名, 账号]\n  header'), ('delimiter: "|"', 'delimiter: "测"'),
    ("    - {of: reference}\n    - {of: account}\n    - {of: amount", "    - {of: account}\n    - {of: amount"),
    ("    - {of: constant, text: \"D\"}\n    - {of: sequence}\n    - {of: reference, most: 20}", "    - {of: constant, text: \"D\"}"),
    ('"00": {means: paid', '"00": {means: pending'),
])  # fmt: skip
def test_a_layout_that_could_be_misread_is_refused(old: str, new: str, tmp_path: Path) -> None:
    text = Path("linli/settlement/layouts/transfer.yaml").read_text("utf-8")
    assert old in text
    path = tmp_path / "bank.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(LinliError, match=r"bank\.yaml"):
        read_layout(path)


NARROW = """\
layout: narrow
version: "1"
zh: 流水号只有十位
en: ten signs for a reference
channels: [transfer]
pay: {form: fixed, file: "{number}.txt", encoding: gb18030,
  row: [{of: reference, width: 12}, {of: account, width: 20}, {of: name, width: 60}, {of: amount, width: 15, pad: "0", align: right}]}
outcome: {form: fixed, encoding: gb18030,
  row: [{of: reference, width: 12}, {of: account, width: 20}, {of: amount, width: 15, pad: "0", align: right}, {of: code, width: 2}]}
codes: {"00": {means: paid, zh: 成功, en: paid}, "01": {means: failed, zh: 失败, en: failed}}
"""


def test_a_narrow_column_bears_the_short_reference_and_its_answer_is_told_the_whole_one(tmp_path: Path) -> None:
    path, lines = tmp_path / "narrow.yaml", [replace(line, reference=f"LL20261122000100{line.sequence:04}") for line in _lines()]
    path.write_text(NARROW, "utf-8")
    layout = read_layout(path)
    sent = b"".join(order_file(layout, _head(lines), lines)).decode("gb18030").splitlines()
    names = [line[:12].strip() for line in sent]
    assert (len(set(names)), {len(one) for one in names}) == (len(lines), {10})
    rows = [f"{name.lower():<12}{line.account:<20}{line.amount_fen:015}00\r\n" for name, line in zip(names, lines, strict=True)]
    (tmp_path / "answer").write_text("".join(rows), "gb18030")
    found = list(read_outcomes(layout, tmp_path / "answer", Told()))
    assert [one.reference for one in found if isinstance(one, OutcomeRow)] == [line.reference for line in lines]


@pytest.mark.parametrize("part", ["pay", "outcome"])
def test_a_column_too_narrow_for_the_short_reference_is_refused(part: str, tmp_path: Path) -> None:
    before, mark, after = NARROW.partition(f"\n{part}: ")
    (tmp_path / "narrow.yaml").write_text(before + mark + after.replace("width: 12", "width: 9", 1), "utf-8")
    with pytest.raises(LinliError, match=rf"narrow\.yaml \({part}\.row\.reference"):
        read_layout(tmp_path / "narrow.yaml")


@given(
    kind=st.sampled_from([PAYMENT, QUESTION]),
    day=st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    count=st.integers(1, 9999),
    place=st.integers(1, 999_999),
)
def test_every_reference_has_one_short_form_of_which_it_is_told_again(kind: str, day: date, count: int, place: int) -> None:
    reference = f"{kind}{day:%Y%m%d}{count:04}{place:06}"
    short = shortened(reference)
    assert (len(short), whole(kind, short), whole(kind, reference)) == (10, reference, reference)


def test_a_city_may_bring_its_own_bank(tmp_path: Path) -> None:
    text = Path("linli/settlement/layouts/transfer.yaml").read_text("utf-8")
    (tmp_path / "banks").mkdir()
    (tmp_path / "banks" / "ours.yaml").write_text(
        text.replace("layout: transfer", "layout: ours").replace('delimiter: "|"', 'delimiter: ";"')
    )
    ours = layouts(tmp_path)
    assert set(ours) == {*SLUGS, "transfer-checked", "ours"}
    assert ours["ours"].digest != ours["transfer"].digest
    assert b";" in b"".join(order_file(ours["ours"], _head(_lines()), _lines()))


PLAIN = """\
layout: plain
version: "1"
zh: 无标记
en: no marks
channels: [transfer]
pay: {form: delimited, file: "{number}.txt", encoding: gb18030, delimiter: "|@|",
  titles: [序号, 账号, 户名, 金额], row: [{of: sequence}, {of: account}, {of: name}, {of: amount}]}
outcome: {form: delimited, encoding: gb18030, delimiter: "|@|", titles: [序号, 账号, 金额, 结果],
  header: [{of: number}, {of: count}], row: [{of: sequence}, {of: account}, {of: amount}, {of: code}], trailer: [{of: total}, {of: count}]}
codes: {成功: {means: paid, zh: 成功, en: paid}, 失败: {means: failed, zh: 失败, en: failed}}
"""


def _plain(folder: Path, text: str) -> tuple[list[OutcomeRow | BadRow], Told]:
    path, told = folder / "plain.yaml", Told()
    path.write_text(PLAIN, "utf-8")
    (folder / "answer").write_text(text, "gb18030")
    return list(read_outcomes(read_layout(path), folder / "answer", told)), told


def test_lines_without_marks_are_told_apart_by_their_place_and_payments_by_number_and_place(tmp_path: Path) -> None:
    rows = "序号|@|账号|@|金额|@|结果\n1|@|621700|@|100|@|成功\n000002|@|621701|@|200|@|失败\n"
    found, told = _plain(tmp_path, f"\n202611220001|@|2\n{rows}300|@|2\n\n")
    assert [(one.reference, one.amount_fen, one.code) for one in found if isinstance(one, OutcomeRow)] == [
        ("LL202611220001000001", 100, "成功"),
        ("LL202611220001000002", 200, "失败"),
    ]
    assert (len(found), told.number, told.count, told.total_fen, told.warnings) == (2, "202611220001", 2, 300, [])


@pytest.mark.parametrize(("text", "rows", "warnings"), [
    ("1|@|621700|@|100|@|成功\n300|@|2\n", 0, ["head", "count", "total"]),  # no header: nothing is taken for a payment that isn't named
    ("202611220001|@|2\n1|@|621700|@|100|@|成功\n", 0, ["head", "count"]),  # cut short
    ("202611220001|@|1\n序号|@|别的|@|金额|@|结果\n1|@|621700|@|100|@|成功\n100|@|1\n", 2, ["count"]),  # other titles are said
    ("202611220001|@|1\n1000000|@|621700|@|100|@|成功\n100|@|1\n", 1, ["total"]),
])  # fmt: skip
def test_what_lacks_or_differs_without_marks_pays_nobody_else(text: str, rows: int, warnings: list[str], tmp_path: Path) -> None:
    found, told = _plain(tmp_path, text)
    assert (len(found), set(told.warnings)) == (rows, set(warnings))


@pytest.mark.parametrize("name", ["张|@|三", "张|@", "张|", '张"三'])
def test_a_separator_of_several_signs_is_never_written_inside_a_value(name: str, tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(PLAIN, "utf-8")
    layout, lines = read_layout(tmp_path / "plain.yaml"), [Line(1, "LL202611220001000001", "6217000001", name, 100)]
    try:
        written = b"".join(order_file(layout, _head(lines), lines)).decode("gb18030")
    except LinliError:
        return
    assert written.splitlines()[1].split("|@|") == ["1", "6217000001", name, "100"]


def test_an_iso_order_is_what_the_schema_says() -> None:
    order = _written("iso20022", _lines())
    assert faults(order) == []
    for old, new in [
        (b"<MsgId>202611220001</MsgId>", b""),
        (b"<PmtMtd>TRF", b"<PmtMtd>GIRO"),
        (b' Ccy="CNY"', b""),
        (b"<EndToEndId>LL", b"<EndToEndId>" + b"L" * 40),
        (b"<NbOfTxs>5", b"<NbOfTxs>five"),
        (b"</Cdtr><CdtrAcct>", b"</Cdtr><Cdtr/><CdtrAcct>"),
    ]:
        assert old in order
        assert faults(order.replace(old, new, 1)), old  # the reader of the schema does find fault
    bare = [Line(1, "LL20261122000100000001"[:20], "6217", "张三", 1)]
    assert faults(_written("iso20022", bare)) == []


def test_a_citys_bank_that_checks_accounts_is_asked_whatever_the_layout(tmp_path: Path) -> None:
    shipped = layouts(CITY)
    assert [slug for slug in shipped if checks_accounts(CITY, shipped[slug])] == ["transfer-checked"]
    text = Path("linli/settlement/layouts/transfer-checked.yaml").read_text("utf-8")
    (tmp_path / "banks").mkdir()
    (tmp_path / "banks" / "ours.yaml").write_text(text.replace("layout: transfer-checked", "layout: ours"))
    ours = layouts(tmp_path)
    asked = {slug for slug in ours if checks_accounts(tmp_path, ours[slug])}
    assert asked == {slug for slug, one in ours.items() if "transfer" in one.channels}
    (tmp_path / "banks" / "wrong.yaml").write_text(text.replace("means: good", "means: pending"))
    with pytest.raises(LinliError, match="means good"):
        read_layout(tmp_path / "banks" / "wrong.yaml")


def test_a_message_without_a_project_code_leaves_it_out() -> None:
    lines = _lines()
    written = _written("iso20022", lines, replace(_head(lines), project_code=""))
    assert b"CtgyPurp" not in written
    assert len(asked("iso20022", written)) == len(lines)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_day_outside_the_calendar_spoils_its_row_only(when: str, tmp_path: Path) -> None:
    found = asked("iso20022", _written("iso20022", _lines()))
    told = answer("iso20022", [(one, PAID["iso20022"]) for one in found])
    first = told.index(b"<AccptncDtTm>") + len(b"<AccptncDtTm>")
    rows, _ = _read("iso20022", told[:first] + when.encode() + told[told.index(b"<", first) :], tmp_path)
    assert [type(row) for row in rows] == [BadRow, *[OutcomeRow] * (len(found) - 1)]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (b'Ccy="CNY"', b'Ccy="USD"', "currency USD"),
        (b' Ccy="CNY"', b"", "currency"),
        (b"</TxSts>", b"</TxSts><TxSts>RJCT</TxSts>", "status"),
        (b"<OrgnlEndToEndId>", b"<OrgnlEndToEndId>X</OrgnlEndToEndId><OrgnlEndToEndId>", "reference"),
    ],
)
def test_another_currency_or_two_answers_in_one_spoil_their_row_only(old: bytes, new: bytes, where: str, tmp_path: Path) -> None:
    found = asked("iso20022", _written("iso20022", _lines()))
    told = answer("iso20022", [(one, PAID["iso20022"]) for one in found])
    (first, *rest), _ = _read("iso20022", told.replace(old, new, 1), tmp_path)
    assert isinstance(first, BadRow)
    assert (first.column, {type(row) for row in rest}) == (where, {OutcomeRow})


def test_a_message_of_endless_depth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LinliError, check=lambda error: error.code == "settlement.too_deep"):
        _read("iso20022", b"<a>" * 1_000_000, tmp_path)


def test_a_tag_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(LinliError, check=lambda error: error.code == "settlement.no_report"):
        _read("iso20022", b'<Document a="' + b"x" * 2_000_000 + b'"></Document>', tmp_path)
    told = answer("iso20022", [(one, PAID["iso20022"]) for one in asked("iso20022", _written("iso20022", _lines()))])
    assert len(_read("iso20022", told.replace(b"</", b" " * 400_000 + b"</", 1), tmp_path)[0]) == len(_lines())
