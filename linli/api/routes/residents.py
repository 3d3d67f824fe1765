"""Residents inside one's grants: found, read, explained. What a grant does not cover is not there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from linli import vault
from linli.api.authority import Bearer, viewer_of
from linli.api.paging import cursor, keys_of
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import Given, Page, Slug, Text
from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.programmes.queries import live_versions
from linli.registers.models import Resident
from linli.registers.queries import household_members, residents, search_residents, situations_of
from linli.rules.explain import ConditionExplained as Reasoned
from linli.screening import explaining
from linli.screening.queries import of_subject

router = Router(tags=["residents"])
READERS = ("officer", "clerk", "steward")
PAGE = 50


class Wanted(Given):
    """text: two characters of a name or more, pinyin, initials, or a whole identity or phone number. It goes in the body: addresses are
    logged by proxies."""

    text: Annotated[str, Field(min_length=1, max_length=60)]
    after: Annotated[str, Field(max_length=600)] = ""


class Brief(Schema):
    """A person in a list."""

    id: UUID
    name: str
    sex: str | None
    birth_date: date | None

    @classmethod
    def of(cls, row: Resident) -> Brief:
        """A row."""
        return cls(id=row.uid, name=row.name, sex=row.sex, birth_date=row.birth_date)


class SituationShape(Schema):
    """Where the person is registered, lives, is insured or studies."""

    kind: str
    area: str
    since: date


class Housemate(Schema):
    """Somebody of one of the person's households."""

    household: UUID
    kind: str
    resident: UUID
    name: str
    role: str


class ResidentShape(Brief):
    """A person as believed today, without numbers: for those see /reveal."""

    hukou_type: str | None
    deceased_on: date | None
    situations: list[SituationShape]
    households: list[Housemate]


class Reveal(Given):
    """Which numbers, and for which of the city's purposes (purposes.yaml). The read is listed to the person."""

    purpose: Annotated[str, Field(max_length=60)]
    fields: Annotated[list[Literal["identity", "phone", "account", "address"]], Field(min_length=1, max_length=4)]


class Revealed(Schema):
    """The numbers in clear; "" where none is known."""

    values: dict[str, str]


class DeterminationShape(Schema):
    """Where the person stands, or stood until `until`, under one programme."""

    programme: str
    verdict: str
    amount_fen: int | None
    missing: list[str]
    since: datetime
    until: datetime | None


class FactUsed(Schema):
    """A fact that a condition reads; who: "" for the subject, else the member's or relative's id; value: null where unknown."""

    name: str
    words: Text
    who: str
    value: Text | None


class ConditionExplained(Schema):
    """holds: true, false, or null while a fact is missing."""

    id: str
    words: Text
    rule: Text
    holds: bool | None
    facts: list[FactUsed]


class Source(Schema):
    """What says a fact: the list (null: the population register) and its owner, true since, known to us since; null where it says nothing.

    who: "" for the subject, else the id of the member or relative of whom it speaks; authorised: false where they have yet to allow it.
    """

    fact: str
    who: str
    list: str | None
    owner: Text
    authorised: bool
    true_since: date | None
    known_since: datetime | None


class Explained(Schema):
    """A live verdict, condition by condition, with the list behind every fact."""

    programme: str
    version: str
    as_of: date
    verdict: str
    amount_fen: int | None
    amount: Text | None
    conditions: list[ConditionExplained]
    missing: list[str]
    sources: list[Source]


@router.post("/search", response=answers(Page[Brief]), operation_id="search_residents", auth=Bearer(*READERS))
def search(request: HttpRequest, body: Wanted) -> Page[Brief]:
    """Residents inside one's areas. It changes nothing, so it needs no Idempotency-Key."""
    found = search_residents(viewer_of(request), body.text, after=keys_of(body.after, str, int), limit=PAGE)
    return Page[Brief](items=[Brief.of(row) for row in found.residents], next=cursor(*found.after) if found.after else None)


@router.get("/{uid}", response=answers(ResidentShape), operation_id="get_resident", auth=Bearer(*READERS))
def get(request: HttpRequest, uid: UUID) -> ResidentShape:
    """One person: where they are registered and live, and with whom."""
    row, day = _one(viewer_of(request), uid), clock.today()
    return ResidentShape(
        **Brief.of(row).model_dump(),
        hukou_type=row.hukou_type,
        deceased_on=row.deceased_on,
        situations=[SituationShape(kind=one.kind, area=one.area_code, since=one.valid_from) for one in situations_of(row, day)],
        households=[
            Housemate(
                household=one.household.uid,
                kind=one.household.kind,
                resident=one.resident.uid,
                name=one.resident.name,
                role=one.role,
            )
            for one in household_members(row, day)
        ],
    )


@router.post("/{uid}/reveal", response=answers(Revealed), operation_id="reveal_numbers", auth=Bearer("officer", "clerk"))
def reveal(request: HttpRequest, uid: UUID, body: Reveal) -> Revealed:
    """Numbers in clear, for a purpose. Every call is a read of its own, so it takes no Idempotency-Key."""
    viewer = viewer_of(request)
    row = _one(viewer, uid)
    ciphers: dict[str, str | None] = {name: getattr(row, f"{name}_cipher") for name in sorted(set(body.fields))}
    return Revealed(values=vault.reveal(viewer, purpose=body.purpose, subject=row.uid, fields=ciphers))


@router.get(
    "/{uid}/determinations",
    response=answers(Page[DeterminationShape]),
    operation_id="list_determinations",
    auth=Bearer("officer", "auditor"),
)
def determinations(request: HttpRequest, uid: UUID) -> Page[DeterminationShape]:
    """Where the person, household or organisation stands and stood, under the programmes that one's grants read."""
    slugs = [version.slug for version in live_versions(clock.today())]
    rows = of_subject(viewer_of(request), uid, slugs)
    return Page[DeterminationShape](
        items=[DeterminationShape(**{name: getattr(row, name) for name in DeterminationShape.model_fields}) for row in rows]
    )


@router.get("/{uid}/programmes/{slug}", response=answers(Explained), operation_id="explain", auth=Bearer("officer", "auditor"))
def explain(request: HttpRequest, uid: UUID, slug: Slug) -> Explained:
    """Why a programme finds this person, household or organisation today, or does not."""
    try:
        found = explaining.reasons(viewer_of(request), slug, uid)
    except Refused:
        raise not_there() from None
    told = found.explanation
    return Explained(
        programme=found.programme.slug,
        version=found.programme.version,
        as_of=found.as_of,
        verdict=told.verdict.verdict,
        amount_fen=told.verdict.amount_fen,
        amount=Text.of(told.amount_words) if told.amount_words else None,
        conditions=[_condition(one) for one in told.conditions],
        missing=list(told.verdict.missing),
        sources=[
            *(_source("", name, one) for name, one in found.told.items()),
            *(_source(who, name, one) for (who, name), one in found.told_of.items()),
        ],
    )


def _condition(one: Reasoned) -> ConditionExplained:
    facts = [
        FactUsed(name=fact.name, words=Text.of(fact.label), who=fact.who, value=Text.of(fact.value) if fact.value else None)
        for fact in one.facts
    ]
    return ConditionExplained(id=one.id, words=Text.of(one.label), rule=Text.of(one.words), holds=one.holds, facts=facts)


def _source(who: str, fact: str, told: explaining.Told) -> Source:
    origin = told.source
    return Source(
        fact=fact,
        who=who,
        list=origin.list,
        owner=Text(zh=origin.owner_zh, en=origin.owner_en),
        authorised=told.authorised,
        true_since=told.true_since,
        known_since=told.known_since,
    )


def _one(viewer: Viewer, uid: UUID) -> Resident:
    """The person if one of the viewer's grants covers them. One query."""
    found = residents(viewer).filter(uid=uid).first()
    if found is None:
        raise not_there()
    return found
