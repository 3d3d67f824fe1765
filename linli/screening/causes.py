"""Which fact made the difference for the people of one page: newly found or newly lost since the screening before.

comparing.py compares whole runs from their files. Here both days are asked again for a few subjects only, by index, with what
was known then: the cost does not depend on the size of the city. Shown is what the conditions that turned have read, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
from django.conf import settings

from linli.kernel.dates import age_on
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.naming import naming
from linli.programmes.queries import programme_of
from linli.registers import snapshot
from linli.registers.models import Resident
from linli.registers.snapshot import Family
from linli.rules import Label, evaluate_frame, tree
from linli.rules.declare import BUILT_IN, Dated
from linli.rules.explain import MISSING_OWNERS, missing_label
from linli.rules.live import carried
from linli.rules.tree import Node, Type
from linli.rules.words import Speaker
from linli.screening import readings
from linli.screening.evaluation import DEFAULT_KIND, evaluate_few
from linli.screening.models import Run

Row = Mapping[str, Any]
Rows = Mapping[Any, Row]
AGE = Label("年龄", "age")
VERSION = Label("政策版本", "programme version")
DAY = Label("截至日期", "as of")
ALIVE = Label("在世", "living")
ON_RECORD = Label("在册", "on the register")
MEMBERS = {"household": Label("家庭人数", "members of the household"), "family": Label("亲属人数", "number of relatives")}
YES, NO = Label("是", "yes"), Label("否", "no")


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is not what it was. fact: its name, "" for what is no fact. before, after: in words; None is unknown."""

    fact: str
    label: Label
    before: Label | None
    after: Label | None


@dataclass(frozen=True, slots=True)
class _Side:
    """What one run read and answered. states: condition by condition, by subject."""

    run: Run
    programme: Programme
    family: Family | None
    organisations: Rows
    states: Mapping[str, Mapping[str, bool | None]]

    @property
    def day(self) -> date:
        """The day on which the rule takes ages and dated values."""
        return self.programme.rule.as_of.on(self.run.as_of)

    def rows(self, scope: str, subject: str) -> Rows | None:
        """Facts of the subject itself, its household's members or its relatives, each under its own key; None: not known."""
        if self.family is None:
            return {"": self.organisations[subject]}
        kind = self.programme.household_kind or DEFAULT_KIND
        if self.programme.subject == "household":
            members = self.family.members_of(subject, kind)
            return {"": self.family.households[subject]} if scope == "subject" else _by(members, "person_id") or None
        home = self.family.household_of(subject, kind)
        if scope == "subject":
            return {"": {**(home or {}), **self.family.people[subject]}}
        if scope == "household":
            return _by(self.family.members_of(home["household_id"], kind), "person_id") if home else None
        relatives = self.family.relatives_of(subject)
        return None if relatives is None else _by(relatives, "person_id", "relation")


def _by(rows: Sequence[Row], *keys: str) -> Rows:
    return {tuple(row[key] for key in keys): row for row in rows}


def run_before(run: Run) -> Run | None:
    """The screening of the same programme that was brought in line before this one. One query."""
    return Run.objects.filter(programme=run.programme, merged=True, id__lt=run.pk).order_by("-id").first()


def causes(viewer: Viewer, run: Run, before: Run, subjects: Sequence[UUID]) -> dict[UUID, tuple[Cause, ...]]:
    """What made the difference for each subject. At most a dozen statements, however many subjects; keep it to a page of them.

    Whom the viewer may see at all is the caller's query; readings of sensitive facts are recorded.

    Empty for whom both runs give the same answer: the register changed back, or another change was screened in between.
    """
    if not subjects:
        return {}
    old, new = _look(before, subjects), _look(run, subjects)
    living = _died([one for one in subjects if str(one) in old.states and str(one) not in new.states])
    found = {one: tuple(_causes(str(one), old, new, dead=one in living)) for one in subjects}
    if new.programme.subject == "person":
        readings.note(viewer, ((one, cause.fact) for one, each in found.items() for cause in each))
    return found


def _look(run: Run, subjects: Sequence[UUID]) -> _Side:
    programme = programme_of(ProgrammeVersion.objects.get(slug=run.programme, version=run.programme_version))
    if programme.subject == "organisation":
        rows = snapshot.organisation_facts(subjects, as_of=run.as_of, known_at=run.known_at)
        frame = pl.DataFrame(list(rows.values()), infer_schema_length=None)
        told = evaluate_frame(programme.rule, frame, as_of=run.as_of) if rows else frame
        return _Side(run, programme, None, rows, _states(told))
    people, homes = ([], subjects) if programme.subject == "household" else (subjects, [])
    family = snapshot.facts_for(people, households=homes, as_of=run.as_of, known_at=run.known_at)
    return _Side(run, programme, family, {}, _states(evaluate_few(programme, family, run.as_of)))


def _states(frame: pl.DataFrame) -> dict[str, dict[str, bool | None]]:
    named = [name for name in frame.columns if name.startswith("condition.")]
    return (
        {
            str(row["subject_id"]): {name.removeprefix("condition."): row[name] for name in named}
            for row in frame.select("subject_id", *named).iter_rows(named=True)
        }
        if frame.height
        else {}
    )


def _died(subjects: Sequence[UUID]) -> set[UUID]:
    """Who of them died. At most one query."""
    if not subjects:
        return set()
    return set(Resident.objects.filter(uid__in=subjects, deceased_on__isnull=False).values_list("uid", flat=True))


def _causes(subject: str, old: _Side, new: _Side, *, dead: bool) -> Iterator[Cause]:
    was, now = subject in old.states, subject in new.states
    if was and now:
        yield from _changed(subject, old, new)
    elif was or now:
        yield Cause("", ALIVE if dead else ON_RECORD, YES if was else NO, YES if now else NO)


def _changed(subject: str, old: _Side, new: _Side) -> Iterator[Cause]:
    before, after = old.states[subject], new.states[subject]
    turned = [item for item in new.programme.rule.conditions if before.get(item.id) is not after[item.id]]
    other_version = old.run.programme_digest != new.run.programme_digest
    if other_version:
        versions = (old.run.programme_version, new.run.programme_version)
        yield Cause("", VERSION, *(Label(version, version) for version in versions))
    parts = dict.fromkeys(part for item in turned for part in tree.walk(item.node))
    found = dict.fromkeys(cause for part in parts for cause in _of_part(part, subject, old, new))
    yield from found
    if turned and not found and not other_version and old.day != new.day:
        yield Cause("", DAY, *(Label(str(day), str(day)) for day in (old.day, new.day)))


def _of_part(part: Node, subject: str, old: _Side, new: _Side) -> Iterator[Cause]:
    if isinstance(part, tree.Age):
        yield from _ages(part, subject, old, new)
    elif isinstance(part, tree.FactOf | tree.Holds):
        name = part.name if isinstance(part, tree.FactOf) else f"holds.{part.slug}"
        for owner, before, after in _pairs(part.scope, subject, old, new):
            if before.get(name) != after.get(name):
                said = (_said(name, row.get(name), part.type, new) for row in (before, after))
                yield Cause(name, _owned(owner, missing_label(new.programme.rule, name, naming(settings.LINLI_CITY))), *said)
    elif isinstance(part, tree.Aggregate):
        yield from _numbers(part.group, subject, old, new)
    else:
        yield from _dated(part, old, new)


def _pairs(scope: str, subject: str, old: _Side, new: _Side) -> Iterator[tuple[str, Row, Row]]:
    """Each one of the scope that both sides know, before and after, with whose it is: a person is no member beside themselves."""
    before, after = old.rows(scope, subject) or {}, new.rows(scope, subject) or {}
    for key in before:
        if key in after:
            yield "subject" if subject in key else scope, before[key], after[key]


def _owned(whose: str, label: Label) -> Label:
    owner = MISSING_OWNERS.get(whose)
    return Label(f"{owner.zh}的{label.zh}", f"{owner.en}: {label.en}") if owner else label


def _said(name: str, value: Any, kind: Type, side: _Side) -> Label | None:
    """A fact's value in words."""
    if value is None:
        return None
    declarations = side.programme.rule.declarations
    declared = declarations.facts.get(name) or BUILT_IN.get(name)
    whole = carried(name, value, kind, declared)
    return Label(*(Speaker(declarations, language).value(whole, kind, declared) for language in ("zh", "en")))


def _ages(part: tree.Age, subject: str, old: _Side, new: _Side) -> Iterator[Cause]:
    if not isinstance(part.birth, tree.FactOf):
        return
    name, scope = part.birth.name, part.birth.scope
    label = AGE
    if name != "birth_date":
        of = missing_label(new.programme.rule, name)
        label = Label(f"自{of.zh}起的周年数", f"completed years since {of.en}")
    for owner, before, after in _pairs(scope, subject, old, new):
        years = [None if row.get(name) is None else age_on(row[name], side.day) for row, side in ((before, old), (after, new))]
        if years[0] != years[1]:
            yield Cause("", _owned(owner, label), *(None if each is None else Label(str(each), str(each)) for each in years))


def _numbers(group: str, subject: str, old: _Side, new: _Side) -> Iterator[Cause]:
    """Who belongs to the household or the family, as a number; None where it is not known."""
    before, after = old.rows(group, subject), new.rows(group, subject)
    if (before and before.keys()) != (after and after.keys()):
        yield Cause("", MEMBERS[group], *(None if rows is None else Label(str(len(rows)), str(len(rows))) for rows in (before, after)))


def _dated(part: Node, old: _Side, new: _Side) -> Iterator[Cause]:
    """A value that the programme itself sets and that another day or another version changed."""
    named = _DATED.get(type(part))
    if named is None:
        return
    kind, attribute = named
    declared = [getattr(side.programme.rule.declarations, kind).get(getattr(part, attribute)) for side in (old, new)]
    if declared[0] is None:
        return
    values = [each.dated.on(side.day) for each, side in zip(declared, (old, new), strict=True)]
    if values[0] != values[1]:
        sides = zip(values, declared, (old, new), strict=True)
        said = [_amount(value, each.type, side) if kind == "parameters" else _since(each.dated, side.day) for value, each, side in sides]
        yield Cause("", declared[1].label, *said)


_DATED: dict[type[Node], tuple[str, str]] = {
    tree.Parameter: ("parameters", "name"),
    tree.Lookup: ("tables", "table"),
    tree.Bracket: ("scales", "scale"),
    tree.Marginal: ("scales", "scale"),
}


def _amount(value: Any, kind: Type, side: _Side) -> Label:
    declarations = side.programme.rule.declarations
    return Label(*(Speaker(declarations, language).value(value, kind) for language in ("zh", "en")))


def _since(dated: Dated[Any], day: date) -> Label:
    """A whole table is said by the day from which it holds."""
    first = max(period.first for period in dated.periods if period.first <= day)
    return Label(f"{first} 起的数值", f"as set from {first}")
