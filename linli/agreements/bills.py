"""The papers that slips are stated from: scans in the case of an award, looked at by somebody else than states what they show."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from linli.agreements.models import Award, Slip
from linli.casework.desks import require_impartial
from linli.casework.documents import acts as documents
from linli.casework.models import Document
from linli.kernel.errors import LinliError, Place
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import ACCOUNT
from linli.programmes.procedure.declaration import Payment
from linli.programmes.queries import pinned

PART = "evidence"


def give_bill(viewer: Viewer, award: UUID, content: bytes, *, key: str | None = None) -> Document:
    """Put the scan of a bill into the case of an award, also after that has ended; another officer looks at it before it counts.

    For officers of the case's area and programme. As documents.acts.give().
    """
    row = Award.objects.select_related("case").get(uid=award)
    viewer.require("officer", area=row.case.area_code, programme=row.programme)
    require_impartial(viewer, row.case)
    return documents.give(viewer, row.case.uid, "", content, part=PART, key=key, ended=True)


def bills_of(award: Award, period: str) -> list[Document]:
    """Papers of the award's case that a slip of the period may name: accepted, and of no other period. Two queries."""
    elsewhere = Slip.objects.filter(paper__isnull=False, award=award).exclude(period=period).values("paper")
    return list(_papers(award).filter(check_result="accepted").exclude(pk__in=elsewhere).order_by("-id"))


def _papers(award: Award) -> QuerySet[Document]:
    """What was handed in as a bill, or with the application: materials that nothing else stands for, but where to pay. One query."""
    materials = pinned(award.programme, award.programme_version).materials
    given = [one.id for one in materials if one.exempt == "none" and one.id != ACCOUNT.id]
    return Document.objects.filter(Q(part=PART) | Q(part="material", material__in=given), case=award.case_id)


def require_bill(viewer: Viewer, award: Award, period: str, paper: UUID) -> Document:
    """The paper that a slip is stated from. Raises LinliError where it isn't in the case, nobody has accepted it, the viewer has, or it was
    the slip of another period. Three queries."""
    found = _papers(award).filter(uid=paper).first()
    if found is None or found.check_result != "accepted":
        raise LinliError(
            "agreements.slip_paper",
            zh="凭证还没有上传，或还没有审核合格",
            en="The slip's paper isn't in the case, or nobody has accepted it.",
            place=Place(field="paper"),
            expected="a paper of the case that was accepted",
            expected_zh="事项中审核合格的一份凭证",
            found="none" if found is None else found.check_result or "unchecked",
            found_zh="没有" if found is None else "不合格" if found.check_result else "等审核",
            remedy_zh="上传凭证，请同事在事项的材料页面审核",
            remedy_en="hand in the scan, and let a colleague check it among the papers of the case",
        )
    if found.checked_by == viewer.actor:
        raise LinliError(
            "agreements.slip_own_check",
            zh="审核这份凭证的人不能登记它的金额",
            en="Whoever accepted the paper doesn't state what it shows.",
            place=Place(field="paper"),
            expected="another officer",
            expected_zh="另一名经办人员",
            remedy_zh="请同事登记",
            remedy_en="let a colleague state it",
        )
    other = Slip.objects.filter(award=award, paper=found).exclude(period=period).first()
    if other is not None:
        raise LinliError(
            "agreements.slip_paper_again",
            zh="这份凭证已经用于另一期",
            en="This paper was the slip of another period.",
            place=Place(field="paper"),
            expected="a paper of its own for each period",
            expected_zh="每期各有凭证",
            found=other.period,
            remedy_zh="选择本期的凭证",
            remedy_en="choose the paper of this period",
        )
    return found


def require_within(award: Award, fen: int) -> None:
    """Raise LinliError where a bill is above what may be paid for a period: as the programme's file says, else the award's own amount. What
    neither says is asked of whoever opens the batch, and the batch's reconciliation then holds against it. One query."""
    payment = pinned(award.programme, award.programme_version).payment
    most = slip_cap(payment, award.amount_fen) if payment is not None and payment.reckoned == "slips" else None
    if most is not None and fen > most:
        raise LinliError(
            "agreements.slip_over",
            zh="金额超过每期上限",
            en="The amount is above the most for one period.",
            place=Place(field="fen"),
            expected=f"≤ {yuan_text(most)}",
            found=yuan_text(fen),
            remedy_zh="按上限登记；凭证有误的，请开具单位更正",
            remedy_en="state the most that is paid; have the slip corrected if it is wrong",
        )


def slip_cap(payment: Payment, amount_fen: int | None) -> int | None:
    """The most of one period's slip, in fen: the file's, else the award's amount; None where neither says."""
    return payment.slip_cap if payment.slip_cap is not None else amount_fen
