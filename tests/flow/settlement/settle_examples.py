"""A fund, people who are owed something out of it, a maker, a checker, and a bank that answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from bank_examples import PAID, Asked, answer, asked
from place_examples import load_small_city, person

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer, system
from linli.ledger.acts import Promise, allocate, commit, open_fund
from linli.ledger.queries import Part, standing
from linli.registers.models import Resident
from linli.settlement import acts
from linli.settlement.acts.taking import Source
from linli.settlement.checking import Given
from linli.settlement.models import Order, Outcome, OutcomeRow, Payer, Payment

MAKER = Viewer("staff:00000000-0000-7000-8000-000000000011", (Grant("officer"),))
CHECKER = Viewer("staff:00000000-0000-7000-8000-000000000012", (Grant("officer"),))
THIRD = Viewer("staff:00000000-0000-7000-8000-000000000014", (Grant("officer"),))
ELSEWHERE = Viewer("staff:00000000-0000-7000-8000-000000000013", (Grant("officer", "140882"),))
FINANCE = system("finance")
PROGRAMME, FUND = "disabled-student-aid", "disabled-student-aid.provincial"
FEN = 600_000
DAY = clock.today()
NAMES = ("测试甲", "测试乙", "𠮷田", "阿卜杜拉·买买提")


def given(name: str, number: int) -> Given:
    return Given(name, f"6217000000{number:06}", "102181000012")


@dataclass
class Treasury:
    """A batch of four whose money is committed. accounts: what the awards say; payables: ready to be taken over."""

    people: list[Resident]
    payer: Payer
    batch: UUID = field(default_factory=uuid7)
    payables: list[acts.Payable] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return Source(self.batch, PROGRAMME, "2026")

    def owe(self, who: Resident, account: Given | None, *, fen: int = FEN, **other: Any) -> acts.Payable:
        """An approved item for somebody, its money there and committed."""
        cipher = vault.protect(who.uid, {"account": account.text()})["account"] if account else ""
        item = uuid7()
        allocate(FINANCE, fund=FUND, source="province", fen=fen, key=f"for:{item}")
        hold = commit(FINANCE, fund=FUND, fen=fen, key=f"item:{item}").uid
        values: dict[str, Any] = {
            "award": uuid7(),
            "case": uuid7(),
            "payee": "self",
            "payee_uid": None,
            "area_code": "140802002001",
        } | other
        one = acts.Payable(item=item, person=who.uid, shares=(Part(FUND, fen, hold),), account=cipher, **values)
        self.payables.append(one)
        return one

    def take_over(self) -> int:
        return acts.take_over(FINANCE, source=self.source, payables=self.payables)

    def order(self, layout: str = "transfer", *, maker: Viewer = MAKER) -> Order:
        """Made and filled."""
        order = acts.make_order(maker, batch=self.batch, layout=layout, day=DAY, payer=self.payer.uid, project_code="YC0001")
        return acts.fill_order(order=order.uid)

    def sent(self, folder: Path, layout: str = "transfer") -> tuple[Order, list[Asked]]:
        """Made, released by another, handed over, read by the bank."""
        order = self.order(layout)
        acts.release_order(CHECKER, order=order.uid)
        path = folder / order.number
        order = acts.hand_over(CHECKER, order=order.uid, path=path)
        return order, asked(layout, path.read_bytes())

    def payments(self) -> list[Payment]:
        return list(Payment.objects.filter(batch=self.batch).order_by("id"))


def build(names: tuple[str, ...] = NAMES) -> Treasury:
    load_small_city()
    open_fund(FINANCE, slug=FUND, purpose=("助学", "aid"), programme=PROGRAMME, promises=[Promise("province", ("省级", "province"), 10**9)])
    payer = acts.enter_payer(MAKER, name="运城市财政局", number="1400990000001", bank="102181000012")
    made = Treasury([person(name) for name in names], payer)
    for number, who in enumerate(made.people):
        made.owe(who, given(who.name, number))
    return made


def tell(folder: Path, layout: str, rows: list[tuple[Asked, str]], *, name: str = "answer") -> Outcome:
    """The bank's answer, received and dealt with."""
    return tell_bytes(folder, layout, answer(layout, rows), name=name)


def tell_bytes(folder: Path, layout: str, data: bytes, *, name: str = "answer") -> Outcome:
    path = folder / name
    path.write_bytes(data)
    outcome = acts.receive(THIRD, layout=layout, path=path, name=name)
    while acts.apply_some(outcome=outcome.uid):
        pass
    return Outcome.objects.get(pk=outcome.pk)


def all_paid(layout: str, found: list[Asked]) -> list[tuple[Asked, str]]:
    return [(one, PAID[layout]) for one in found]


def verdicts(outcome: Outcome) -> list[str]:
    return list(OutcomeRow.objects.filter(outcome=outcome).order_by("line").values_list("verdict", flat=True))


def money() -> tuple[int, int, int]:
    """Of the fund: what is left, what is held; and what payees got."""
    fund = standing(f"fund:{FUND}")
    try:
        got = standing(f"payees:{PROGRAMME}").posted
    except LinliError:
        got = 0
    return fund.posted, fund.held, got


def refused(code: str) -> Any:
    """What is tried inside is refused for this reason."""
    return pytest.raises(LinliError, check=lambda error: error.code == code)
