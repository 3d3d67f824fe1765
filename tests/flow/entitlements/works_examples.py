"""An elder whose home is unsafe, a contractor, the officers who assess, decide and accept, and a case brought to where a test begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from award_examples import own
from case_examples import later, on, staff
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli import vault
from linli.casework import acts as casework
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Document
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.works import acts as works
from linli.entitlements.works.acts import Contractor
from linli.entitlements.works.lines import Line
from linli.entitlements.works.standing import current_list
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Resident
from linli.settlement.checking import Given

ADAPTATION = "home-adaptation"
ASSESSOR, DECIDER, OFFICER = (staff(number, Grant("officer", "140802")) for number in (21, 22, 23))
CODE = "911408000000000004"
LINES = [
    Line("floor", "卫生间防滑地砖", 6, "平方米", 12_000),
    Line("toilet", "坐便器安全扶手", 2, "套", 26_000),
    Line("aids", "助行架", 1, "件", 18_000),
]
PLANNED = 6 * 12_000 + 2 * 26_000 + 18_000


def elder(name: str = "测试丁", years: int = 75) -> Resident:
    """Registered and living in 盐湖区, in extreme hardship, in a home that is unsafe."""
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives("registered", VILLAGE, FIRST_DAY), registers.Lives("lives", VILLAGE, FIRST_DAY)]
        who = person(name, identity=identity(born(years)), birth_date=born(years), situations=lives, relations_known=True)
        record_change(SYSTEM, subject=who, list_slug="housing", valid_from=FIRST_DAY, data={"dwelling_unsafe_for_elders": True})
        record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY)
    return who


def builder() -> Organisation:
    return registers.register_organisation(SYSTEM, name="测试施工单位", area_code=VILLAGE, kind="provider", credit_code=CODE)


def contractor(who: Resident) -> Contractor:
    """Named, with its account."""
    account = Given("测试施工单位", "62170000000000088", "102181000012")
    return Contractor(CODE, vault.protect(who.uid, {"account": account.text()})["account"])


def applied(who: Resident) -> Case:
    case = acts.apply(own(who), who.uid, Wanted(ADAPTATION, committed=("dwelling",), payee="provider"))
    acts.accept(OFFICER, case.uid)
    steps.pass_on(OFFICER, case.uid)
    return again(case)


def drawn(who: Resident, case: Case, lines: Sequence[Line] = LINES) -> None:
    """At its assessment, with a list and its contractor."""
    works.draw_up(ASSESSOR, case.uid, lines, contractor(who))


def signed(who: Resident, case: Case, *signers: str) -> None:
    """Signed by these: the elder at home, the assessor, the contractor on paper."""
    current = current_list(case)
    assert current is not None
    how: dict[str, tuple[Viewer, bytes | None]] = {
        "applicant": (own(who), None),
        "assessor": (ASSESSOR, None),
        "contractor": (OFFICER, f"list {current.uid}".encode()),
    }
    for signer in signers or how:
        viewer, content = how[signer]
        works.sign(viewer, case.uid, signer, current.uid, content=content)


def pictured(case: Case, part: str, *kinds: str) -> None:
    for kind in kinds or ("rooms",):
        documents.give(ASSESSOR, case.uid, kind, f"{part} {kind} {Document.objects.count()}".encode(), part=part)


def looked_at(case: Case, viewer: Viewer = DECIDER) -> None:
    """Every document that nobody has looked at is found in order, each by somebody who didn't hand it in."""
    for one in Document.objects.filter(case=case, check_result=""):
        documents.check(OFFICER if one.given_by == viewer.actor else viewer, one.uid, "accepted")


def signed_off(case: Case) -> None:
    """By the four departments, each by somebody of its own."""
    for number, child in enumerate(Case.objects.filter(parent=case, kind="sign_off", status="open").order_by("id")):
        casework.answer(staff(30 + number, Grant("officer", "140802")), child.uid, "signed")


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def taken(*quantities: int, **dearer: Any) -> list[works.Taken]:
    """So much of each line, at the price that was signed, or `price` for the first."""
    prices = [dearer.get("price", LINES[0].unit_price_fen), *(line.unit_price_fen for line in LINES[1:])]
    return [works.Taken(quantity, price) for quantity, price in zip(quantities, prices, strict=True)]
