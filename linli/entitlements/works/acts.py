"""What is done about works: the list is drawn up and signed, papers are read, the result is accepted. All of them lock the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.casework import said
from linli.casework.desks import case_for, no_case, require_free, require_impartial
from linli.casework.documents import acts as documents
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, Document, StepTaken
from linli.casework.steps.acts import in_step, programme_of
from linli.entitlements import facts
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.entitlements.works import lines as reading
from linli.entitlements.works import signing_off
from linli.entitlements.works.lines import Line, checked, sealed, total_fen, yuan
from linli.entitlements.works.models import Acceptance, Bill, WorksList, WorksSignature
from linli.entitlements.works.refusals import refused
from linli.entitlements.works.standing import PARKED, by_bills, current_list, pictures_said, works_of
from linli.entitlements.works.standing import said as signers_said
from linli.kernel import clock
from linli.kernel.identity import parse_credit_code
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.particulars.declaration import SIGNERS
from linli.programmes.particulars.declaration import Works as Declared
from linli.programmes.procedure.declaration import DECIDES
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import HouseholdMember, Organisation
from linli.trace import Act, AlreadyDone, act


@dataclass(frozen=True, slots=True)
class Contractor:
    """Who does the works, by the unified credit code; account: as ciphertext under the person's key, "" while nobody has said it."""

    code: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of one line of the signed list was accepted, at which price of one; 0 of it: left out."""

    quantity: int
    unit_price_fen: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was accepted. lines: of each line of the signed list, in its order; empty where papers say what was spent. on: the day."""

    on: date
    lines: Sequence[Taken] = field(default_factory=tuple)


def draw_up(viewer: Viewer, case: UUID, lines: Sequence[Line], contractor: Contractor | None = None, *, key: str | None = None) -> Case:
    """Make the list of works, or another version of it: whoever signed the one before has to sign again. A repeated list changes nothing.

    By an officer of the case, from acceptance of the application until the works are accepted, but not while the public is shown it or
    other offices sign it. The contractor may be named later, with a version of its own. What goes beyond a list that other offices have
    signed off goes to them again (signing_off.py). Locks the case.
    """

    def done(a: Act, row: Case, programme: Programme, taken: StepTaken) -> None:
        _require_here(taken)
        kept = checked(lines, _declared(programme))
        builder = _organisation(contractor.code) if contractor else None
        before = current_list(row)
        if before is not None and _same(viewer, before, kept, builder, contractor):
            return
        signed = signing_off.sign_off(row, before)
        within = signed is not None and signing_off.within(viewer, signed.version, kept, builder.uid if builder else None)
        row_of = WorksList.objects.create(
            case=row,
            version=before.version + 1 if before else 1,
            subject=row.subject_uid,
            contractor=builder.uid if builder else None,
            account_cipher=_account(before, builder, contractor),
            items_cipher=sealed(kept, row.subject_uid),
            count=len(kept),
            total_fen=total_fen(kept),
            drawn_at=clock.now(),
            drawn_by=viewer.actor,
            stay=taken.position,
            within=signed.version if signed and within else None,
        )
        payload = {"works": str(row_of.uid), "list_version": row_of.version, "total_fen": row_of.total_fen}
        record(a, _application(row), facts.WORKS_DRAWN, payload, [row_of, *_void(before)])
        if signed is not None and not within:
            signing_off.ask_again(a, viewer, row, programme, taken)

    return in_step(viewer, case, "draw_up", done, key)


def _require_here(taken: StepTaken) -> None:
    if taken.kind in PARKED:
        raise refused(
            "elsewhere",
            ("公示或会签期间不能改清单", "The list isn't changed while it is shown to the public or signed by other offices."),
            ("等公示结束、各部门签完以后再改", "wait until that is over"),
            found=taken.step,
        )


def _declared(programme: Programme) -> Declared:
    if programme.particulars.works is None:
        raise refused("none", ("这项政策没有改造清单", "This programme has no list of works."), ("按当前步骤办理", "do the case's step"))
    return programme.particulars.works


def _organisation(code: str) -> Organisation:
    found = Organisation.objects.filter(credit_code=parse_credit_code(code)).first()
    if found is None:
        raise refused(
            "no_contractor",
            ("没有登记这个单位", "No such organisation is registered."),
            (
                "核对统一社会信用代码；尚未登记的，请窗口在“登记单位”里登记",
                "check the unified credit code; a window registers it under “Organisations” first",
            ),
            field="contractor",
            found=code[:18],
        )
    return found


def _same(viewer: Viewer, before: WorksList, kept: list[Line], builder: Organisation | None, contractor: Contractor | None) -> bool:
    told = reading.opened(viewer, before.subject, {"before": before.items_cipher}, before.case.area_code).get("before", [])
    paid = not (contractor and contractor.account)
    return paid and told == kept and before.contractor == (builder.uid if builder else None)


def _account(before: WorksList | None, builder: Organisation | None, contractor: Contractor | None) -> str:
    """The account that is given, else that of the version before while the contractor is the same."""
    if contractor is None or builder is None:
        return ""
    kept = before.account_cipher if before is not None and before.contractor == builder.uid else ""
    return contractor.account or kept


def _void(before: WorksList | None) -> list[WorksSignature]:
    if before is None:
        return []
    rows = list(WorksSignature.objects.select_for_update().filter(works=before, voided_at=None).order_by("id"))
    for one in rows:
        one.voided_at = clock.now()
        one.save(update_fields=["voided_at"])
    return rows


def _application(row: Case) -> Application:
    return Application.objects.select_for_update().select_related("case").get(case=row)


def sign(
    viewer: Viewer, case: UUID, signer: str, works: UUID, *, content: bytes | None = None, key: str | None = None
) -> WorksSignature | None:
    """Put a signature on the version of the list that one was shown. None where the same key did it before.

    works: uid of that version; refused once another stands. applicant: the person or whoever acts for them, known by card, or an officer
    with the signed paper; contractor: an officer with the signed paper; assessor: an officer, never one who decides the case. content:
    the paper as a photo or PDF. Locks the case.
    """
    row = _case_to_sign(viewer, case, signer, content)
    try:
        with act(viewer, key=said.scoped(viewer, "works_sign", key)) as a:
            scan = documents.give(viewer, row.uid, "", content, part="evidence") if content is not None else None
            row = Case.objects.select_for_update(of=("self",)).select_related("task").get(pk=row.pk)
            current = _signable(row, signer, works)
            _require_not_deciding(viewer, row, signer)
            made = WorksSignature.objects.create(
                works=current,
                signer=signer,
                how="paper" if scan else "own",
                document=scan,
                signed_at=clock.now(),
                entered_by=viewer.actor,
            )
            behalf = {} if not viewer.subject or viewer.is_self(row.subject_uid) else {"on_behalf_of": row.subject}
            payload = {"works": str(current.uid), "signer": signer, "how": made.how, **behalf}
            record(a, _application(row), facts.WORKS_SIGNED, payload, [made])
    except AlreadyDone:
        return None
    return made


def _case_to_sign(viewer: Viewer, uid: UUID, signer: str, content: bytes | None) -> Case:
    """The case, if the viewer may enter this signature on it; the person signs in their own session, contractors on paper alone."""
    own = Case.objects.select_related("task").filter(uid=uid, kind=APPLICATION.slug).first()
    if own is not None and viewer.subject:
        if signer != "applicant" or not viewer.acts_for_resident(own.subject_uid):
            raise no_case(uid)
        viewer.require_level(APPLICATION.level)
        return own
    row = case_for(viewer, uid)
    require_impartial(viewer, row)
    require_free(viewer, row)
    if signer != "assessor" and content is None:
        raise refused(
            "paper",
            ("请扫描签过字的清单", "Scan the signed list."),
            ("打印清单，签字后拍照或扫描", "print the list, have it signed, photograph or scan it"),
            field="file",
        )
    return row


def _signable(row: Case, signer: str, works: UUID) -> WorksList:
    declared, current = _declared(programme_of(row)), current_list(row)
    if row.status != "open" or current is None or current.uid != works:
        raise refused(
            "changed",
            ("清单已有变动，没有签字", "The list has changed: nothing was signed."),
            ("查看现在的清单再签", "look at the list as it is now, then sign"),
        )
    if signer not in declared.signers:
        raise refused(
            "signer",
            ("清单不需要这一方签字", "The list takes no such signature."),
            ("从列出的各方中选择", "choose one of those listed"),
            field="signer",
            expected=", ".join(declared.signers),
            found=signer[:20],
        )
    if signer == "contractor" and current.contractor is None:
        raise refused(
            "contractor_first",
            ("还没有确定施工单位", "No contractor is named yet."),
            ("先在清单上写明施工单位", "name it on the list first"),
        )
    if WorksSignature.objects.filter(works=current, signer=signer, voided_at=None).exists():
        zh, en = SIGNERS[signer].zh, SIGNERS[signer].en
        raise refused("signed_already", (f"{zh}已经签字", f"It is signed by {en} already."), ("不需要再签", "nothing more is to be signed"))
    return current


def _require_not_deciding(viewer: Viewer, row: Case, signer: str) -> None:
    """The assessor hasn't decided the case; that they don't do so later, the gate sees to."""
    stays = StepTaken.objects.filter(case=row, kind__in=DECIDES)
    if signer == "assessor" and any(one["actor"] == viewer.actor for stay in stays for one in stay.signatures):
        raise refused(
            "assessor_decided",
            ("审批人员不能作为评估人员签字", "Whoever decided the case can't sign as its assessor."),
            ("请另一位评估人员签字", "have another assessor sign"),
        )


def state_bill(viewer: Viewer, case: UUID, document: UUID, amount_fen: int, *, key: str | None = None) -> Case:
    """What a paper shows was spent, in fen, as an officer reads it; read again, the later reading counts. Locks the case.

    Refused for a paper that no officer has found in order.
    """

    def done(a: Act, row: Case, programme: Programme, _taken: StepTaken) -> None:
        paper = Document.objects.filter(case=row, uid=document, check_result="accepted", part__in=("material", "evidence")).first()
        if not by_bills(programme) or paper is None:
            raise refused(
                "no_bill",
                ("没有审核合格的这份票据", "There is no such paper that an officer found in order."),
                ("先审核票据", "have the paper checked first"),
                field="document",
            )
        if not 0 < amount_fen <= reading.MOST_PRICE_FEN:
            raise refused(
                "amount",
                ("金额不正确", "That is no amount."),
                ("对照票据填写", "copy it from the paper"),
                field="amount",
                found=yuan(amount_fen),
            )
        earlier = list(Bill.objects.select_for_update().filter(document=paper, withdrawn_at=None))
        for one in earlier:
            one.withdrawn_at = clock.now()
            one.save(update_fields=["withdrawn_at"])
        made = Bill.objects.create(case=row, document=paper, amount_fen=amount_fen, stated_at=clock.now(), stated_by=viewer.actor)
        payload = {"document": str(paper.uid), "amount_fen": amount_fen}
        record(a, _application(row), facts.BILL_STATED, payload, [made, *earlier])

    return in_step(viewer, case, "state_bill", done, key)


def accept(viewer: Viewer, case: UUID, result: Result, *, key: str | None = None) -> Case:
    """Accept what was done: its price is what is paid. In the step of acceptance, with every signature and every picture there.

    Of a list fewer and cheaper things may be accepted than were signed, never more or dearer ones: that takes a new signed list. Where
    papers say what was spent it is their sum, up to the rule's amount. Said again, the later one counts. Locks the case and its award.
    """

    def done(a: Act, row: Case, programme: Programme, taken: StepTaken) -> None:
        _require_acceptable(row, programme, taken, result)
        application, found = _application(row), works_of(row, programme)
        price = _price(viewer, found.current, result, found.shown_fen, application, programme)
        made = Acceptance(
            case=row,
            subject=row.subject_uid,
            works=found.current,
            items_cipher=sealed(price.lines, row.subject_uid) if price.lines else "",
            shown_fen=found.shown_fen or None,
            amount_fen=price.fen,
            household=_household(application, programme),
            accepted_on=result.on,
            recorded_at=clock.now(),
            recorded_by=viewer.actor,
        )
        rows: list[Any] = [made]
        if found.accepted is not None:
            found.accepted.replaced_at = clock.now()
            found.accepted.save(update_fields=["replaced_at"])
            rows.append(found.accepted)
        made.save(force_insert=True)
        record(a, application, facts.ACCEPTED_WORKS, {"amount_fen": made.amount_fen, "on": str(made.accepted_on)}, rows)
        _award(a, row, made, found.current)

    return in_step(viewer, case, "works_accept", done, key)


def _require_acceptable(row: Case, programme: Programme, taken: StepTaken, result: Result) -> None:
    if taken.kind != "accept_works":
        raise refused(
            "not_yet", ("现在不是验收步骤", "The case is not at its acceptance."), ("按当前步骤办理", "do its step"), found=taken.step
        )
    found = works_of(row, programme)
    signing_off.require_signed_off(row, found.current)
    require_signed(found.unsigned)
    require_pictured(found.lacking("before"))
    require_pictured(found.lacking("after"))
    since = clock.day_of(row.accepted_at) if row.accepted_at else result.on
    if not since <= result.on <= clock.today():
        raise refused(
            "day",
            ("验收日期不正确", "That is no day of acceptance."),
            ("填写实际验收日期", "give the actual day"),
            field="on",
            expected=f"{since} – {clock.today()}",
            found=str(result.on),
        )


def require_signed(unsigned: tuple[str, ...]) -> None:
    """Raise LinliError that says whose signature lacks."""
    if unsigned:
        zh, en = signers_said(unsigned)
        raise refused(
            "unsigned",
            (f"改造清单没有签齐，缺 {zh} 签字", f"The list of works isn't signed by all: {en} still has to."),
            ("请缺的一方签字，各方签齐以后才能施工", "have them sign: nothing begins before"),
            expected=("各方签字", "a signature of each"),
            found=(f"缺 {zh}", f"lacking: {en}"),
        )


def require_pictured(lacking: Any) -> None:
    """Raise LinliError that says which pictures lack."""
    if lacking:
        zh, en = pictures_said(lacking)
        raise refused(
            "unpictured",
            (f"照片没有交齐，缺 {zh}", f"Pictures are missing: {en}."),
            ("拍照上传后再办理", "take them and hand them in first"),
            expected=("改造前后各部位的照片", "pictures of everything, before and after"),
            found=(f"缺 {zh}", f"lacking: {en}"),
        )


@dataclass(frozen=True, slots=True)
class _Price:
    fen: int
    lines: list[Line]


def _price(
    viewer: Viewer, current: WorksList | None, result: Result, shown_fen: int, application: Application, programme: Programme
) -> _Price:
    if current is not None:
        signed = reading.opened(viewer, current.subject, {"it": current.items_cipher}, application.case.area_code).get("it", [])
        lines = _accepted(signed, result.lines)
        fen = total_fen(lines)
    elif by_bills(programme):
        lines, fen = [], min(shown_fen, application.amount_fen or 0)
    else:
        lines, fen = [], application.amount_fen or 0
    if fen <= 0:
        raise refused(
            "nothing",
            ("没有可以验收的金额", "Nothing that could be paid was accepted."),
            (
                "填写验收的项目，或先核定票据金额；一项也没有完成的，退回施工",
                "say what was accepted or read the papers first; else send it back",
            ),
        )
    return _Price(fen, lines)


def _accepted(signed: list[Line], taken: Sequence[Taken]) -> list[Line]:
    if len(taken) != len(signed):
        raise refused("changed", ("清单已有变动", "The list has changed."), ("查看现在的清单再办理", "look at the list as it is now"))
    for number, (line, one) in enumerate(zip(signed, taken, strict=True), start=1):
        if not 0 <= one.quantity <= line.quantity or not 0 < one.unit_price_fen <= line.unit_price_fen:
            raise refused(
                "dearer",
                (f"第 {number} 项超过签字清单的数量或单价", f"Item {number} is more, or dearer, than was signed."),
                ("按签字的清单验收；确需变更的，重新拟定清单、各方签字", "accept what was signed; a change takes a new list that all sign"),
                field=f"quantity-{number}",
                expected=f"≤ {line.quantity} × {yuan(line.unit_price_fen)}",
                found=f"{one.quantity} × {yuan(one.unit_price_fen)}",
            )
    every = (replace(line, quantity=one.quantity, unit_price_fen=one.unit_price_fen) for line, one in zip(signed, taken, strict=True))
    return [line for line in every if line.quantity]


def _household(application: Application, programme: Programme) -> UUID:
    """The household that a completion counts: the one that lives together today, else the beneficiary."""
    if application.beneficiary_kind != "person" or programme.household_kind is None:
        return application.beneficiary_uid
    rows = HouseholdMember.objects.filter(believed(), true_on(clock.today()), resident__uid=application.beneficiary)
    found: UUID | None = rows.filter(household__kind=programme.household_kind).values_list("household__uid", flat=True).first()
    return found or application.beneficiary_uid


def _award(a: Act, row: Case, made: Acceptance, current: WorksList | None) -> None:
    """What is owed is what was accepted, to whoever did it."""
    standing = Award.objects.select_for_update().filter(case=row).first()
    if standing is None:
        return
    terms = replace(agreements.terms_of(standing), amount_fen=made.amount_fen)
    if current is not None and standing.payee == "provider":
        terms = replace(terms, payee_uid=current.contractor, account_cipher=current.account_cipher)
    agreements.restate(a, standing, terms, state=standing.state, reason="works_accepted")


def forget(case: Case) -> list[Any]:
    """Empty the lists of an erased person's case; the rows that changed. For the act that forgets them. Two statements, and one a row."""
    lists = list(WorksList.objects.select_for_update().filter(case=case).order_by("pk"))
    accepted = list(Acceptance.objects.select_for_update().filter(case=case).order_by("pk"))
    for one in lists:
        one.items_cipher, one.account_cipher = "", ""
        one.save(update_fields=["items_cipher", "account_cipher"])
    for two in accepted:
        two.items_cipher = ""
        two.save(update_fields=["items_cipher"])
    return [*lists, *accepted]
