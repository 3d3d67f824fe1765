"""Money that was paid too much (多发款项): found, told to the person with a case of its own, and never taken back silently.

It ends with the money back in its funds, set off with the person's recorded consent, or given up by two officers with reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q

from linli import vault
from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework import said
from linli.casework.desks import case_for, require_impartial
from linli.casework.kinds import RECOVERY
from linli.casework.models import Case
from linli.casework.opening import Asked, inserted, opened
from linli.casework.receipts import grouped
from linli.entitlements import facts, letters
from linli.entitlements.covering import UNFOUNDED, room
from linli.entitlements.models import CAUSES, PROPOSALS, TWICE, Recovery
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.registers.acts.guards import county_of, lock, resident_of
from linli.registers.acts.independence import require_independent
from linli.registers.models import Resident
from linli.registers.nearness import require_not_near
from linli.registers.queries.accounts import binds
from linli.trace import Act, AlreadyDone, FactType, act

LONGEST_MONTHS = 36
"""Within how many months a set-off pays everything back: a consent to less would be a waiver by one officer, which needs two."""
MONTHS_OF = {"month": 1, "quarter": 3, "term": 6, "year": 12}
"""Months between two payments of an award, by its cycle."""


@dataclass(frozen=True, slots=True)
class Overpaid:
    """One period of an award: what the bank has paid of it, and what it should have been, in fen."""

    period: str
    paid_fen: int
    owed_fen: int


def open_recovery(
    viewer: Viewer, award: UUID, *, cause: str, periods: Sequence[Overpaid], detail: str = "", words: str = "", key: str | None = None
) -> Case:
    """A case for what was paid too much of an award, told to the person by letter. One for each award, cause and detail: asked again, the
    same. cause: of CAUSES; what an officer states needs its reasons in words, and the grant for the award's county of an officer who has
    nothing to do with the person. Stated otherwise than before it is refused, unless nothing was paid too much after all.
    All recoveries of a period together are never above what was paid of it, but for what a bank paid twice.

    Locks the person. About twenty statements.
    """
    text = said.required(words) if cause == "stated" else said.tidy(words)
    try:
        with act(viewer, key=said.scoped(viewer, "recover", key)) as a:
            row = Award.objects.select_related("case").get(uid=award)
            if cause == "stated":
                viewer.require("officer", area=county_of(row.area_code), programme=row.programme)
                concerned = [uid for uid in (row.person, row.beneficiary, row.payee_uid) if uid is not None]
                require_not_near(viewer.actor, Resident.objects.filter(uid__in=concerned))
            (locked,) = lock(resident_of(row.person_uid))
            known = Recovery.objects.filter(award=row, cause=cause, detail=detail).select_related("case").first()
            if known is not None and cause != "stated":
                return known.case
            if known is not None:
                standing, detail = _stated_before(row, detail)
                if standing is not None:
                    _require_said_so(standing, periods)
                    return standing.case
            case = _opened(a, viewer, row, locked, Recovery(award=row, cause=cause, detail=detail, person=row.person), periods, text)
            a.result = {"case": str(case.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return case


def _stated_before(award: Award, detail: str) -> tuple[Recovery | None, str]:
    """What an officer stated before and stands, under this detail or one that came after it; and the detail of the next. One query."""
    rows = Recovery.objects.filter(Q(detail=detail) | Q(detail__startswith=f"{detail}#"), award=award, cause="stated")
    found = list(rows.select_related("case").order_by("-id"))
    standing = next((one for one in found if one.stopped_at is None and one.case.outcome != UNFOUNDED), None)
    return standing, f"{detail}#{len(found) + 1}"


def _require_said_so(standing: Recovery, periods: Sequence[Overpaid]) -> None:
    """Raise LinliError where the same period was stated with another sum: that one stands, and the person was told of it."""
    if standing.periods == [[one.period, one.paid_fen, one.owed_fen] for one in periods]:
        return
    said = sum(one.paid_fen - one.owed_fen for one in periods)
    raise LinliError(
        "entitlements.stated_otherwise",
        zh="这一期间已经登记过多发，金额不同；这次的没有登记",
        en="This period was stated before with another sum: what you state now was not entered.",
        place=Place(field="periods"),
        expected=f"{standing.amount_fen} fen, as in {grouped(standing.case.receipt)}",
        expected_zh=f"与 {grouped(standing.case.receipt)} 登记的一致：{yuan_text(standing.amount_fen)} 元",
        found=f"{said} fen",
        found_zh=f"{yuan_text(said)} 元",
        remedy_zh="原来登记错的，先由两人把那一件按“核实没有多发”办结，再重新登记；资料有误的，先更正资料，系统会重新核算差额并告知本人",
        remedy_en="if the first was wrong, have two officers end that matter as “nothing was paid too much” and state it anew; if the data"
        " was wrong, correct the data: the difference is reckoned anew and told to the person",
    )


def _opened(a: Act, viewer: Viewer, row: Award, person: object, recovery: Recovery, periods: Sequence[Overpaid], text: str) -> Case:
    recovery.periods = [[one.period, one.paid_fen, one.owed_fen] for one in periods]
    recovery.amount_fen = sum(one.paid_fen - one.owed_fen for one in periods)
    if recovery.cause not in CAUSES or any(not 0 <= one.owed_fen < one.paid_fen for one in periods) or not periods:
        raise _not_overpaid(recovery.amount_fen)
    if recovery.cause != TWICE:
        _require_room(row, periods)
    columns = {"parent": row.case, "programme": row.programme, "programme_version": row.programme_version}
    number = Recovery.objects.filter(award=row).count() + 1
    asked = Asked(RECOVERY, RECOVERY.role, fact=f"{row.case.receipt}:{number}", department=row.case.department, columns=columns)
    case, rows = inserted(viewer, person, row.area_code, asked)  # type: ignore[arg-type]
    recovery.case = case
    recovery.save(force_insert=True)
    opened(a, case, [*rows, *said.sealed_words(viewer, case, "opened", text)])
    payload = {"award": str(row.uid), "cause": recovery.cause, "amount_fen": recovery.amount_fen}
    record(a, recovery, facts.RECOVERY_OPENED, payload)
    letters.recovery(a, viewer, case, pinned(row.programme, row.programme_version), recovery)
    return case


def _require_room(award: Award, periods: Sequence[Overpaid]) -> None:
    """Raise LinliError where more would be taken back than was paid and isn't taken back already. For an act that has locked the person."""
    by_period, left = room(award)
    for one in periods:
        most = min(by_period[one.period], left)
        if one.paid_fen - one.owed_fen > most:
            raise _covered(one.period, max(most, 0), one.paid_fen - one.owed_fen)
        left -= one.paid_fen - one.owed_fen


def record(a: Act, recovery: Recovery, fact_type: FactType, payload: dict[str, object]) -> None:
    """A fact of a recovery: about the person under their county, echoed by the case and the award."""
    case = recovery.case
    about = {"case": str(case.uid), "receipt": case.receipt, "programme": case.programme, **payload}
    also = [str(case), str(recovery.award)]
    a.record(fact_type, subject=case.subject, payload=about, rows=[recovery], area=county_of(case.area_code), also=also)


def propose(viewer: Viewer, case: UUID, outcome: str, words: str) -> Recovery:
    """A first officer would end it without the money: waived, or unfounded since nothing was paid too much; with reasons. A second officer
    confirms it by answering the case so. Allowed to whoever may work on the case, not in their own matter. Locks the case."""
    text = said.required(words)
    with act(viewer) as a:
        row = case_for(viewer, case, lock=True)
        require_impartial(viewer, row)
        recovery = open_one(row)
        if outcome not in PROPOSALS or not outcome:
            raise _proposal_missing(outcome)
        recovery.proposed, recovery.proposed_by = outcome, viewer.actor
        recovery.proposal_cipher = vault.protect(recovery.person, {"words": text})["words"]
        recovery.save(update_fields=["proposed", "proposed_by", "proposal_cipher"])
        record(a, recovery, facts.RECOVERY_PROPOSED, {"outcome": outcome})
    return recovery


def consent(viewer: Viewer, case: UUID, instalment_fen: int, *, paper: UUID | None = None, key: str | None = None) -> Recovery:
    """The person lets so much be set off from each later payment until it is paid back; it can be taken back while the case is open.

    Allowed: the person, or the guardian of who has one, with a checked card; at a window with the paper that they signed, given for the
    case. A mandate doesn't pass it on.
    Locks the case.
    """
    with act(viewer, key=said.scoped(viewer, "consent", key)) as a:
        row = Case.objects.select_for_update().get(uid=case)
        _require_person(viewer, row, paper)
        recovery = open_one(row)
        if not least_instalment(recovery) <= instalment_fen <= recovery.open_fen:
            raise _instalment(least_instalment(recovery), recovery.open_fen, instalment_fen)
        recovery.consented_at, recovery.consented_by = clock.now(), viewer.actor
        recovery.consent, recovery.instalment_fen = paper, instalment_fen
        recovery.save(update_fields=["consented_at", "consented_by", "consent", "instalment_fen"])
        behalf = {} if viewer.is_self(row.subject_uid) else {"on_behalf_of": row.subject}
        record(a, recovery, facts.RECOVERY_CONSENTED, {"instalment_fen": instalment_fen, **behalf})
    return recovery


def least_instalment(recovery: Recovery) -> int:
    """Fen that have to be set off each time at the least: what is open is back within LONGEST_MONTHS. Above 0 while something is open."""
    times = LONGEST_MONTHS // MONTHS_OF.get(recovery.award.cycle, 1)
    return -(-recovery.open_fen // times)


def _require_person(viewer: Viewer, row: Case, paper: UUID | None) -> None:
    if viewer.subject and binds(viewer, resident_of(row.subject_uid)):
        viewer.require_level(RECOVERY.level)
        return
    if not viewer.subject:
        require_impartial(viewer, row)
    signed = paper is not None and row.documents.filter(uid=paper, check_result="accepted").exists()
    if not signed or not (viewer.all_seeing or viewer.roles & {"clerk", "officer"}):
        raise Refused(
            "entitlements.no_consent",
            zh="要有本人的同意才能扣回",
            en="Only the person can agree to have it set off.",
            expected="the person's own word (a guardian's for who has one), or a paper they signed, given for this case and checked",
            expected_zh="本人（有监护人的由监护人）登录同意，或本人签字的同意书，已交到本事项并经审核；代办人不能代为同意",
            remedy_zh="请本人登录办理，或在窗口签同意书并拍照上传、审核",
            remedy_en="have them sign in, or sign a paper that is given for the case and checked",
        )


def open_one(row: Case, *also: str) -> Recovery:
    """The recovery of an open case, locked. Raises LinliError for a case of another kind or one that was answered; also: answers with which
    it will do."""
    found = Recovery.objects.select_for_update(of=("self",)).select_related("case", "award").filter(case=row).first()
    if found is None or found.stopped_at is not None or (row.status != "open" and row.outcome not in also):
        raise LinliError(
            "entitlements.no_recovery",
            zh="没有在办的多发款项核实",
            en="There is no open matter of money paid too much.",
            expected="an open case of money paid too much",
            expected_zh="办理中的多发款项核实",
            found=row.outcome or row.kind,
            found_zh="已办结" if row.outcome else "其他事项",
            remedy_zh="打开事项查看",
            remedy_en="open the case",
        )
    return found


def unsettled(case: Case) -> bool:
    """Whether money is still asked back: the matter is open, or it is being set off and something is left. One query at most."""
    if case.status == "open":
        return True
    rest = Recovery.objects.filter(case=case, stopped_at__isnull=True, returned_fen__lt=F("amount_fen"))
    return case.outcome == "offset" and rest.exists()


def came_back(a: Act, viewer: Viewer, recovery: Recovery, fen: int, how: str) -> None:
    """So much of it is in its fund again, for the act that has posted it and locked the recovery. The last of it closes an open case."""
    recovery.returned_fen += fen
    recovery.save(update_fields=["returned_fen"])
    record(a, recovery, facts.RECOVERY_RETURNED, {"fen": fen, "left_fen": recovery.open_fen, "how": how})
    if recovery.open_fen == 0 and recovery.case.status == "open":
        case = Case.objects.select_for_update(of=("self",)).select_related("task").get(pk=recovery.case_id)
        casework.conclude(a, viewer, case, "returned", "")


def went_again(a: Act, viewer: Viewer, recovery: Recovery, fen: int, how: str) -> None:
    """So much that had come back is gone again: the bank returned the payment from which it was set off, or it is made good to the person.
    For the act that took the posting back, or makes it good, and has locked the recovery."""
    recovery.returned_fen -= fen
    recovery.save(update_fields=["returned_fen"])
    record(a, recovery, facts.RECOVERY_RETURNED, {"fen": -fen, "left_fen": recovery.open_fen, "how": how})


def not_overpaid(viewer: Viewer, case: Case, words: str) -> None:
    """An objection or a review was right: nothing was paid too much. For the system, once. Locks the case and the recovery."""
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(pk=case.pk)
        if row.status == "open":
            casework.conclude(a, viewer, row, UNFOUNDED, words)
        _stop(a, row)


def found_unfounded(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """In the act that answers a recovery: where nothing was paid too much, what came back is the person's again."""
    if outcome == UNFOUNDED:
        _stop(a, case)


def _stop(a: Act, case: Case) -> None:
    """Nothing more is set off, and who pays learns that what came back has to be made good. Once. Locks the recovery."""
    recovery = Recovery.objects.select_for_update(of=("self",)).select_related("case", "award").get(case=case)
    if recovery.stopped_at is None:
        recovery.stopped_at = clock.now()
        recovery.save(update_fields=["stopped_at"])
        record(a, recovery, facts.RECOVERY_STOPPED, {"left_fen": recovery.open_fen})


def require_settled(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """Before a recovery is answered: the money is back, or the person agreed, as another officer confirms than stated the recovery or
    entered that, or a second officer confirms what a first one proposed."""
    recovery = open_one(case)
    if outcome == "returned" and recovery.open_fen:
        raise _money_missing(recovery.open_fen)
    if outcome == "offset":
        if recovery.consented_at is None:
            raise _not_agreed()
        for before in (case.opened_by, recovery.consented_by):
            if before == viewer.actor:
                raise _second_officer()
            require_independent(before, viewer.actor)
    if outcome in PROPOSALS:
        if recovery.proposed != outcome:
            raise _proposal_missing(outcome)
        if recovery.proposed_by == viewer.actor:
            raise _second_officer()
        require_independent(recovery.proposed_by, viewer.actor)


def _not_overpaid(fen: int) -> LinliError:
    return LinliError(
        "entitlements.not_overpaid",
        zh="没有多发的款项",
        en="Nothing was paid too much.",
        place=Place(field="periods"),
        expected="periods of which more was paid than owed",
        expected_zh="已发多于应发的发放期间",
        found=str(fen),
        found_zh=f"多发 {fen} 分",
        remedy_zh="核对发放记录",
        remedy_en="look at what was paid",
    )


def _covered(period: str, most: int, found: int) -> LinliError:
    return LinliError(
        "entitlements.more_than_paid",
        zh="这一期间的多发款项已经在核实，或没有发过这么多",
        en="That was not paid, or another recovery takes it back already.",
        place=Place(field="periods"),
        expected=f"{period}: at most {most} fen",
        expected_zh=f"{period}：至多 {most} 分",
        found=f"{found} fen",
        found_zh=f"{found} 分",
        remedy_zh="查看这项待遇已有的多发款项核实",
        remedy_en="look at the recoveries that the award has",
    )


def _instalment(least: int, most: int, found: int) -> LinliError:
    return LinliError(
        "entitlements.instalment",
        zh="每次扣回的金额不对",
        en="So much can't be set off each time.",
        place=Place(field="instalment"),
        expected=f"from {least} to {most} fen",
        expected_zh=f"{least} 到 {most} 分",
        found=str(found),
        found_zh=f"{found} 分",
        remedy_zh=f"填写每次扣回多少：最多 {LONGEST_MONTHS} 个月内还清，不超过还没有退回的金额",
        remedy_en=f"say how much each time: all of it within {LONGEST_MONTHS} months, at most what has not come back",
    )


def _money_missing(left: int) -> LinliError:
    return LinliError(
        "entitlements.money_missing",
        zh="款项还没有全部退回",
        en="The money is not all back.",
        place=Place(field="outcome"),
        expected="nothing left to come back",
        expected_zh="全部退回",
        found=f"{left} fen",
        found_zh=f"还差 {left} 分",
        remedy_zh="由财务按银行回单登记退回，登记齐了自动办结",
        remedy_en="have it entered by the bank's receipt; the case closes with the last of it",
    )


def _not_agreed() -> LinliError:
    return LinliError(
        "entitlements.no_consent_yet",
        zh="本人还没有同意扣回",
        en="The person has not agreed to have it set off.",
        place=Place(field="outcome"),
        expected="the person's recorded consent",
        expected_zh="有本人同意的记录",
        remedy_zh="请本人登录同意，或在窗口签同意书",
        remedy_en="have the person agree on their page, or sign at a window",
    )


def _proposal_missing(outcome: str) -> LinliError:
    return LinliError(
        "entitlements.no_proposal",
        zh="要先由一人写明理由提出，再由另一人确认",
        en="One officer proposes it with reasons, another confirms it.",
        place=Place(field="outcome"),
        expected="proposed before: waived or unfounded",
        expected_zh="已提出“不予追回”或“核实没有多发”",
        found=outcome,
        remedy_zh="在本页提出，请同事确认",
        remedy_en="propose it on this page and have a colleague confirm it",
    )


def _second_officer() -> LinliError:
    return LinliError(
        "entitlements.second_officer",
        zh="提出或登记的人不能自己确认",
        en="Whoever proposed or entered it doesn't confirm it.",
        place=Place(field="outcome"),
        expected="another officer",
        expected_zh="另一名经办人员",
        remedy_zh="请同事办理",
        remedy_en="leave it to a colleague",
    )
