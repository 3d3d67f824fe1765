"""Why an application wasn't approved at once (秒批), in words: plain ones for the person, the exact conditions for the office."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from linli.entitlements.models import Application
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import STEP_KINDS
from linli.registers.lists import load_lists
from linli.rules.declare import Label
from linli.web.templatetags.texts import day, words, yuan

Bar = Mapping[str, Any]


def held_up(application: Application, programme: Programme, *, exact: bool = False) -> list[str]:
    """A sentence for each thing that was in the way on the day of the application; none of what was approved at once, or is of a programme
    that approves nothing at once. exact: with the figures and the condition as the rule has it, for the office. No query."""
    if application.automatic:
        return []
    return [_SAID[bar["code"]](bar, programme, exact) for bar in application.held_up or ()]


def _steps(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("这项政策还要经过：%(what)s") % {"what": _all(STEP_KINDS[one] for one in bar["names"])}


def _officers(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("这项政策要由两名工作人员先后签字")


def _had_before(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("以前领过这项一次性待遇，要由工作人员核对是不是另一件事")


def _not_met(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("按现在登记的信息，这些条件不符合：%(what)s") % {"what": _all(_conditions(bar, programme, exact))}


def _unknown(bar: Bar, programme: Programme, exact: bool) -> str:
    if not bar["names"]:
        return _("有的条件还没有查明")
    return _("这些条件还没有查明：%(what)s") % {"what": _all(_conditions(bar, programme, exact))}


def _no_amount(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("金额要按每期的实际情况核算")


def _nothing_to_pay(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("按规则算出的金额不大于零，要由工作人员核对")


def _over_cap(bar: Bar, programme: Programme, exact: bool) -> str:
    if exact:
        return _("每次 %(fen)s，超过秒批上限 %(cap)s") % {"fen": yuan(bar["fen"]), "cap": yuan(bar["cap"])}
    return _("金额超过了这项政策当场批准的上限（%(cap)s）") % {"cap": yuan(bar["cap"])}


def _to_give(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("还有材料要交：%(what)s") % {"what": _all(_materials(bar, programme))}


def _promised(bar: Bar, programme: Programme, exact: bool) -> str:
    return _("这些是您作出承诺的，要由工作人员核对：%(what)s") % {"what": _all(_materials(bar, programme))}


def _no_register(bar: Bar, programme: Programme, exact: bool) -> str:
    declared = programme.rule.declarations.facts
    named = (declared[one].label if one in declared else Label(one, one) for one in bar["names"])
    return _("这些信息没有部门登记：%(what)s") % {"what": _all(named)}


def _stale(bar: Bar, programme: Programme, exact: bool) -> str:
    lists = load_lists(settings.LINLI_CITY)
    what = _all(Label(lists[one].zh, lists[one].en) if one in lists else Label(one, one) for one in bar["names"])
    told = {"what": what, "number": bar["days"]}
    if not exact:
        return _("“%(what)s”超过 %(number)s 天没有更新，要再核实一次") % told
    if bar["day"] is None:
        return _("“%(what)s”没有这个地方的名单，要求 %(number)s 天以内") % told
    said = {**told, "day": day(date.fromisoformat(bar["day"]))}
    return _("“%(what)s”最近一份截至 %(day)s，要求 %(number)s 天以内") % said


_SAID: dict[str, Callable[[Bar, Programme, bool], str]] = {
    "steps": _steps,
    "officers": _officers,
    "had_before": _had_before,
    "not_met": _not_met,
    "unknown": _unknown,
    "no_amount": _no_amount,
    "nothing_to_pay": _nothing_to_pay,
    "over_cap": _over_cap,
    "to_give": _to_give,
    "promised": _promised,
    "no_register": _no_register,
    "stale": _stale,
}


def _conditions(bar: Bar, programme: Programme, exact: bool) -> Iterator[Label]:
    """Their author's words, or for the office with the condition's own name."""
    labels = {one.id: one.label for one in programme.rule.conditions}
    for name in bar["names"]:
        label = labels.get(name, Label(name, name))
        yield Label(f"{label.zh}（{name}）", f"{label.en} ({name})") if exact and label.zh != name else label


def _materials(bar: Bar, programme: Programme) -> Iterator[Label]:
    labels = {one.id: one.label for one in programme.materials}
    for name in bar["names"]:
        yield labels.get(name, Label(name, name))


def _all(labels: Any) -> str:
    return _("、").join(words(one) for one in labels)
