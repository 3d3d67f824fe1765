"""Where facts come from, in words: registers; of what an application states somebody's word, what the office found, or a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from linli.casework.documents.queries import label_of
from linli.casework.models import Document
from linli.entitlements.models import Application
from linli.entitlements.told import Told
from linli.kernel.clock import SHANGHAI
from linli.programmes.declaration import Material, Programme
from linli.registers.lists import load_lists
from linli.rules.declare import Label
from linli.rules.explain import ConditionExplained, FactUsed
from linli.rules.phrases import PHRASES
from linli.screening.explaining import Reasons
from linli.screening.explaining import Told as SaidBy

STATED_BY = {"person": Label("本人承诺", "the person's word"), "office": Label("经办单位查明", "found by the office")}
_DOCUMENT = "document:"


def stated_by(application: Application, programme: Programme, told: Told) -> dict[str, Label]:
    """By fact. One query where a document shows any of them."""
    materials = {one.id: one for one in programme.materials}
    wanted = {UUID(who.removeprefix(_DOCUMENT)) for who in told.by.values() if who.startswith(_DOCUMENT)}
    papers = Document.objects.filter(case=application.case_id, uid__in=wanted) if wanted else []
    named = {f"{_DOCUMENT}{one.uid}": one for one in papers}
    return {name: _words(who, named.get(who), materials) for name, who in told.by.items()}


def _words(who: str, paper: Document | None, materials: Mapping[str, Material]) -> Label:
    if paper is None:
        return STATED_BY.get(who, STATED_BY["office"])
    label, day = label_of(paper, dict(materials)), paper.given_at.astimezone(SHANGHAI).date()
    return Label(f"材料“{label.zh}”，{day} 交", f"document “{label.en}”, given on {day}")


def sources_of(condition: ConditionExplained, reasons: Reasons, stated: Mapping[str, Label]) -> list[tuple[str, str]]:
    """What a condition rests on, in words (zh, en), each once and never whose: by fact what the application rests on, else the registers.

    stated: see stated_by().
    """
    known = [fact for fact in condition.facts if fact.value is not None]
    found: list[tuple[str, str]] = []
    for name in dict.fromkeys(fact.name for fact in known):
        each = [fact for fact in known if fact.name == name]
        if name in stated and not any(fact.who for fact in each):
            found.append((stated[name].zh, stated[name].en))
        else:
            found.extend(_registered(each, reasons))
    return list(dict.fromkeys(found))


def _registered(each: Sequence[FactUsed], reasons: Reasons) -> list[tuple[str, str]]:
    """What registers say one fact of one or more people: since when the first of them is on the list; that they aren't, only
    where nobody is."""
    told = [(fact, reasons.told_of.get((fact.who, fact.name)) if fact.who else reasons.told.get(fact.name)) for fact in each]
    said = [(fact, one) for fact, one in told if one is not None]
    listed = [(fact, one) for fact, one in said if not _is_off(fact, one)]
    first: dict[tuple[str | None, str | None, bool], tuple[FactUsed, SaidBy]] = {}
    for fact, one in sorted(listed or said, key=lambda each: each[1].true_since or date.max):
        first.setdefault((one.source.list, one.source.column, bool(fact.who)), (fact, one))
    return [_source(fact, one, reasons.facts_on) for fact, one in first.values()]


def _is_off(fact: FactUsed, told: SaidBy) -> bool:
    """Whether it is said that somebody is not on a list."""
    return told.source.list is not None and told.source.column is None and fact.value is not None and fact.value.en == PHRASES["no"][1]


def _source(fact: FactUsed, told: SaidBy, day: date) -> tuple[str, str]:
    """day: as of which it was looked up. The days of others in the population register, of birth or a move, are nobody's business."""
    source, since = told.source, told.true_since
    if source.list is None:
        if fact.who or since is None:
            return "人口登记", "population register"
        return f"人口登记，{day_words(since)}", f"population register, {since}"
    listed = load_lists(settings.LINLI_CITY)[source.list]
    zh, en = f"{source.owner_zh}“{listed.zh}”", f"{source.owner_en}, {listed.en}"
    if _is_off(fact, told):
        return f"{zh}，截至{day_words(day)}不在名单中", f"{en}: not on it on {day}"
    return (f"{zh}，{day_words(since)}起", f"{en}, since {since}") if since else (zh, en)


def day_words(day: date) -> str:
    """A day as a Chinese letter says it."""
    return f"{day.year}年{day.month}月{day.day}日"
