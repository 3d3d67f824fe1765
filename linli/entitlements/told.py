"""What an application states that no register holds: by the person's word, or found by the office; and the day that it is about.

Kept as ciphertext under the person's key. A register's word goes before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from linli import vault
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer, system
from linli.programmes.declaration import Programme
from linli.registers.lists import find_list, load_lists, sources
from linli.registers.models import Resident
from linli.rules.declare import BUILT_IN, FactDeclaration, Label
from linli.rules.tree import Type

READING = system("entitlements.reckon")
PURPOSE = "entitlements.reckon"
FIELD = "answers"


@dataclass(frozen=True, slots=True)
class Told:
    """facts: by name, money in fen, dates as date. by: who stated each: "person", "office", or "document:<uid>", the paper that shows it.

    event: the day that the case is about.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    by: Mapping[str, str] = field(default_factory=dict)
    event: date | None = None

    def sealed(self, person: UUID) -> str:
        """As ciphertext under the person's key, "" for nothing."""
        if not self.facts and self.event is None:
            return ""
        plain = {
            "facts": {name: str(one) if isinstance(one, date) else one for name, one in self.facts.items()},
            "by": dict(self.by),
            "event": str(self.event) if self.event else None,
        }
        return vault.protect(person, {FIELD: json.dumps(plain, ensure_ascii=False, sort_keys=True)})[FIELD]


NOTHING = Told()


def told_of(row: Application, programme: Programme, *, viewer: Viewer = READING, purpose: str = PURPOSE) -> Told:
    """What an application states; the reading, the system's own where no other is named, is recorded for the person. Two queries where
    there is anything."""
    if not row.answers_cipher:
        return NOTHING
    return _read(_readable(programme), vault.reveal(viewer, purpose=purpose, subject=row.person, fields={FIELD: row.answers_cipher})[FIELD])


def of_awards(programme: Programme, awards: Collection[int]) -> dict[int, Told]:
    """told_of() of the applications that led to awards, by the awards' keys, of those that state anything and weren't erased. Three
    queries, whatever their number."""
    gone = Resident.objects.filter(uid=OuterRef("person"), erased_at__isnull=False)
    rows = Application.objects.filter(~Exists(gone), case__award__in=awards).exclude(answers_cipher="")
    found = list(rows.values_list("case__award", "person", "answers_cipher"))
    people = [(person, {FIELD: cipher}) for _award, person, cipher in found]
    plain = vault.reveal_many(READING, purpose=PURPOSE, people=people) if people else []
    declared = _readable(programme)
    return {award: _read(declared, one[FIELD]) for (award, _person, _cipher), one in zip(found, plain, strict=True)}


def _readable(programme: Programme) -> dict[str, FactDeclaration]:
    return shown_facts(programme) | open_facts(programme)


def _read(declared: Mapping[str, FactDeclaration], text: str) -> Told:
    plain = json.loads(text)
    facts = {name: value_of(declared[name], one) for name, one in plain["facts"].items() if name in declared}
    return Told(facts, plain["by"], date.fromisoformat(plain["event"]) if plain["event"] else None)


def open_facts(programme: Programme) -> dict[str, FactDeclaration]:
    """The facts that an application may state: those that the rule reads of the subject and no register of the city holds, and those that
    a registration writes onto its list."""
    city = Path(settings.LINLI_CITY)
    held, declared = sources(city), programme.rule.declarations.facts
    read = {name: declared[name] for name in programme.rule.facts_used if name in declared and name not in held and name not in BUILT_IN}
    written = programme.particulars.registers
    columns = find_list(load_lists(city), written.list).fact_columns if written else ()
    own = {one.fact: one for one in columns if one.fact and written and one.fact in written.facts}
    wrote = {name: FactDeclaration(name, Type(one.type), Label(one.zh, one.en), values=one.values) for name, one in own.items()}
    return dict(sorted({**wrote, **read}.items()))


def shown_facts(programme: Programme, material: str = "") -> dict[str, FactDeclaration]:
    """The facts of the rule that papers of the programme show, or one of them: an office reads them there where the registers say nothing.

    What the population register says (age, sex, where somebody lives) is corrected there.
    """
    declared = programme.rule.declarations.facts
    shown = {name for one in programme.materials if material in ("", one.id) for name in one.gives}
    return {name: declared[name] for name in sorted(shown & programme.rule.facts_used & declared.keys() - BUILT_IN.keys())}


def by_word(programme: Programme) -> frozenset[str]:
    """Those of them that the person may state: a promise stands for the paper that shows them."""
    return frozenset(fact for one in programme.materials if one.exempt == "commitment" for fact in one.gives) & set(open_facts(programme))


def stated(programme: Programme, given: Mapping[str, Any], *, by: str, before: Told = NOTHING, material: str = "") -> Told:
    """What was told before, and now. by: "person", who may state what a promise stands for, "office", or a document of a material, which
    shows what the material gives. Raises LinliError for others."""
    declared = shown_facts(programme, material) if material else open_facts(programme)
    allowed = by_word(programme) if by == "person" else frozenset(declared)
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise LinliError(
            "entitlements.not_to_state",
            zh="这项信息不能在申请中填报",
            en="This can't be stated in an application.",
            place=Place(field=unknown[0]),
            expected=", ".join(sorted(allowed)) or "nothing",
            expected_zh="、".join(declared[name].label.zh for name in sorted(allowed)) or "没有可填报的信息",
            found=", ".join(unknown),
            remedy_zh="登记有误的，请提出异议更正",
            remedy_en="where a record is wrong, say so there",
        )
    facts = {name: value_of(declared[name], one) for name, one in given.items() if one is not None}
    return Told({**before.facts, **facts}, {**before.by, **dict.fromkeys(facts, by)}, before.event)


def value_of(declared: FactDeclaration, value: Any) -> Any:
    """A value as the rules carry it. Raises LinliError for one that the fact's declaration doesn't allow."""
    kind = declared.type.kind
    fits = {
        "boolean": lambda: isinstance(value, bool),
        "integer": lambda: isinstance(value, int) and not isinstance(value, bool),
        "money": lambda: isinstance(value, int) and not isinstance(value, bool),
        "text": lambda: isinstance(value, str) and (not declared.values or value in declared.values),
        "date": lambda: isinstance(value, date),
    }
    if kind == "date" and isinstance(value, str):
        value = _day(value)
    if kind not in fits or not fits[kind]():
        raise LinliError(
            "entitlements.bad_value",
            zh="填写的内容不符合要求",
            en="This is no value of the fact.",
            place=Place(field=declared.name),
            expected=", ".join(declared.values) or kind,
            found=str(value)[:60],
            remedy_zh="按提示重新填写",
            remedy_en="fill it in as the form says",
        )
    return value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def require_event(programme: Programme, event: date | None) -> date | None:
    """The day that the case is about, where the programme asks for one. Raises LinliError for none, one to come, or one too long ago."""
    asked = programme.particulars.event
    if asked is None:
        return None
    today = clock.today()
    days = asked.claim.days
    if event is None or event > today or (days is not None and asked.claim.unit == "calendar" and (today - event).days > days):
        raise LinliError(
            "entitlements.event",
            zh=f"请填写{asked.label.zh}",
            en=f"Say the {asked.label.en}.",
            place=Place(field="event"),
            expected=f"a day up to {today}" + (f", not more than {days} days ago" if days else ""),
            expected_zh=f"{today} 以前" + (f"，不早于 {days} 天前" if days else ""),
            found=str(event or "none"),
            found_zh=str(event or "没有填写"),
            remedy_zh="按实际日期填写；超过期限的，向经办单位说明",
            remedy_en="give the actual day; past the limit, ask the office in charge",
        )
    return event
