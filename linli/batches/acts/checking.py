"""Checks are done by the office that they were assigned to, findings settled by somebody else."""

from __future__ import annotations

from uuid import UUID

from linli import vault
from linli.agreements import acts as agreements
from linli.agreements.models import FINDING, Slip
from linli.batches import facts, queries
from linli.batches.acts.gathering import mine, take_off
from linli.batches.models import Check
from linli.batches.refusals import refused, require_other, require_state
from linli.casework.acts import open_between_offices
from linli.casework.kinds import AWARD_LOOK
from linli.casework.models import StepTaken
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.registers.models import Resident
from linli.registers.nearness import require_not_near
from linli.trace import act

LONGEST_WORDS = 1000


def record_result(viewer: Viewer, *, check: UUID, result: str, words: str = "") -> Check:
    """Enter what a check found: passed, or a finding with its reasons, once. By an officer of the office it was assigned to.

    Refused to whoever belongs to the person's family, and to whoever made the list, decided the case or stated what is
    paid. Locks the check.
    """
    text = _words(words, required=result == "finding")
    with act(viewer) as current:
        row = _locked(viewer, check)
        if row.result:
            said = ("这份核查已有结果", "This check has a result already.")
            raise refused("checked_already", said, ("刷新页面", "load the page again"), found=row.result)
        if result not in ("passed", "finding"):
            raise refused("result", ("请选择核查结果", "Choose a result."), ("选择一项", "choose one"), field="result", found=result[:20])
        require_not_near(viewer.actor, Resident.objects.filter(uid__in=[row.item.person, row.item.beneficiary]))
        require_other(viewer.actor, _makers(row), ("核查", "A check"))
        row.result, row.done_at, row.done_by = result, clock.now(), viewer.actor
        row.cipher = vault.protect(row.subject, {"words": text}).get("words", "")
        row.save(update_fields=["result", "done_at", "done_by", "cipher"])
        payload = {"batch": str(row.item.batch.uid), "kind": row.kind, "result": result}
        current.record(
            facts.CHECKED, subject=str(row.item), payload=payload, area=row.item.area_code, rows=[row], also=[str(row.item.batch)]
        )
    return row


def _makers(check: Check) -> tuple[str, ...]:
    """Whoever opened or froze the list, decided the item's case or stated what is paid of it. Two queries."""
    batch, award = check.item.batch, check.item.award_id
    signed = StepTaken.objects.filter(case__award=award, kind="decide").values_list("signatures", flat=True)
    decided = (one["actor"] for signatures in signed for one in signatures)
    stated = Slip.objects.filter(award=award, period=batch.period).values_list("stated_by", flat=True)
    return tuple({batch.opened_by, batch.frozen_by, *decided, *stated} - {""})


def settle_finding(viewer: Viewer, *, check: UUID, how: str, words: str) -> Check:
    """Settle a finding, with reasons, by somebody other than whoever found it: cleared, or upheld, which takes the item off the list and
    lets the award rest until its case has been looked at again. Locks the batch and the check."""
    text = _words(words, required=True)
    with act(viewer) as current:
        known = queries.check(viewer, check)
        batch = mine(viewer, known.item.batch.uid, "checking", "notice")
        row = Check.objects.select_for_update(of=("self",)).select_related("item__award", "item__batch").get(uid=check)
        if row.result != "finding" or row.settled:
            said = ("没有待处理的问题", "There is no finding to be settled.")
            raise refused("no_finding", said, ("刷新页面", "load the page again"))
        if how not in ("cleared", "upheld"):
            raise refused("how", ("请选择处理结果", "Choose how it is settled."), ("选择一项", "choose one"), field="how", found=how[:20])
        require_other(viewer.actor, (row.done_by,), ("核查发现的问题", "A finding"))
        require_not_near(viewer.actor, Resident.objects.filter(uid__in=[row.item.person, row.item.beneficiary]))
        row.settled, row.settled_at, row.settled_by = how, clock.now(), viewer.actor
        row.settled_cipher = vault.protect(row.subject, {"words": text})["words"]
        row.save(update_fields=["settled", "settled_at", "settled_by", "settled_cipher"])
        payload = {"batch": str(batch.uid), "how": how}
        current.record(facts.SETTLED, subject=str(row.item), payload=payload, area=row.item.area_code, rows=[row], also=[str(batch)])
        if how == "upheld" and row.item.state == "listed":
            take_off(current, batch, row.item, "finding")
            agreements.change(viewer, row.item.award.uid, "suspended", FINDING)
            about, who = row.item.award.case, resident_of(row.item.award.person)
            open_between_offices(viewer, who, about.area_code, AWARD_LOOK, text, about.receipt, queries.programme_of(batch))
    return row


def _locked(viewer: Viewer, uid: UUID) -> Check:
    queries.check(viewer, uid)
    row = Check.objects.select_for_update(of=("self",)).select_related("item__batch").get(uid=uid)
    viewer.require("officer", area=row.desk_code, programme=row.item.programme)
    require_state(row.item.batch, "checking", "notice")
    if row.item.state != "listed":
        raise refused("not_listed", ("这一笔已不在名单上", "This item isn't on the list any more."), ("刷新页面", "load the page again"))
    return row


def _words(words: str, *, required: bool) -> str:
    text = words.strip()
    if required and not text:
        raise refused(
            "no_reasons", ("请写明理由", "Say why."), ("写明查到了什么、依据什么", "say what was found and on what ground"), field="words"
        )
    if len(text) > LONGEST_WORDS:
        problem: LinliError = refused(
            "too_many_words",
            ("文字太长", "The text is too long."),
            ("请写得短一些", "please shorten it"),
            field="words",
            found=str(len(text)),
        )
        raise problem
    return text
