"""A city's own bank, whose file is of no shape that is shipped: titles in Chinese, separators of three signs, no marks, the payee's
identity number, an answer that names no reference, and accounts that are checked first."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from place_examples import identity, person
from settle_examples import CHECKER, DAY, MAKER, THIRD, Treasury, given, refused

from linli.settlement import acts
from linli.settlement.models import AccountAnswerRow, OutcomeRow, Payment
from linli.trace.deep import verify_rows
from linli.vault.models import Access

pytestmark = pytest.mark.django_db
SLUG = "county-bank"
numbers: dict[str, str] = {}
"""Identity numbers by name, as the fixture made them."""
LAYOUT = """\
layout: county-bank
version: "1"
zh: 县农商行批量代发
en: the county's rural bank
channels: [transfer]
pay:
  form: delimited
  file: "DF{number}.txt"
  encoding: gb18030
  newline: lf
  delimiter: "|@|"
  header: [{of: number}, {of: count}, {of: total, unit: yuan}]
  titles: [序号, 账号, 户名, 证件号码, 金额]
  row: [{of: sequence}, {of: account, most: 32}, {of: name, most: 60}, {of: identity, most: 18}, {of: amount, unit: yuan}]
outcome:
  form: delimited
  encoding: gb18030
  delimiter: "|@|"
  header: [{of: number}, {of: count}, {of: total, unit: yuan}]
  titles: [序号, 账号, 金额, 结果]
  row: [{of: sequence}, {of: account}, {of: amount, unit: yuan}, {of: code}]
codes:
  成功: {means: paid, zh: 成功, en: paid}
  户名不符: {means: failed, reason: name_differs, zh: 户名不符, en: another name}
check:
  ask:
    form: delimited
    file: "YZ{number}.txt"
    encoding: gb18030
    delimiter: "|@|"
    header: [{of: number}, {of: count}]
    row: [{of: sequence}, {of: account}, {of: name}, {of: identity}]
  answer:
    form: delimited
    encoding: gb18030
    delimiter: "|@|"
    row: [{of: number}, {of: sequence}, {of: account}, {of: code}]
  codes:
    一致: {means: good, zh: 一致, en: good}
    不一致: {means: bad, reason: name_differs, zh: 不一致, en: another name}
"""


@pytest.fixture
def bank(treasury: Treasury, tmp_path: Path, settings: Any) -> Treasury:
    """The city with this bank in its `banks` folder; two people with their identity numbers."""
    city = tmp_path / "city"
    city.mkdir()
    for one in Path(settings.LINLI_CITY).resolve().iterdir():
        (city / one.name).symlink_to(one)
    (city / "banks").mkdir()
    (city / "banks" / "county.yaml").write_text(LAYOUT, "utf-8")
    settings.LINLI_CITY = city
    treasury.people, treasury.payables = [], []
    numbers.clear()
    for number, name in enumerate(("测试丙", "测试丁")):
        born = date(1980, 1, 1 + number)
        numbers[name] = identity(born)
        who = person(name, identity=numbers[name], birth_date=born)
        treasury.people.append(who)
        treasury.owe(who, given(name, 50 + number))
    treasury.take_over()
    return treasury


def test_a_citys_own_bank_checks_the_accounts_pays_and_is_read_back(bank: Treasury, tmp_path: Path) -> None:
    with refused("settlement.unconfirmed"):
        bank.order(SLUG)
    with refused("settlement.unconfirmed"):
        bank.order("transfer")  # nobody gets round the check by another layout
    inquiry = acts.fill_inquiry(inquiry=acts.make_inquiry(MAKER, batch=bank.batch, layout=SLUG).uid)
    path = tmp_path / "ask"
    acts.hand_over_inquiry(MAKER, inquiry=inquiry.uid, path=path)
    head, *asked = [line.split("|@|") for line in path.read_text("gb18030").strip().splitlines()]
    assert head == [inquiry.number, "2"]
    assert [row[3] for row in asked] == list(numbers.values())
    assert Access.objects.filter(purpose="settlement.pay", actor=MAKER.actor, fields=["identity"]).count() == len(bank.people)
    path.write_text("\n".join(f"{inquiry.number}|@|{row[0]}|@|{row[1]}|@|一致" for row in asked), "gb18030")
    checked = acts.receive_accounts(MAKER, layout=SLUG, path=path, name="answer")
    while acts.apply_account_answers(answer=checked.uid):
        pass
    assert set(AccountAnswerRow.objects.values_list("verdict", flat=True)) == {"good"}

    order = bank.order(SLUG)
    acts.release_order(CHECKER, order=order.uid)
    path = tmp_path / "pay"
    acts.hand_over(CHECKER, order=order.uid, path=path)
    head, titles, *rows = [line.split("|@|") for line in path.read_text("gb18030").strip().splitlines()]
    assert (head, titles) == ([order.number, "2", "12000.00"], ["序号", "账号", "户名", "证件号码", "金额"])
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (str(at), who.name, number) for at, (who, number) in enumerate(zip(bank.people, numbers.values(), strict=True), 1)
    ]
    codes = ("成功", "户名不符")
    lines = ["|@|".join(head), "序号|@|账号|@|金额|@|结果"]
    lines += [f"{row[0]}|@|{row[1]}|@|{row[4]}|@|{code}" for row, code in zip(rows, codes, strict=True)]
    path.write_text("\n".join([*lines, f"9|@|{rows[0][1]}|@|6000.00|@|成功", "x|@||@|1|@|成功"]), "gb18030")
    outcome = acts.receive(THIRD, layout=SLUG, path=path, name="outcome")
    while acts.apply_some(outcome=outcome.uid):
        pass
    told = list(OutcomeRow.objects.filter(outcome=outcome).order_by("line").values_list("verdict", flat=True))
    assert told == ["paid", "failed", "unknown", "unreadable"]
    assert [one.state for one in Payment.objects.filter(batch=bank.batch).order_by("id")] == ["paid", "failed"]
    assert list(verify_rows()) == []


def test_who_has_no_identity_number_on_record_waits(bank: Treasury, tmp_path: Path) -> None:
    nobody = person("测试戊")
    bank.payables = []
    bank.owe(nobody, given("测试戊", 60))
    bank.take_over()
    inquiry = acts.fill_inquiry(inquiry=acts.make_inquiry(MAKER, batch=bank.batch, layout=SLUG).uid)
    assert inquiry.count == len(bank.people)
    waits = Payment.objects.get(batch=bank.batch, person=nobody.uid)
    assert (waits.state, waits.reason) == ("waiting", "unwritable")


def test_a_projects_code_is_as_long_as_the_layout_has_room_and_no_longer(bank: Treasury) -> None:
    with refused("settlement.not_writable"):
        acts.make_order(MAKER, batch=bank.batch, layout="yikatong", day=DAY, payer=bank.payer.uid, project_code="一" * 20)
