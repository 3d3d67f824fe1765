"""What is to be done next with a batch: one thing, said in words, as a button or as the page where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from linli.batches import queries
from linli.batches.acts.approving import shown_first
from linli.batches.acts.drawing import needs_draw
from linli.batches.models import Batch, Check
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.web.frame.counted import counted
from linli.web.templatetags.texts import day

LEAST_SOURCES = 2


@dataclass(frozen=True, slots=True)
class Next:
    """words: what it is about; verb: of the button on the batch's page, or address: of the page where it is done, with its label."""

    words: str
    label: str = ""
    verb: str = ""
    address: str = ""


def next_of(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    """The next step of a batch for whoever looks at it. Three queries at most."""
    found = _STEPS[batch.state](viewer, batch, programme)
    if found.verb or found.address:
        return found if viewer.may("officer", area=batch.area_code, programme=batch.programme) else Next(found.words)
    return found


def _gathering(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    count = queries.listed(batch).count()
    if not count:
        return Next(_("先把到期应发的待遇收进名单。"), _("收录待发放的待遇"), "gather")
    if needs_draw(programme, batch):
        draw = batch.draws.exclude(state="void").first()
        if draw is None:
            return Next(
                _("这个批次要公开抽取。先准备抽取，由两个部门公布承诺，再冻结名单。"), _("准备抽取"), address=_at("draw_begin", batch)
            )
        sources = draw.secrets.count() + (draw.public_draw is not None)
        if sources < LEAST_SOURCES:
            return Next(_("等两个部门公布承诺，然后冻结名单。"), _("公布承诺"), address=reverse("batches:draw", args=[draw.uid]))
    return Next(_("名单收齐后冻结。冻结后不能再加人，移出要写明原因。"), _("冻结名单"), "freeze")


def _frozen(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    draw = batch.draws.exclude(state="void").first()
    if draw is None:
        return Next(_("上一次抽取已作废，请重新准备。名单不变。"), _("准备抽取"), address=_at("draw_begin", batch))
    here = reverse("batches:draw", args=[draw.uid])
    if draw.state == "committing":
        if draw.secrets.count() + (draw.public_draw is not None) < LEAST_SOURCES:
            return Next(_("等两个部门公布承诺。"), _("公布承诺"), address=here)
        return Next(_("承诺已公布，重新公布名单摘要。"), _("公布名单摘要"), "publish")
    if draw.public_draw is not None and not draw.secrets.filter(secret="").exists():
        if draw.outcomes.filter(state="waiting").exists():
            return Next(_("开奖号码已登记，等另一人对照出处确认。确认后当场算出抽取结果。"), _("核对开奖号码"), address=here)
        return Next(_("秘密已公布。开奖以后登记号码，由另一人对照出处确认。"), _("填写开奖号码"), address=here)
    return Next(_("名单摘要已公布。两个部门公布秘密后，当场算出抽取结果。"), _("公布秘密"), address=here)


def _checking(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    listed = Check.objects.filter(item__batch=batch, item__state="listed")
    waiting = listed.filter(result="").count()
    here = f"{reverse('batches:checks')}?batch={batch.uid}"
    if waiting:
        words = counted("还有 %(number)s 份核查没有结果。", number=waiting)
        return Next(words, _("看核查进度"), address=here)
    findings = listed.filter(result="finding", settled="").count()
    if findings:
        words = counted("有 %(number)s 个发现的问题要处理。", number=findings)
        return Next(words, _("处理发现的问题"), address=f"{here}&show=finding")
    if shown_first(programme):
        return Next(_("核查已完成，可以公示。"), _("开始公示"), address=_at("notice_begin", batch))
    return _approval(viewer, batch)


def _notice(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    up = batch.announcements.filter(state="up").first()
    if up is not None and clock.today() <= up.ends_on:
        words = _("正在公示，%(day)s 结束后可以批准。") % {"day": day(up.ends_on)}
        return Next(words, _("看公示"), address=reverse("batches:notice", args=[up.uid]))
    return _approval(viewer, batch)


def _approval(viewer: Viewer, batch: Batch) -> Next:
    if viewer.actor in (batch.opened_by, batch.frozen_by):
        return Next(_("等另一名经办人员批准：经办和批准不能是同一人。"))
    return Next(_("核对下面的金额，没有问题就批准。批准后资金即被锁定。"), _("批准发放"), "approve")


def _paying(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    notice = programme.public_notice
    if notice is not None and notice.place == "after_payment" and not batch.announcements.exclude(state="withdrawn").exists():
        return Next(_("发放后还要公示。"), _("开始公示"), address=_at("notice_begin", batch))
    return Next(_("已批准，钱已留好。发放在“发放”里办；银行答复后，这里能看到结果。"))


def _over(viewer: Viewer, batch: Batch, programme: Programme) -> Next:
    return Next(_("批次已结束。") if batch.state == "closed" else _("批次已作废，名单里的待遇可以重新收录。"))


def _at(name: str, batch: Batch) -> str:
    return reverse(f"batches:{name}", args=[batch.uid])


_STEPS = {
    "gathering": _gathering,
    "frozen": _frozen,
    "checking": _checking,
    "notice": _notice,
    "approved": _paying,
    "paying": _paying,
    "closed": _over,
    "dissolved": _over,
}
