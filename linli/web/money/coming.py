"""The next payment in words: of which period, how much, from which day on and what has to happen before; for every page that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from linli.batches.coming import Coming
from linli.kernel import clock
from linli.programmes.declaration import Programme
from linli.web.templatetags.texts import day, period_words, yuan


@dataclass(frozen=True, slots=True)
class Next:
    """title: first or next payment; period, amount, when: a sentence each."""

    title: str
    period: str
    amount: str
    when: str


def said(found: Coming, programme: Programme) -> Next:
    """The next payment as the person, a clerk and who calls are told it. No query."""
    title = _("第一次发放") if found.first else _("下一次发放")
    return Next(title, _period(found), _amount(found), _when(found, programme))


def _period(found: Coming) -> str:
    if not found.period:
        return _("按学期发放，学期从哪天到哪天由经办单位公布")
    named = period_words(found.period)
    if found.begins is None or found.ends is None:
        return named
    told = {"period": named, "begins": day(found.begins), "ends": day(found.ends)}
    if found.since is not None:
        return _("%(period)s（%(begins)s至%(ends)s），待遇从%(since)s起算") % {**told, "since": day(found.since)}
    return _("%(period)s（%(begins)s至%(ends)s）") % told


def _amount(found: Coming) -> str:
    if found.fen is None:
        return _("按这一期的实际情况核算")
    if found.partial and found.period != "once":
        whole = {"fen": yuan(found.fen), "whole": yuan(found.whole_fen)}
        return _("%(fen)s（不足一期，按天折算）；满一期的每次 %(whole)s") % whole
    return yuan(found.fen)


def _when(found: Coming, programme: Programme) -> str:
    if found.stage:
        return _listed(found, programme)
    if found.ready_on is not None and found.ready_on > clock.today():
        if found.ends is None or found.ready_on <= found.ends:
            return _("%(day)s起列入发放名单。具体到账日子没有文件写明，银行说到账了就告诉您。") % {"day": day(found.ready_on)}
        return _("这一期结束后核算，%(day)s起列入发放名单。具体到账日子没有文件写明，银行说到账了就告诉您。") % {"day": day(found.ready_on)}
    return _("等经办单位编制发放名单。具体到账日子没有文件写明，银行说到账了就告诉您。")


def _listed(found: Coming, programme: Programme) -> str:
    if found.shown_until is not None:
        return shown(found.shown_until, programme)
    if found.stage == "checking":
        return _("已经列入发放名单，正在核查。")
    if found.stage == "notice":
        return _("公示期已满，等批准发放。")
    if found.stage in ("approved", "paying"):
        return _("已经批准，正在办理发放。银行说到账了就告诉您。")
    return _("已经列入发放名单，正在核对。")


def shown(until: date, programme: Programme) -> str:
    """Until when a public notice hangs, and what comes then."""
    place = programme.public_notice.place if programme.public_notice else ""
    told = {"day": day(until)}
    if place == "before_decision":
        return _("正在公示，到%(day)s（含当天）为止。没有异议的，接着作决定。") % told
    if place == "after_payment":
        return _("正在公示，到%(day)s（含当天）为止。钱照常发放。") % told
    return _("正在公示，到%(day)s（含当天）为止。没有异议的，接着批准发放。") % told
