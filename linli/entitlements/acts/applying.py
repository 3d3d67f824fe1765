"""Somebody asks for what a programme gives: the person, their proxy, or a clerk at any window for a resident of any county."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from linli import vault
from linli.agreements import queries as agreements
from linli.batches.models import Item
from linli.casework import said
from linli.casework.acts import require_may_ask
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case
from linli.casework.steps import intake
from linli.entitlements import facts, instant, paying
from linli.entitlements.models import Application
from linli.entitlements.reckoning import ACCOUNT, Reckoned, keep, needs, reckon
from linli.entitlements.recording import record
from linli.entitlements.told import Told, require_event, stated, told_of
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import STARTS
from linli.programmes.queries import live_version, programme_of
from linli.registers.acts.guards import home_of, lock, resident_of
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import HouseholdMember, Organisation, Resident
from linli.rules.declare import Label
from linli.screening.models import Determination
from linli.trace import Act, AlreadyDone, act


@dataclass(frozen=True, slots=True)
class Account:
    """Where to pay: the holder's name, the number (digits), the bank. holder must be the payee's name; the bank checks it."""

    holder: str
    number: str
    bank: str = ""

    def sealed(self, person: UUID) -> str:
        """As ciphertext under the person's key. Raises LinliError for a number that is none."""
        digits = "".join(self.number.split())
        if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32) or not self.holder.strip():
            raise LinliError(
                "entitlements.bad_account",
                zh="银行账户填写不完整",
                en="This is not a bank account.",
                place=Place(field="account"),
                expected="the holder's name and 8 to 32 digits",
                expected_zh="户名，以及 8 至 32 位数字的账号",
                found=f"{len(digits)} characters",
                found_zh=f"{len(digits)} 个字符",
                remedy_zh="对照银行卡重新填写",
                remedy_en="copy it from the card again",
            )
        told = {"name": self.holder.strip(), "number": digits, "bank": self.bank.strip()}
        return vault.protect(person, {"account": json.dumps(told, ensure_ascii=False, sort_keys=True)})["account"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. beneficiary: uid, None for the person or the household they are in. account None: the one that the register
    holds. committed: materials for which the person gives their word. window: area of the window, "" from home. facts: what no register
    holds and a promise stands for; event: the day that the case is about, where the programme asks for one."""

    programme: str
    beneficiary: UUID | None = None
    account: Account | None = None
    payee: str = "self"
    payee_uid: UUID | None = None
    committed: Collection[str] = ()
    window: str = ""
    by_phone: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    event: date | None = None
    authority: str = ""


AUTHORITIES = {
    "representative": Label("本人是法定代表人，已核对证照和身份证", "is its legal representative: licence and card were compared"),
    "authorised": Label("持有单位盖章的授权委托书", "holds a power of attorney with the organisation's seal"),
}


def apply(viewer: Viewer, person: UUID, wanted: Wanted, *, key: str | None = None) -> Case:
    """Apply for a programme. Nothing that a register says is asked for; where everything is clear it may be approved at once.

    Allowed: the person with a checked card, whoever has a mandate for them, a clerk at any window, an officer of their area. One open
    application per programme and beneficiary. Locks the person. About thirty statements.
    """
    try:
        with act(viewer, key=said.scoped(viewer, "apply", key)) as a:
            resident = resident_of(person)
            area = home_of(resident)
            require_may_ask(viewer, resident, area, APPLICATION)
            (locked,) = lock(resident)
            row = _applied(a, viewer, locked, wanted)
            a.result = {"case": str(row.case.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return row.case


def _applied(a: Act, viewer: Viewer, person: Resident, wanted: Wanted) -> Application:
    programme = live(wanted.programme)
    kind, beneficiary = beneficiary_of(programme, person, wanted.beneficiary)
    if kind == "organisation":
        paying.require_authority(viewer, person, wanted.window, wanted.authority, AUTHORITIES)
    origin = origin_of(viewer, programme, person, beneficiary, by_phone=wanted.by_phone)
    require_free(programme, beneficiary)
    ended = _released(programme, beneficiary)
    told = replace(stated(programme, wanted.facts, by="person"), event=require_event(programme, wanted.event))
    _require_other_event(programme, beneficiary, told)
    reckoned = reckon(programme, beneficiary, told)
    payee = paying.payee(programme, wanted.payee)
    account = wanted.account.sealed(person.uid) if wanted.account else (person.account_cipher if payee == "self" else "")
    states = needs(programme, person, reckoned, committed=wanted.committed, account=bool(account))
    case = intake.receive(a, viewer, person, reckoned.reasons.office, programme, intake.Intake(origin, wanted.window, states))
    row = Application(
        case=case,
        person=person.uid,
        programme=programme.slug,
        beneficiary_kind=kind,
        beneficiary=beneficiary,
        payee=payee,
        payee_uid=paying.payee_uid(programme, person, beneficiary, payee, wanted.payee_uid),
        account_cipher=account,
        answers_cipher=told.sealed(person.uid),
        **_shares(programme, reckoned, states, told=wanted.account is not None),
    )
    keep(row, reckoned, clock.today())
    row.held_up = instant.held_up(programme, reckoned, states)
    row.save(force_insert=True)
    shares = {"version": programme.version, "origin": origin, "known": row.known, "asked": row.asked}
    behalf = {"on_behalf_of": case.on_behalf_of} if case.on_behalf_of else {}
    authority = {"authority": wanted.authority} if kind == "organisation" and wanted.authority else {}
    record(a, row, facts.APPLIED, {**shares, **behalf, **authority}, [row, *ended])
    instant.approve(a, row, programme, reckoned)
    return row


def live(slug: str) -> Programme:
    """The version that applies today. Raises LinliError where there is none, or it doesn't say how one applies."""
    version = live_version(slug, clock.today())
    programme = programme_of(version) if version else None
    if programme is None or programme.procedure is None or programme.lifecycle != "entitlements":
        raise LinliError(
            "entitlements.not_open",
            zh="这项政策现在不能申请",
            en="This can't be applied for now.",
            place=Place(field="programme"),
            expected="a programme in force that says its steps",
            expected_zh="正在生效、写明办理步骤的政策",
            found=slug,
            remedy_zh="到政策页面查看，或咨询负责单位",
            remedy_en="see the programme's page, or ask the office in charge",
        )
    return programme


def beneficiary_of(programme: Programme, person: Resident, chosen: UUID | None) -> tuple[str, UUID]:
    """(kind, uid) of who would get it: the person, the household they are in today, or the organisation that is named."""
    if programme.subject == "person":
        return "person", person.uid
    if programme.subject == "organisation":
        if chosen is None or not Organisation.objects.filter(uid=chosen).exists():
            raise LinliError(
                "entitlements.which_organisation",
                zh="请选择申请的单位",
                en="Say which organisation applies.",
                place=Place(field="beneficiary"),
                remedy_zh="输入统一社会信用代码查找单位",
                remedy_en="look it up by its unified credit code",
            )
        return "organisation", chosen
    kind = programme.household_kind or "shared_living"
    rows = HouseholdMember.objects.filter(believed(), true_on(clock.today()), resident=person, household__kind=kind)
    found = rows.values_list("household__uid", flat=True).first()
    if found is None:
        raise LinliError(
            "entitlements.no_household",
            zh="没有登记共同生活的家庭成员",
            en="No household is registered.",
            remedy_zh="先到窗口登记共同生活家庭成员",
            remedy_en="have the household registered at a window first",
        )
    return "household", found


def origin_of(viewer: Viewer, programme: Programme, person: Resident, beneficiary: UUID, *, by_phone: bool = False) -> str:
    """How it comes in, and that the programme lets it: invitation where policy found them, window, phone, proxy or resident.

    by_phone: whoever called is served by a window, so that a programme which lets windows take it in lets them do so by telephone.
    """
    if viewer.is_self(person.uid):
        found = Determination.objects.filter(programme=programme.slug, subject=beneficiary, until__isnull=True, verdict="eligible").exists()
        origin = "invitation" if found else "resident"
    else:
        origin = "proxy" if viewer.acts_for_resident(person.uid) else "window"
    starts = programme.procedure.start if programme.procedure else ()
    if origin == "invitation" and "invitation" not in starts:
        origin = "resident"
    if origin not in starts:
        raise LinliError(
            "entitlements.not_this_way",
            zh="这项政策不能这样申请",
            en="This can't be applied for in this way.",
            expected=", ".join(starts),
            expected_zh="、".join(STARTS[one].zh for one in starts),
            found=origin,
            found_zh=STARTS[origin].zh,
            remedy_zh="按政策写明的方式办理",
            remedy_en="follow the programme's page",
        )
    return "phone" if by_phone and origin == "window" else origin


def require_free(programme: Programme, beneficiary: UUID) -> None:
    """Raise LinliError while the same beneficiary has it or has asked for it. Two queries."""
    held = agreements.standing(programme.slug, beneficiary)
    mine = Application.objects.filter(programme=programme.slug, beneficiary=beneficiary, open=True)
    asked = mine.exclude(case__status="closed").select_related("case").first()
    if held is not None or asked is not None:
        raise LinliError(
            "entitlements.once",
            zh="已在享受这项待遇" if held else "已经申请，正在办理",
            en="This is being received already." if held else "This has been applied for already.",
            expected="a programme that is neither received nor applied for",
            expected_zh="没有享受、也没有申请中的政策",
            found=asked.case.receipt if asked else "received",
            found_zh=asked.case.receipt if asked else "正在享受",
            remedy_zh="不用再申请；进度在本人“我的”页“我提出的事”中，家里人提出的在“您家的”中，窗口凭回执编号查看",
            remedy_en="it is asked for once; see “What I asked for” or “Of your household” on one's own page, or ask at a window",
        )


def _require_other_event(programme: Programme, beneficiary: UUID, told: Told) -> None:
    """Raise LinliError for a day that the beneficiary was paid for in full already. One query, and two for each time that they were."""
    if told.event is None:
        return
    stands = Item.objects.filter(award__case=OuterRef("case"), state="paid", came_back_at__isnull=True)
    paid = Application.objects.filter(Exists(stands), programme=programme.slug, beneficiary=beneficiary, case__award__ending="completed")
    for row in paid.select_related("case").order_by("id"):
        if told_of(row, programme).event == told.event:
            raise LinliError(
                "entitlements.same_event",
                zh="这一天的情况已经申请并发放过",
                en="What happened on this day has been applied for and paid.",
                place=Place(field="event"),
                expected="another day",
                expected_zh="另一天发生的情况",
                found=f"{told.event}, {row.case.receipt}",
                remedy_zh="日期填错的，改正后重新提交；对已发的金额有疑问的，对那件事提出异议",
                remedy_en="where the day is wrong, correct it; where the amount paid is, object to that decision",
            )


def _released(programme: Programme, beneficiary: UUID) -> list[Application]:
    """Rows of cases that have ended no longer stand in the way of a new one; those changed, for the fact of the new one."""
    ended = list(Application.objects.filter(programme=programme.slug, beneficiary=beneficiary, open=True, case__status="closed"))
    for row in ended:
        row.open = False
        row.save(update_fields=["open"])
    return ended


def _shares(programme: Programme, reckoned: Reckoned, states: dict[str, str], *, told: bool) -> dict[str, int]:
    """How many things the application needs in all and how many of them a register held, so that they were not asked for."""
    used = programme.rule.facts_used | programme.rule.household_facts_used
    unknown = {one.rpartition(".")[2] for one in reckoned.missing}
    known = len(used - unknown) + sum(state == "exempt" for state in states.values())
    asked = sum(state in ("wanted", "commitment") for state in states.values()) + (ACCOUNT in states and told)
    return {"known": known, "asked": asked}
