"""The public catalogue: what the city promises, to whom, in which version, and the rule in words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import Page, Slug, Text
from linli.kernel import clock
from linli.programmes import Programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import live_versions, programme_of, versions

router = Router(tags=["programmes"])


class Summary(Schema):
    """A programme in force."""

    slug: str
    version: str
    name: Text
    summary: Text
    audience: Text
    benefit: Text
    subject: str
    effective_from: date
    effective_to: date | None


class Version(Schema):
    """A published version."""

    version: str
    effective_from: date
    effective_to: date | None
    issued_on: date
    published_at: datetime
    digest: str


class Basis(Schema):
    """A law or document that it rests on."""

    name: Text
    article: str | None


class Paper(Schema):
    """Something to bring. exempt: none, data_sharing (nothing to bring), commitment (a signed promise is enough)."""

    name: Text
    source: Text
    form: str
    copies: int
    exempt: str


class Condition(Schema):
    """One condition of the rule, in its author's words."""

    id: str
    name: Text


class Whole(Summary):
    """A version with everything that is published of it. words: the rule, said back from the rule itself."""

    digest: str
    lifecycle: str
    legal_basis: list[Basis]
    conditions: list[Condition]
    words: Text
    papers: list[Paper]
    promised_working_days: int | None
    statutory_working_days: int | None
    facts: list[str]


@router.get("", response=answers(Page[Summary]), operation_id="list_programmes", auth=None)
def list_programmes(request: HttpRequest) -> Page[Summary]:
    """Every programme that is in force today. Public."""
    rows = (programme_of(version) for version in live_versions(clock.today()))
    return Page[Summary](items=[Summary(**_summary(one)) for one in rows])


@router.get("/{slug}", response=answers(Whole), operation_id="get_programme", auth=None)
def get_programme(request: HttpRequest, slug: Slug, version: str = "") -> Whole:
    """One programme: the version in force, else the newest; or the version asked for. Public."""
    found = versions(slug)
    chosen = [one for one in found if one.version == version] if version else [_shown(found)] if found else []
    if not chosen:
        raise not_there()
    return _whole(programme_of(chosen[0]))


@router.get("/{slug}/versions", response=answers(Page[Version]), operation_id="list_programme_versions", auth=None)
def list_versions(request: HttpRequest, slug: Slug) -> Page[Version]:
    """Every published version, oldest first. Public."""
    found = versions(slug)
    if not found:
        raise not_there()
    return Page[Version](items=[Version(**{name: getattr(row, name) for name in Version.model_fields}) for row in found])


def _shown(rows: list[ProgrammeVersion]) -> ProgrammeVersion:
    today = clock.today()
    live = [row for row in rows if row.effective_from <= today and (row.effective_to is None or today <= row.effective_to)]
    return (live or rows)[-1]


def _summary(one: Programme) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "version": one.version,
        "name": Text.of(one.label),
        "summary": Text.of(one.summary),
        "audience": Text.of(one.audience),
        "benefit": Text.of(one.benefit),
        "subject": one.subject,
        "effective_from": one.effective_from,
        "effective_to": one.effective_to,
    }


def _whole(one: Programme) -> Whole:
    rule = one.rule
    papers = [
        Paper(name=Text.of(paper.label), source=Text.of(paper.source), form=paper.form, copies=paper.copies, exempt=paper.exempt)
        for paper in one.materials
    ]
    return Whole(
        **_summary(one),
        digest=one.digest,
        lifecycle=one.lifecycle,
        legal_basis=[Basis(name=Text.of(basis.label), article=basis.article) for basis in one.legal_basis],
        conditions=[Condition(id=condition.id, name=Text.of(condition.label)) for condition in rule.conditions],
        words=Text(zh=one.words("zh"), en=one.words("en")),
        papers=papers,
        promised_working_days=one.promised_working_days,
        statutory_working_days=one.statutory_working_days,
        facts=sorted(rule.facts_used | rule.household_facts_used | rule.family_facts_used),
    )
