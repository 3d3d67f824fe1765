"""What is still open about a person, as an officer sees it: cases and doubtful rows by their clocks, what keeps programmes undecided and
who is asked to say it, and who may act for the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from linli.casework.desks import own_lists
from linli.casework.kinds import DOUBTFUL, FACT_DISPUTE, LEVEL_WORDS, desk_level
from linli.casework.models import Case
from linli.casework.queries import department_label, due, due_of_doubts, known_of
from linli.insight.counting import origin_of
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes import Programme
from linli.programmes.naming import naming
from linli.registers.acts.guards import county_of, home_of
from linli.registers.imports import note_named, open_doubtful
from linli.registers.lists import load_lists, sources
from linli.registers.models import Guardianship, Mandate, Resident
from linli.registers.queries.guardianships import papers_of
from linli.rules import Label
from linli.rules.explain import missing_label
from linli.screening.models import Determination
from linli.web.case.cases import KIND_WORDS, Lamp, lamp, outcome_words
from linli.web.person import matters

REGISTER = Label("人口登记", "population register")
TABLE = Label("政策文件", "the programme's own table")


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is being dealt with, or was. address: where the viewer may open it, "" where that is another desk's; desk: whose it
    is; lamp: None once it is closed, with its outcome."""

    words: Label
    number: str
    desk: Label
    address: str
    lamp: Lamp | None
    outcome: Label | None = None


def matters_of(viewer: Viewer, resident: Resident) -> tuple[list[Matter], list[Matter]]:
    """(open, closed) matters of the person. Being named by a doubtful row of a sensitive list is recorded for them. Six queries at most."""
    cases = known_of(viewer, resident.uid)
    waiting = [_of_case(one.case, one.opens) for one in cases if one.case.status == "open"]
    doubts = _doubts(viewer, resident)
    found = sorted((*waiting, *doubts), key=lambda one: one.lamp.at.timestamp() if one.lamp else 0)
    return found, [_of_case(one.case, one.opens) for one in cases if one.case.status != "open"]


def _of_case(case: Case, opens: bool) -> Matter:
    ends = due(case.task.due_at, case.task.warn_at)
    desk = department_label(case) if case.kind == FACT_DISPUTE.slug else Label(*LEVEL_WORDS[desk_level(case.task.desk_code)])
    return Matter(
        KIND_WORDS[case.kind],
        case.receipt if opens else "",
        desk,
        reverse("office:case", args=[case.uid]) if opens else "",
        lamp(ends) if case.status == "open" else None,
        outcome_words(case),
    )


def _doubts(viewer: Viewer, resident: Resident) -> list[Matter]:
    """Open rows of deliveries that may mean the person, for whoever may settle them."""
    rows = list(open_doubtful(viewer).prefetch_related(None).filter(candidates__resident=resident))
    mine = own_lists(viewer) if rows else {}
    shown = [row for row in rows if row.list_slug in mine]
    for slug in sorted({row.list_slug for row in shown}):
        note_named(viewer, slug, [resident.uid])
    return [
        Matter(
            KIND_WORDS[DOUBTFUL],
            "",
            Label(mine[row.list_slug].zh, mine[row.list_slug].en),
            reverse("imports:doubt", args=[row.uid]),
            lamp(due_of_doubts(clock.day_of(row.list_import.applied_at))) if row.list_import.applied_at else None,
        )
        for row in shown
    ]


@dataclass(frozen=True, slots=True)
class Lack:
    """A fact that would decide a programme, and who is asked to say it: a list with its owner, or what is no list."""

    fact: Label
    source: Label
    owner: Label | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A programme that is not decided about the person. run: the screening that says so; lacks: what would decide it."""

    name: Label
    standing: Determination
    run: UUID | None
    lacks: tuple[Lack, ...]


def undecided(rows: Sequence[tuple[Programme, Determination, UUID | None]]) -> list[Undecided]:
    """Those of the determinations that are not decided, nearest to it first. No query."""
    open_ones = [Undecided(one.label, row, run, _lacks(one, row.missing)) for one, row, run in rows if row.verdict == "unknown"]
    return sorted(open_ones, key=lambda one: len(one.lacks))


def _lacks(programme: Programme, missing: Iterable[str]) -> tuple[Lack, ...]:
    folder = Path(settings.LINLI_CITY)
    lists, origins = load_lists(folder), sources(folder)
    found = []
    for key in missing:
        slug, elsewhere = origin_of(key, origins)
        fact = missing_label(programme.rule, key, naming(folder))
        if slug:
            found.append(Lack(fact, Label(lists[slug].zh, lists[slug].en), Label(lists[slug].owner_zh, lists[slug].owner_en)))
        else:
            found.append(Lack(fact, TABLE if elsewhere == "programme" else REGISTER, None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A guardianship that was shown on paper, by the name of the other side. opens: whether the viewer may revoke it."""

    paper: Guardianship
    name: str
    opens: bool


def papers(viewer: Viewer, resident: Resident, homes: Sequence[str]) -> list[OnPaper]:
    """The person's, as ward or guardian, for whom papers_of() allows. Two queries."""
    rows = papers_of(viewer, resident, homes)
    keeps = bool(rows) and viewer.may("officer", area=county_of(home_of(resident)))
    return [
        OnPaper(one, (one.guardian if one.ward_id == resident.pk else one.ward).name, keeps and one.ward_id == resident.pk) for one in rows
    ]


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who may act for the person. uid: None where the viewer's grants do not cover them, or where they work here."""

    name: str
    uid: UUID | None
    mandate: Mandate
    matter: Label | None


def agents(mandates: Sequence[Mandate], seen: set[int]) -> list[Agent]:
    """The mandates in words. seen: keys of the residents whom the viewer's grants cover. One query if any is about a case."""
    return [_agent(one, matter, seen) for one, matter in matters.labelled(mandates)]


def _agent(mandate: Mandate, matter: Label | None, seen: set[int]) -> Agent:
    if mandate.agent_resident is not None:
        who = mandate.agent_resident
        return Agent(who.name, who.uid if who.pk in seen else None, mandate, matter)
    return Agent(mandate.agent_staff.name if mandate.agent_staff else "", None, mandate, matter)
