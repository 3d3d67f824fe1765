"""Guardianships that no register holds: a clerk records the paper that is shown, somebody else of the county confirms it, and only then
is it the register's own family link, by which the guardian acts like any other. Revoked, the link ends.

Civil Code (民法典) arts. 27 and 28 (who), 30 and 33 (agreements), 31 (appointment), 36 (a court removes a guardian), 39 (when it ends).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import facts
from linli.registers.acts.accounts import require_clerk
from linli.registers.acts.guards import county_of, home_of, lock, require_range, require_word, subject_of
from linli.registers.acts.households import end_family_link, link_family
from linli.registers.acts.independence import require_independent
from linli.registers.acts.mandates import end_mandate, grant_mandate
from linli.registers.bitemporal import believed, true_on
from linli.registers.guardians import comes_of_age, guarded_by, is_guarded
from linli.registers.models import FamilyLink, Guardianship, Mandate, Resident
from linli.registers.models.guardianships import DOCUMENTS
from linli.registers.nearness import require_not_near
from linli.trace import Act, act

EVIDENCE = {"judgment": "法院判决书", "appointment": "指定监护决定", "agreement": "意定监护协议", "certificate": "监护关系证明"}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper says. document: of DOCUMENTS; valid_to: the first day on which it no longer holds, None where it names none."""

    document: str
    number: str
    organ: str
    issued_on: date
    valid_from: date
    valid_to: date | None = None


def record_guardianship(viewer: Viewer, *, ward: Resident, guardian: Resident, paper: Paper) -> Guardianship:
    """Put on record what a paper says, for somebody else to confirm: nothing is in force by it. Locks both residents in order of id.

    Needs clerk somewhere, and nobody near the two. For the stage that has it confirmed.
    """
    require_clerk(viewer)
    _require_whole(paper)
    _require_possible(ward, guardian, paper.document)
    ends = min((day for day in (paper.valid_to, comes_of_age(ward)) if day is not None), default=None)
    _require_now(paper.valid_from, ends)
    require_not_near(viewer.actor, [ward, guardian])
    with act(viewer) as a:
        lock(ward, guardian)
        _require_unknown(ward, guardian)
        if Guardianship.objects.filter(ward=ward, guardian=guardian, state="waiting").exists():
            raise _waits_already()
        row = Guardianship(
            ward=ward, guardian=guardian, document=paper.document, number=paper.number.strip(), organ=paper.organ.strip(),
            issued_on=paper.issued_on, valid_from=paper.valid_from, valid_to=ends, recorded_by=viewer.actor, recorded_at=clock.now(),
        )  # fmt: skip
        row.save(force_insert=True)
        _record(a, row, "recorded")
    return row


def confirm_guardianship(viewer: Viewer, *, guardianship: Guardianship) -> Mandate:
    """Somebody else has looked at it: the register has the link from now on, and the guardian acts by it. Locks the two residents, then it.

    Needs officer over the ward's county; never whoever recorded it, nor somebody who could be behind their account, nor anybody near
    the two.
    """
    ward, guardian = guardianship.ward, guardianship.guardian
    desk = _desk(viewer, ward)
    _require_other_person(viewer, guardianship)
    require_not_near(viewer.actor, [ward, guardian])
    with act(viewer) as a:
        lock(ward, guardian)
        row = _waiting(guardianship)
        _require_possible(ward, guardian, row.document)
        _require_unknown(ward, guardian)
        _require_now(row.valid_from, row.valid_to)
        link_family(
            desk, resident=ward, relative=guardian, relation="guardian", valid_from=row.valid_from, valid_to=row.valid_to
        )  # fmt: skip
        shown = f"{EVIDENCE[row.document]} {row.number}"
        mandate = grant_mandate(desk, principal=ward, kind="guardian", agent=guardian, evidence=shown, valid_to=row.valid_to)
        _decide(a, row, "confirmed")
    return mandate


def refuse_guardianship(viewer: Viewer, *, guardianship: Guardianship, reasons: str) -> None:
    """The paper does not show it, for these reasons, which both sides read. Locks the two residents, then it. Needs officer as above."""
    _desk(viewer, guardianship.ward)
    with act(viewer) as a:
        lock(guardianship.ward, guardianship.guardian)
        row = _waiting(guardianship)
        row.reasons = _reasons(reasons)
        _decide(a, row, "refused")


def revoke_guardianship(viewer: Viewer, *, guardianship: Guardianship, reasons: str) -> Guardianship:
    """It holds no longer, for these reasons: link and mandates by it end today, those too that the guardian gave or agreed to for the ward.

    Needs officer over the ward's county, and nobody near the two. A second time changes nothing. Locks the two residents, then it.
    """
    ward, guardian, text = guardianship.ward, guardianship.guardian, _reasons(reasons)
    desk, today = _desk(viewer, ward), clock.today()
    require_not_near(viewer.actor, [ward, guardian])
    with act(viewer) as a:
        lock(ward, guardian)
        row = Guardianship.objects.select_for_update(of=("self",)).select_related("ward", "guardian").get(pk=guardianship.pk)
        if row.state == "revoked":
            return row
        if row.state != "confirmed":
            raise _decided_already("confirmed", row.state)
        for link in FamilyLink.objects.filter(believed(), true_on(today), resident=ward, relative=guardian, relation="guardian"):
            end_family_link(desk, link=link, on=today)
        theirs = Q(kind="guardian", agent_resident=guardian) | Q(agreed_by=guardian)
        for mandate in Mandate.objects.filter(theirs, principal=ward, ended_at__isnull=True).order_by("id"):
            end_mandate(desk, mandate=mandate)
        row.state, row.ended_at, row.ended_by, row.reasons = "revoked", clock.now(), viewer.actor, text
        row.save(update_fields=["state", "ended_at", "ended_by", "reasons"])
        _record(a, row, "revoked")
    return row


def _desk(viewer: Viewer, ward: Resident) -> Viewer:
    """The officer as who keeps the ward's record for this one act; Refused for anybody who is none of their county."""
    county = county_of(home_of(ward))
    viewer.require("officer", area=county)
    return replace(viewer, grants=(*viewer.grants, Grant("clerk", county)))


def _require_whole(paper: Paper) -> None:
    require_word("document", paper.document, DOCUMENTS)
    require_range(paper.valid_from, paper.valid_to)
    wrong = ""
    if not paper.number.strip() or len(paper.number) > 80:
        wrong = "number"
    elif not paper.organ.strip() or len(paper.organ) > 120:
        wrong = "organ"
    elif paper.issued_on > clock.today():
        wrong = "issued_on"
    if wrong:
        raise LinliError(
            "guardianships.incomplete",
            zh="监护文件的信息不完整，或签发日期在今天以后",
            en="What the paper says is incomplete, or its day is still to come.",
            place=Place(field=wrong),
            expected="number, issuing organ and day as they stand on it",
            expected_zh="文件上的文号、签发单位和日期",
            remedy_zh="照文件补全后再提交",
            remedy_en="complete it from the paper and submit again",
        )


def _require_now(valid_from: date, ends: date | None) -> None:
    today = clock.today()
    if valid_from > today or (ends is not None and ends <= today):
        raise LinliError(
            "guardianships.not_now",
            zh="监护关系今天不生效：还没有开始，或者已经结束",
            en="The guardianship does not hold today: it has not begun, or is over.",
            place=Place(field="valid_from" if valid_from > today else "valid_to"),
            remedy_zh="核对起止日期；还没有开始的，到那天再登记",
            remedy_en="check its days; record one that is still to come on its day",
        )


def _require_possible(ward: Resident, guardian: Resident, document: str) -> None:
    """Two living people, the guardian of age and nobody's ward; an agreement is made by adults only (Civil Code, art. 33)."""
    unfit = guardian.deceased_on is not None or guardian.erased_at is not None or is_guarded(guardian)
    gone = ward.deceased_on is not None or ward.erased_at is not None
    if ward.pk == guardian.pk or unfit or gone or (document == "agreement" and comes_of_age(ward) is not None):
        raise LinliError(
            "guardianships.impossible",
            zh="这两个人之间不能登记这样的监护关系",
            en="No such guardianship can be between these two.",
            place=Place(field="document" if document == "agreement" and not (unfit or gone) else "identity"),
            expected="two living people, a guardian of age who has none; by agreement for adults only",
            expected_zh="两人健在，监护人已满十八周岁且本人没有监护人；意定监护只用于成年人",
            remedy_zh="核对双方和文件种类",
            remedy_en="check both people and the kind of paper",
        )


def _require_other_person(viewer: Viewer, guardianship: Guardianship) -> None:
    if viewer.actor == guardianship.recorded_by:
        raise Refused(
            "guardianships.own_record",
            zh="自己受理的监护登记不能由自己确认",
            en="Nobody confirms a guardianship that they recorded.",
            expected="another officer of the county",
            expected_zh="本县（市、区）的另一位工作人员",
            found=viewer.actor,
            remedy_zh="请同事确认",
            remedy_en="ask a colleague to confirm it",
        )
    require_independent(viewer.actor, guardianship.recorded_by)


def _waiting(guardianship: Guardianship) -> Guardianship:
    row = Guardianship.objects.select_for_update(of=("self",)).select_related("ward", "guardian").get(pk=guardianship.pk)
    if row.state != "waiting":
        raise _decided_already("waiting", row.state)
    return row


def _decide(a: Act, row: Guardianship, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, a.viewer.actor, clock.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "reasons"])
    _record(a, row, state)


def _record(a: Act, row: Guardianship, change: str) -> None:
    """The row is in the ward's fact; the guardian's has the words only, so that no fact ties the two."""
    area = county_of(home_of(row.ward))
    about = {"change": change, "document": row.document}
    a.record(facts.GUARDIANSHIP, subject=subject_of(row.ward), payload={**about, "side": "ward"}, rows=[row], area=area)
    a.record(facts.GUARDIANSHIP, subject=subject_of(row.guardian), payload={**about, "side": "guardian"})


def _reasons(text: str) -> str:
    tidy = text.strip()
    if not tidy or len(tidy) > 1000:
        raise LinliError(
            "guardianships.no_reasons",
            zh="请写明理由，双方都会看到；最多一千个字",
            en="Say why, in a thousand characters at most: both sides will read it.",
            place=Place(field="reasons"),
            remedy_zh="写明理由后再提交",
            remedy_en="write the reasons and submit again",
        )
    return tidy


def _require_unknown(ward: Resident, guardian: Resident) -> None:
    if ward.pk in guarded_by(guardian, [ward]):
        raise LinliError(
            "guardianships.known",
            zh="人口登记中已有这一监护关系",
            en="The register has this guardianship already.",
            place=Place(field="identity"),
            remedy_zh="不用凭文件登记：在“本人的代办人”中选“登记的监护人”",
            remedy_en="no paper is needed: choose the registered guardian under who acts for the person",
        )


def _waits_already() -> LinliError:
    return LinliError(
        "guardianships.waiting",
        zh="这两个人的监护登记已经受理，正在等待确认",
        en="This guardianship is on record already and waits to be confirmed.",
        place=Place(field="identity"),
        remedy_zh="等县（市、区）确认；写错了的，请其退回后重新登记",
        remedy_en="wait for the county; if it was written wrong have it refused and record it anew",
    )


def _decided_already(expected: str, found: str) -> LinliError:
    words = {"waiting": "等待确认", "confirmed": "已确认", "refused": "未确认", "revoked": "已撤销"}
    return LinliError(
        "guardianships.decided",
        zh="这项监护登记的状态已经变了",
        en="This guardianship has been decided on meanwhile.",
        expected=expected,
        expected_zh=words[expected],
        found=found,
        found_zh=words[found],
        remedy_zh="刷新页面查看",
        remedy_en="open the page anew",
    )
