"""Whom a fact is to be told to, and with which words: one reader per fact type."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from linli.agreements.models import Award
from linli.agreements.queries import AWARD_REASONS
from linli.casework.facts import ACCEPTED, CASE_OPENED, CLOSED, ESCALATED, ITEMS_ASKED
from linli.casework.kinds import KINDS, RECOVERY
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.entitlements.facts import ANSWERED_ELSEWHERE, RECOVERY_OPENED, STANDING_TOLD
from linli.entitlements.standing_told import DIED, living_in
from linli.kernel import clock
from linli.kernel.dates import add_years, age_on
from linli.kernel.money import yuan_text
from linli.kernel.workdays import workdays
from linli.notices import offices
from linli.notices.offices import Office
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import PAYEES
from linli.programmes.queries import pinned
from linli.registers.bitemporal import believed, true_on
from linli.registers.facts import CODE_ISSUED, GUARDIANSHIP, IDENTITY_CHECKED, MANDATE_AGREED, MANDATE_ENDED, MANDATE_GRANTED
from linli.registers.models import FamilyLink, HouseholdMember, Mandate, Resident, Situation
from linli.registers.queries.areas import communities, grid_workers
from linli.registers.queries.relatives import OF_AGE, heirs_of
from linli.rules.declare import Label
from linli.screening.facts import DETERMINED
from linli.screening.models import Determination
from linli.settlement.facts import FAILED, PAID
from linli.settlement.models import Payment
from linli.settlement.words import REASONS
from linli.trace import FactType
from linli.trace.models import Fact

_MANDATE = f"{Mandate._meta.label_lower}:"
_ACT = 40  # the ids of one act's facts about mandates lie no further apart than this
TOLD_OTHERWISE = {(CASE_OPENED.name, RECOVERY.slug)}
"""Facts of kinds of cases that a fact of their own tells about."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One fact for one resident. traits: what a template's `when` is compared with; values: what fills its fields.

    about: "mandate:<uid>" or "resident:<uid>" of a ward, whom the letter names only by being opened; "" where it needs nobody's name.
    """

    fact: int
    recipient: UUID
    traits: Mapping[str, Any]
    office: Office
    values: Mapping[str, Label] = field(default_factory=dict)
    programme: str = ""
    area: str = ""
    about: str = ""


Reader = Callable[[Sequence[Fact]], list[Telling]]


@dataclass(frozen=True, slots=True)
class Readable:
    """A fact type that notices understand: who reads it, and which fields it fills."""

    type: FactType
    reader: Reader
    gives: frozenset[str] = frozenset()


def of_determinations(facts: Sequence[Fact]) -> list[Telling]:
    """What screening found, changed or lost, as far as it still stands; households through their head, children through their guardians.

    A determination that has changed once more by now is told about by its own fact. Six queries, whatever the number of facts.
    """
    people = _spokespeople({_uid(fact) for fact in facts if fact.subject.startswith("resident:")})
    people |= _heads({_uid(fact) for fact in facts if fact.subject.startswith("household:")})
    told = []
    for slug, group in _by_programme(facts).items():
        programme = offices.in_force(slug)
        if programme is None:
            continue
        changes = _changes(slug, {_uid(fact) for fact in group})
        for fact in group:
            change, area = changes.get((_uid(fact), fact.payload["verdict"]), ("", ""))
            told += [
                Telling(
                    fact=fact.id,
                    recipient=person,
                    traits={"verdict": fact.payload["verdict"], "change": change, "ward": _for_ward(fact, person)},
                    office=offices.of_programme(programme),
                    values={"programme": programme.label},
                    programme=slug,
                    area=area,
                    about=fact.subject if _for_ward(fact, person) else "",
                )
                for person in people.get(_uid(fact), ())
            ]
    return told


def _by_programme(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.payload["programme"]].append(fact)
    return grouped


def _changes(programme: str, subjects: set[UUID]) -> dict[tuple[UUID, str], tuple[str, str]]:
    """(subject, verdict that stands) -> (found, amount, lost or "", area). Two queries."""
    rows = Determination.objects.filter(programme=programme, subject__in=subjects).order_by("id")
    ended = {row.subject: row for row in rows.filter(until__isnull=False)}  # the last to have ended
    standing = {row.subject: row for row in rows.filter(until__isnull=True)}
    found: dict[tuple[UUID, str], tuple[str, str]] = {}
    for subject in subjects:
        now, before = standing.get(subject), ended.get(subject)
        # What ended in the very moment in which this began was replaced by it.
        was = before if before and (now is None or before.until == now.since) else None
        last = now or was
        if last is not None:
            found[subject, now.verdict if now else "not_eligible"] = (_change(now, was), last.area_code)
    return found


def _change(now: Determination | None, was: Determination | None) -> str:
    eligible, before = bool(now and now.verdict == "eligible"), bool(was and was.verdict == "eligible")
    if eligible and before:
        return "amount" if now and was and now.amount_fen != was.amount_fen else ""
    if eligible:
        return "found"
    return "lost" if before and now is None else ""


def _spokespeople(uids: set[UUID]) -> dict[UUID, list[UUID]]:
    """Whom to write to for each resident: themself, or a child's guardians, or their parents. Two queries."""
    today = clock.today()
    rows = Resident.objects.filter(uid__in=uids, erased_at__isnull=True, deceased_on__isnull=True)
    people = {row.uid: [row.uid] for row in rows}
    children = {row.pk: row.uid for row in rows if row.birth_date and age_on(row.birth_date, today) < OF_AGE}
    links = FamilyLink.objects.filter(believed(), true_on(today), resident__in=children, relation__in=("guardian", "father", "mother"))
    grown: dict[int, dict[str, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for child, relation, relative in links.order_by("id").values_list("resident", "relation", "relative__uid"):
        grown[child]["guardian" if relation == "guardian" else "parent"].append(relative)
    for child, by_relation in grown.items():
        people[children[child]] = by_relation["guardian"] or by_relation["parent"]
    return people


def _heads(households: set[UUID]) -> dict[UUID, list[UUID]]:
    """The head of each household. One query."""
    heads = HouseholdMember.objects.filter(believed(), true_on(clock.today()), household__uid__in=households, role="head")
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for household, head in heads.values_list("household__uid", "resident__uid"):
        found[household].append(head)
    return dict(found)


def _uid(fact: Fact) -> UUID:
    return UUID(fact.subject.partition(":")[2])


def of_people(facts: Sequence[Fact]) -> list[Telling]:
    """Facts about a person, told to them or to those who act for a child, signed by the city's hotline. Two queries."""
    people, office = _spokespeople({_uid(fact) for fact in facts}), offices.hotline()
    return [
        Telling(
            fact=fact.id,
            recipient=person,
            traits={**fact.payload, "ward": _for_ward(fact, person)},
            office=office,
            values=_values(fact),
            area=fact.area,
            about=fact.subject if _for_ward(fact, person) else "",
        )
        for fact in facts
        for person in people.get(_uid(fact), ())
    ]


def _for_ward(fact: Fact, recipient: UUID) -> bool:
    """Whether a letter about a person goes to who acts for them as their guardian. A household's head is not one."""
    return fact.subject.startswith("resident:") and recipient != _uid(fact)


def of_mandates(facts: Sequence[Fact]) -> list[Telling]:
    """Mandates to both sides. Of a ward's side the agent is not told: it has a fact of its own. Four queries."""
    mandates = _mandates(facts)
    own = {fact.id for fact in facts if fact.payload["side"] == "principal"}
    return [
        replace(one, about=f"mandate:{mandate.uid}" if mandate else "")
        for one in of_people(facts)
        if (mandate := mandates.get(one.fact)) is None or one.fact not in own or one.recipient != mandate.agent_resident_uid
    ]


def _mandates(facts: Sequence[Fact]) -> dict[int, Any]:
    """By fact, the mandate that it is about, as far as it still stands on record. Two queries.

    Only the principal's fact carries the row; an agent's is of the same act, in the same words, and about a mandate of theirs.
    """
    acts = Q(id__in=[])
    for fact in facts:
        acts |= Q(id__range=(fact.id - _ACT, fact.id + _ACT), type=fact.type, actor=fact.actor, recorded_at=fact.recorded_at)
    carrying = [
        (one, int(key.removeprefix(_MANDATE)))
        for one in Fact.objects.filter(acts, payload__side="principal")
        for key in one.digests
        if key.startswith(_MANDATE)
    ]
    rows = Mandate.objects.annotate(agent_resident_uid=F("agent_resident__uid")).in_bulk([key for _, key in carrying])
    found = {}
    for fact in facts:
        for one, key in carrying:
            same = (one.recorded_at, one.actor, one.type, one.payload["matter"]) == (
                fact.recorded_at,
                fact.actor,
                fact.type,
                fact.payload["matter"],
            )
            row = rows.get(key)
            if row and (one.id == fact.id or (fact.payload["side"] == "agent" and same and row.agent_resident_uid == _uid(fact))):
                found[fact.id] = row
    return found


def of_cases(facts: Sequence[Fact]) -> list[Telling]:
    """Facts of a person's own cases; what offices have among themselves about somebody is not written about. An application is named by its
    programme and signed by the body in charge. Three queries, and one for each version of a programme."""
    written = [fact for fact in facts if KINDS[fact.payload["kind"]].told]
    told = of_people([fact for fact in written if (fact.type, fact.payload["kind"]) not in TOLD_OTHERWISE])
    cases = {fact.id: UUID(fact.payload["case"]) for fact in facts if KINDS[fact.payload["kind"]].stepped}
    if not cases:
        return told
    rows = {row.uid: row for row in Case.objects.filter(uid__in=cases.values()).only("uid", "programme", "programme_version")}
    versions = {(row.programme, row.programme_version or "") for row in rows.values()}
    programmes = {version: pinned(*version) for version in versions}
    return [_of_application(one, rows.get(cases[one.fact]) if one.fact in cases else None, programmes) for one in told]


def of_recoveries(facts: Sequence[Fact]) -> list[Telling]:
    """Money found to be paid too much: to the person or who acts for a child; of somebody who has died to the heirs on record. Five
    queries, and one for each version of a programme."""
    rows = {str(row.uid): row for row in Case.objects.filter(uid__in=[fact.payload["case"] for fact in facts])}
    versions = {(row.programme, row.programme_version or "") for row in rows.values()}
    programmes = {version: pinned(*version) for version in versions}
    living, heirs = of_people(facts), heirs_of({_uid(fact) for fact in facts})
    told = [*living, *(_to_heir(fact, heir) for fact in facts for heir in heirs.get(_uid(fact), ()))]
    by_fact = {fact.id: fact for fact in facts}
    found = []
    for one in told:
        fact = by_fact[one.fact]
        amount, row = yuan_text(fact.payload["amount_fen"]), rows[fact.payload["case"]]
        values = {**_values(fact), "amount": Label(amount, amount), "day": _day(clock.day_of(row.due_at))}
        found.append(_of_application(replace(one, values=values), row, programmes))
    return found


def of_standing(facts: Sequence[Fact]) -> list[Telling]:
    """An award that rests, ended, stands again or comes to another amount, by the number of the letter that says so; where who answers for
    a household has died, to those of age who live in it. Three queries, two for each household that has lost somebody so, and one for
    each version of a programme."""
    rows = {str(row.uid): row for row in Award.objects.filter(uid__in=[fact.payload["award"] for fact in facts]).select_related("case")}
    told = of_people(facts)
    reached = {one.fact for one in told}
    told += [one for fact in facts if fact.id not in reached for one in _to_household(fact, rows.get(fact.payload["award"]))]
    by_fact, found = {fact.id: fact for fact in facts}, []
    programmes = {key: pinned(*key) for key in {(row.case.programme, row.case.programme_version or "") for row in rows.values()}}
    for one in told:
        payload = by_fact[one.fact].payload
        fen, number, why = payload["fen"], payload["number"], AWARD_REASONS.get(payload["why"], Label("", ""))
        amount = yuan_text(fen) if fen is not None else ""
        day, own = _day(date.fromisoformat(payload["on"])), {**one.traits, "sum": fen is not None}
        values = {**one.values, "amount": Label(amount, amount), "number": Label(number, number), "why": why, "day": day}
        found.append(_of_application(replace(one, traits=own, values=values), rows[payload["award"]].case, programmes))
    return found


def _to_household(fact: Fact, award: Award | None) -> list[Telling]:
    if award is None or award.beneficiary_kind != "household" or fact.payload["why"] != DIED:
        return []
    grown = living_in(award.beneficiary).filter(resident__birth_date__lte=add_years(clock.today(), -OF_AGE))
    people = grown.order_by("pk").values_list("resident__uid", flat=True)
    return [
        Telling(fact=fact.id, recipient=one, traits=fact.payload, office=offices.hotline(), values=_values(fact), area=fact.area)
        for one in people
    ]


def _to_heir(fact: Fact, heir: UUID) -> Telling:
    return Telling(
        fact=fact.id, recipient=heir, traits={**fact.payload, "ward": False, "heir": True}, office=offices.hotline(), area=fact.area
    )


def of_answers(facts: Sequence[Fact]) -> list[Telling]:
    """What another system decided about forwarded applications, in the words of the programme's file. As many queries as of_cases()."""
    answers = {fact.id: fact.payload["answer"] for fact in facts}
    cases = {fact.id: UUID(fact.payload["case"]) for fact in facts}
    rows = {row.uid: row for row in Case.objects.filter(uid__in=cases.values()).only("uid", "programme", "programme_version")}
    programmes = {key: pinned(*key) for key in {(row.programme, row.programme_version or "") for row in rows.values()}}
    told = []
    for one in of_people(facts):
        row = rows[cases[one.fact]]
        forwarding = programmes[row.programme, row.programme_version or ""].particulars.forward_to
        answer = next((given for given in forwarding.outcomes if given.id == answers[one.fact]), None) if forwarding else None
        if answer is not None:
            programme = programmes[row.programme, row.programme_version or ""]
            traits = {**one.traits, "grants": answer.grants, "contestable": programme.objection is not None}
            told.append(_of_application(replace(one, traits=traits, values={**one.values, "answer": answer.label}), row, programmes))
    return told


def _of_application(one: Telling, row: Case | None, programmes: Mapping[tuple[str, str], Programme]) -> Telling:
    if row is None:
        return one
    programme = programmes[row.programme, row.programme_version or ""]
    values = {**one.values, "programme": programme.label}
    return replace(one, values=values, office=offices.of_programme(programme), programme=row.programme)


def _values(fact: Fact) -> dict[str, Label]:
    """Receipt and due day of a case, where the fact names them."""
    values = {}
    if "receipt" in fact.payload:
        receipt = grouped(fact.payload["receipt"])
        values["receipt"] = Label(receipt, receipt)
    if "due" in fact.payload:
        day = date.fromisoformat(fact.payload["due"])
        zh, en = ("（暂定）", " (provisional)") if workdays(Path(settings.LINLI_CITY)).is_provisional(day, day) else ("", "")
        values["day"] = Label(_day(day).zh + zh, _day(day).en + en)
    return values


def _day(day: date) -> Label:
    return Label(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {calendar.month_name[day.month]} {day.year}")


def of_payments(facts: Sequence[Fact]) -> list[Telling]:
    """What the bank said of a payment, to the person or who acts for them; it names whom to ask (see _whom). Eleven queries."""
    payments = Payment.objects.filter(uid__in=[fact.payload["payment"] for fact in facts]).select_related("account")
    rows = {str(row.uid): row for row in payments}
    people, homes = _spokespeople({_uid(fact) for fact in facts}), _homes({_uid(fact) for fact in facts})
    workers, committees = grid_workers(set(homes.values()), clock.today()), communities(set(homes.values()), clock.today())
    programmes = {slug: offices.in_force(slug) for slug in {row.programme for row in rows.values()}}
    told = []
    for fact in facts:
        row = rows.get(fact.payload["payment"])
        programme = programmes.get(row.programme) if row else None
        if row is None or programme is None:
            continue
        home, office = homes.get(_uid(fact), ""), offices.of_programme(programme)
        whom = _whom(workers.get(home, ""), committees.get(home), office)
        traits = {"own_account": row.payee in ("self", "guardian"), "offset": bool(row.offset_fen)}
        for person in people.get(_uid(fact), ()):
            told.append(
                Telling(
                    fact=fact.id,
                    recipient=person,
                    traits=traits,
                    office=office,
                    values={"programme": programme.label, "whom": whom, "phone": Label(office.phone, office.phone), **_of_payment(row)},
                    programme=row.programme,
                    area=fact.area,
                    about=fact.subject if _for_ward(fact, person) else "",
                )
            )
    return told


def _whom(worker: str, committee: tuple[str, str] | None, office: Office) -> Label:
    """Whom to ask who doesn't understand a payment: the grid worker of the home; where the registers name none, the committee of the
    village or community and the body in charge, whose number the letter has; where not even the home is on record, that body."""
    if worker:
        return Label(f"您家的网格员{worker}", f"Your grid worker {worker}")
    body = office.label
    return Label(f"{committee[0]}或者{body.zh}", f"{committee[1]} or {body.en}") if committee else body


def _of_payment(row: Payment) -> dict[str, Label]:
    amount, tail = yuan_text(row.amount_fen), row.account.tail if row.account else ""
    offset = yuan_text(row.offset_fen or 0)
    values = {"amount": Label(amount, amount), "offset": Label(offset, offset), "tail": Label(tail, tail)}
    values |= {"reason": REASONS[row.reason], "payee": PAYEES[row.payee]}
    return values | {"day": _day(row.paid_on) if row.paid_on else Label("", "")}


def _homes(people: set[UUID]) -> dict[UUID, str]:
    """Where each lives today, as far as it is on record. One query."""
    rows = Situation.objects.filter(believed(), true_on(clock.today()), resident__uid__in=people, kind="lives")
    return dict(rows.order_by("valid_from").values_list("resident__uid", "area_code"))


READABLE = (
    Readable(DETERMINED, of_determinations, frozenset({"programme"})),
    Readable(MANDATE_GRANTED, of_mandates),
    Readable(MANDATE_ENDED, of_mandates),
    Readable(MANDATE_AGREED, of_mandates),
    Readable(GUARDIANSHIP, of_people),
    Readable(IDENTITY_CHECKED, of_people),
    Readable(CODE_ISSUED, of_people),
    Readable(CASE_OPENED, of_cases, frozenset({"receipt", "day", "programme"})),
    Readable(ESCALATED, of_cases, frozenset({"receipt", "day"})),
    Readable(ACCEPTED, of_cases, frozenset({"receipt", "day", "programme"})),
    Readable(ITEMS_ASKED, of_cases, frozenset({"receipt", "day", "programme"})),
    Readable(CLOSED, of_cases, frozenset({"receipt", "programme"})),
    Readable(ANSWERED_ELSEWHERE, of_answers, frozenset({"receipt", "programme", "answer"})),
    Readable(RECOVERY_OPENED, of_recoveries, frozenset({"receipt", "programme", "amount", "day"})),
    Readable(STANDING_TOLD, of_standing, frozenset({"receipt", "programme", "amount", "number", "why", "day"})),
    Readable(PAID, of_payments, frozenset({"programme", "amount", "offset", "day", "tail", "whom", "phone", "payee"})),
    Readable(FAILED, of_payments, frozenset({"programme", "amount", "tail", "reason", "whom", "phone", "payee"})),
)


def gives(readable: Iterable[Readable] = READABLE) -> dict[str, frozenset[str]]:
    """Fact type -> the fields that it fills."""
    return {one.type.name: one.gives for one in readable}
