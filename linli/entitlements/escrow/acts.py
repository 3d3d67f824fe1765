"""Writes of an escrow: price and parties, consents, the registration, the plan of the release.

Every act locks the case first. Money comes in by deposits.py and goes out by moving.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from linli.casework.desks import case_for, require_impartial
from linli.casework.models import Case, Document
from linli.casework.steps import moving
from linli.casework.steps.acts import open_application, programme_of
from linli.entitlements.escrow import facts
from linli.entitlements.escrow.models import PARTIES, Escrow, EscrowParty
from linli.entitlements.escrow.queries import held_fen
from linli.entitlements.escrow.refusals import refusal
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.ledger.models import LARGEST
from linli.programmes.declaration import Programme
from linli.programmes.particulars import Escrow as Declared
from linli.registers.acts.guards import resident_of
from linli.registers.models import Organisation, Resident
from linli.registers.nearness import require_not_near
from linli.registers.queries.accounts import binds
from linli.trace import Act, act

LEVEL = "card"
"""How surely somebody has to be known who agrees on their own: by a checked identity card."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who stands behind a party. kind: resident or organisation."""

    kind: str
    uid: UUID


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with its escrow, locked, inside an act. row None before price and parties are set."""

    act: Act
    case: Case
    programme: Programme
    declared: Declared
    application: Application
    row: Escrow | None

    def told(self, fact_type: Any, payload: dict[str, Any], rows: list[Any]) -> None:
        """Record a fact about it."""
        record(self.act, self.application, fact_type, payload, rows)

    def set(self) -> Escrow:
        """Its row. Raises LinliError before price and parties are set."""
        if self.row is None:
            raise refusal(
                "not_set",
                ("还没有填写各方和监管金额", "Neither the parties nor the price are set."),
                ("先填写各方和监管金额", "set them first"),
            )
        return self.row


def opened(a: Act, viewer: Viewer, case: Case) -> Opened:
    """The escrow of a locked case; the case's lock is the escrow's too. Raises LinliError for a programme without one."""
    programme = programme_of(case)
    declared = programme.particulars.escrow
    if declared is None:
        raise refusal(
            "none",
            ("这项政策没有资金监管", "The programme holds no money for others."),
            ("核对事项编号", "check the case"),
            found=case.programme,
        )
    application = Application.objects.select_related("case").get(case=case)
    row = Escrow.objects.filter(case=case).first()
    return Opened(a, case, programme, declared, application, row)


def mine(a: Act, viewer: Viewer, uid: UUID, *, ended: bool = False) -> Opened:
    """For an officer who works on the case and has nothing to do with any of the parties. ended: also after its end."""
    case = case_for(viewer, uid, lock=True) if ended else open_application(viewer, uid)
    require_impartial(viewer, case)
    found = opened(a, viewer, case)
    if found.row is not None:
        require_no_party(viewer, [one.holder for one in current_parties(found.row) if one.kind == "resident"])
    return found


def require_no_party(viewer: Viewer, people: list[UUID]) -> None:
    """Raise Refused where the viewer stands near one of them, or is one."""
    require_not_near(viewer.actor, Resident.objects.filter(uid__in=people))


def current_parties(row: Escrow) -> list[EscrowParty]:
    """The parties under the terms as they stand. One query."""
    return list(EscrowParty.objects.filter(escrow=row, terms=row.terms).order_by("id"))


def set_terms(viewer: Viewer, case: UUID, price_fen: int, holders: Mapping[str, Holder]) -> Escrow:
    """Say how much is to be held and who every party of the programme's file is. A change makes each earlier consent one of earlier terms.

    Refused once money has come in. The same again changes nothing. Locks the case.
    """
    with act(viewer) as a:
        found = mine(a, viewer, case)
        _check_terms(found.declared, price_fen, holders)
        require_no_party(viewer, [one.uid for one in holders.values() if one.kind == "resident"])
        row = found.row
        if row is not None:
            same = {one.party: Holder(one.kind, one.holder) for one in current_parties(row)} == dict(holders) and row.price_fen == price_fen
            if same:
                return row
            if row.entries.exclude(state="dropped").exists() or row.deposits.exists():
                raise refusal(
                    "money_in",
                    ("资金已经进入监管账户，不能再改各方和金额", "Money has come in: parties and price can't be changed any more."),
                    ("需要改变的，先撤回申请，资金退回后重新办理", "to change them take the application back and begin anew"),
                )
            row.price_fen, row.terms = price_fen, row.terms + 1
            row.save(update_fields=["price_fen", "terms"])
        else:
            row = Escrow.objects.create(case=found.case, price_fen=price_fen)
        parties = [
            EscrowParty.objects.create(escrow=row, terms=row.terms, party=one, kind=holders[one].kind, holder=holders[one].uid)
            for one in sorted(holders)
        ]
        found.told(facts.SET, {"terms": row.terms, "price_fen": price_fen}, [row, *parties])
    return row


def _check_terms(declared: Declared, price_fen: int, holders: Mapping[str, Holder]) -> None:
    wanted = {one.id: one.label for one in declared.parties}
    if set(holders) != set(wanted):
        lacking = [label for one, label in wanted.items() if one not in holders]
        raise refusal(
            "parties",
            ("各方都要写明", "Every party has to be named."),
            ("补齐各方", "name the others too"),
            expected=("、".join(one.zh for one in wanted.values()), ", ".join(one.en for one in wanted.values())),
            found=("缺：" + "、".join(one.zh for one in lacking), "missing: " + ", ".join(one.en for one in lacking))
            if lacking
            else ", ".join(holders),
        )
    if type(price_fen) is not int or not 0 < price_fen <= LARGEST:
        raise refusal(
            "price",
            ("监管金额要大于零", "The price has to be above zero."),
            ("核对合同上的价款", "check the contract"),
            found=str(price_fen),
            field="price",
        )
    for party, one in holders.items():
        rows = (
            Resident.objects.filter(uid=one.uid, erased_at__isnull=True)
            if one.kind == "resident"
            else Organisation.objects.filter(uid=one.uid)
        )
        if one.kind not in PARTIES or not rows.exists():
            raise refusal(
                "no_holder",
                ("登记中没有这个人或单位", "The registers know no such person or organisation."),
                ("核对证件号码", "check the number"),
                found=party,
                field=party,
            )
    if len({one.uid for one in holders.values()}) < len(holders):
        raise refusal(
            "same_holder", ("同一人或单位不能是两方", "One person or organisation can't be two parties."), ("核对各方", "check the parties")
        )


def agree(viewer: Viewer, case: UUID, party: str, *, terms: int | None = None) -> EscrowParty:
    """A party agrees under their own sign-in, known by a checked card; of who has a guardian, the guardian. Twice is once. Locks the
    case.

    The case may be somebody else's: a seller agrees in the case of the buyer. terms: those that they read; refused once there are others.
    """
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=case, status="open").first()
        parties = EscrowParty.objects.filter(escrow__case=row, terms=F("escrow__terms"), party=party, kind="resident")
        asked = parties.first() if row else None
        if row is None or asked is None or not binds(viewer, resident_of(asked.holder)):
            raise refusal(
                "not_party",
                ("您不是这件事项的这一方", "You are not this party of the case."),
                ("请本人办理", "the party itself has to do it"),
                found=party,
            )
        viewer.require_level(LEVEL)
        if terms not in (None, asked.terms):
            raise refusal(
                "terms",
                ("各方或金额刚刚改过", "The parties or the price have just been changed."),
                ("看过新的内容再同意", "read what it is now before you agree"),
            )
        return _agreed(opened(a, viewer, row), viewer, party, "own", None)


def agreed_on_paper(viewer: Viewer, case: UUID, party: str, document: UUID) -> EscrowParty:
    """A party has agreed on paper: the document of the case that shows it, looked at and accepted by an officer. Locks the case."""
    with act(viewer) as a:
        found = mine(a, viewer, case)
        paper = Document.objects.filter(uid=document, case=found.case).first()
        if paper is None or paper.check_result != "accepted":
            raise refusal(
                "paper",
                ("同意书还没有核对通过", "The paper with the consent has not been accepted yet."),
                ("上传同意书，由另一位人员核对通过后再登记", "upload it and have a colleague accept it first"),
                expected=("本事项中核对通过的材料", "an accepted document of this case"),
                found=paper.check_result or ("未核对", "not looked at") if paper else str(document),
                field=party,
            )
        return _agreed(found, viewer, party, "paper", document)


def _agreed(found: Opened, viewer: Viewer, party: str, way: str, document: UUID | None) -> EscrowParty:
    row = found.set()
    one = EscrowParty.objects.filter(escrow=row, terms=row.terms, party=party).first()
    if one is None:
        raise refusal("no_party", ("没有这一方", "There is no such party."), ("选择列出的一方", "choose one of them"), found=party)
    if one.agreed_at is None:
        one.way, one.document, one.agreed_at, one.agreed_by = way, document, clock.now(), viewer.actor
        one.save(update_fields=["way", "document", "agreed_at", "agreed_by"])
        found.told(facts.AGREED, {"terms": row.terms, "party": party, "way": way}, [one])
    return one


def registered(viewer: Viewer, case: UUID, number: str, day: date) -> Escrow:
    """The new right stands in its register under this number since that day. May be corrected while the case is in that step."""
    text = number.strip()
    with act(viewer) as a:
        found = mine(a, viewer, case)
        row = found.set()
        require_step(found, found.declared.registered)
        if not text or len(text) > 80 or day > clock.today():
            said = ("请填写登记证明号和登记日期", "The number and the day of the registration are needed.")
            raise refusal(
                "registration",
                said,
                ("照登记证明填写，日期不晚于今天", "as on the certificate, not later than today"),
                found=f"{text[:80]} {day}",
                field="number",
            )
        if (row.number, row.registered_on) != (text, day):
            row.number, row.registered_on = text, day
            row.save(update_fields=["number", "registered_on"])
            found.told(facts.REGISTERED, {"day": str(day)}, [row])
    return row


def plan_release(viewer: Viewer, case: UUID, parts: Mapping[str, int]) -> Escrow:
    """Say how much of the held money each party is to get, in fen; together all of it. Until somebody signed the step. Locks the case."""
    with act(viewer) as a:
        found = mine(a, viewer, case)
        row = found.set()
        taken = require_step(found, found.declared.released)
        require_registered(row)
        if taken.signatures:
            raise refusal(
                "signed",
                ("已经有人签署放款，不能再改", "Somebody has signed the release: it can't be changed."),
                ("退回后再改", "send it back first"),
            )
        plan = {one: fen for one, fen in parts.items() if fen}
        known = {one.id for one in found.declared.parties}
        held = held_fen(found.case)
        if (
            not plan
            or not set(plan) <= known
            or any(type(fen) is not int or fen < 0 for fen in plan.values())
            or sum(plan.values()) != held
        ):
            raise refusal(
                "plan",
                ("各方所得之和应当等于监管的资金", "What the parties get has to come to all that is held."),
                ("核对各方所得", "check the parts"),
                expected=(f"{yuan_text(held)} 元", f"{yuan_text(held)} yuan"),
                found=(f"{yuan_text(sum(plan.values()))} 元", f"{yuan_text(sum(plan.values()))} yuan"),
                field="plan",
            )
        if row.plan != plan:
            row.plan, row.planned_by = plan, viewer.actor
            row.save(update_fields=["plan", "planned_by"])
            found.told(facts.PLANNED, {"parties": len(plan)}, [row])
    return row


def require_registered(row: Escrow) -> None:
    """Raise LinliError before the new right stands in its register."""
    if not row.number:
        raise refusal(
            "unregistered",
            ("新的权利还没有登记，不能放款", "The new right isn't registered yet: nothing is released."),
            ("先办理登记，填写登记证明号", "have it registered and enter the number"),
        )


def require_step(found: Opened, step: str) -> Any:
    """The step that the case is in. Raises LinliError where it is another."""
    taken = moving.current(found.case)
    if taken.step != step:
        labels = {one.id: one.label for one in found.programme.procedure.steps} if found.programme.procedure else {}
        raise refusal(
            "step",
            ("现在不是办理这件事的步骤", "This isn't the step for it."),
            ("按当前步骤办理", "do the step that the case is in"),
            expected=(labels[step].zh, labels[step].en),
            found=(labels[taken.step].zh, labels[taken.step].en),
        )
    return taken
