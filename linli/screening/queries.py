"""What officers read of screenings. Everything takes the viewer; what a grant doesn't cover is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Substr

from linli.kernel import clock
from linli.kernel.areas import next_prefix
from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import sources
from linli.registers.models import Area, FamilyLink, HouseholdMember, Organisation, Resident
from linli.screening import kept, previewing
from linli.screening.models import Determination, Preview, Run, Scenario
from linli.screening.previewing import Changed

READERS = ("officer", "auditor")
PAGE = 50
Kind = Literal["found", "undecided", "newly_found", "newly_lost"]
KEPT = {"found": "eligible", "undecided": "unknown"}


@dataclass(frozen=True, slots=True)
class Row:
    """One person, household or organisation of a list. id: the place in the keyset order; name: empty once erased."""

    id: int
    subject: UUID
    subject_kind: str
    name: str
    birth_date: date | None
    area_code: str
    area_name: str
    verdict: str
    amount_fen: int | None
    missing: tuple[str, ...]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CountyCount:
    """Counts of one county: people eligible and undecided now, newly found by the run; amount in fen of the eligible."""

    code: str
    name: str
    eligible: int
    undecided: int
    newly_found: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run found inside the viewer's areas. Of a part of the city the not eligible aren't counted (None), nor are the eligible and
    undecided of a run that no longer stands: its files know them, and counts_by_county reads those."""

    eligible: int | None
    undecided: int | None
    not_eligible: int | None
    newly_found: int
    newly_lost: int


def _prefixes(viewer: Viewer, programme: str) -> tuple[str, ...]:
    """The areas in which one of the viewer's grants reads this programme ("" is everywhere); Refused where there is none."""
    prefixes = {prefix for role in READERS for prefix in viewer.areas(role, programme)}
    if not prefixes:
        raise Refused(
            "viewer.not_granted",
            zh="您没有查看该事项的权限",
            en="You have no grant to read this programme.",
            found=programme,
            remedy_zh="请管理员授权",
            remedy_en="ask an administrator for the grant",
        )
    return ("",) if "" in prefixes else tuple(sorted(prefixes))


def _reach(viewer: Viewer, programme: str) -> Q:
    """The same as a filter over area_code."""
    return _inside(_prefixes(viewer, programme))


def _inside(prefixes: Iterable[str]) -> Q:
    if "" in prefixes:
        return Q()
    reach = Q(pk__in=[])
    for prefix in prefixes:
        reach |= Q(area_code__gte=prefix, area_code__lt=next_prefix(prefix))
    return reach


def stands(run: Run) -> bool:
    """Whether what the run found is what stands: brought in line, and no later run of its programme was. One query."""
    return run.merged and not Run.objects.filter(programme=run.programme, merged=True, id__gt=run.pk).exists()


def readable_programmes(viewer: Viewer, slugs: Iterable[str]) -> list[str]:
    """Those of the slugs that one of the viewer's grants reads, in the given order."""
    return [slug for slug in slugs if viewer.all_seeing or any(viewer.areas(role, slug) for role in READERS)]


def runs(viewer: Viewer, *, programme: str | None = None, before: int | None = None, limit: int = PAGE) -> list[Run]:
    """The latest runs that the viewer may read, newest first. One query."""
    query = Run.objects.order_by("-id")
    if programme:
        query = query.filter(programme=programme)
    if before:
        query = query.filter(id__lt=before)
    if not viewer.all_seeing:
        grants = [grant for grant in viewer.grants if grant.role in READERS]
        if not any(grant.programme == "" for grant in grants):
            query = query.filter(programme__in=[grant.programme for grant in grants])
    return list(query[:limit])


def run(viewer: Viewer, uid: UUID) -> Run:
    """One run; Run.DoesNotExist where there is none or the viewer reads nothing of its programme."""
    found = Run.objects.get(uid=uid)
    if not readable_programmes(viewer, [found.programme]):
        raise Run.DoesNotExist
    return found


def latest_runs(viewer: Viewer, programme: str = "") -> list[Run]:
    """Of each programme (or of one) that the viewer may read, the last run that was brought in line, or failed later. One query.

    A run as of another day is in its programme's history, not here.
    """
    chosen = Q(programme=programme) if programme else Q()
    newest = Run.objects.filter(chosen, Q(merged=True) | Q(state="failed")).order_by("programme", "-id").distinct("programme")
    allowed = set(readable_programmes(viewer, [found.programme for found in newest]))
    return [found for found in newest if found.programme in allowed]


def standing_runs(viewer: Viewer) -> dict[str, UUID]:
    """Of each programme that the viewer may read, the run whose findings stand. One query."""
    newest = Run.objects.filter(merged=True).order_by("programme", "-id").distinct("programme").values_list("programme", "uid")
    found = dict(newest)
    return {slug: found[slug] for slug in readable_programmes(viewer, found)}


def tallies(viewer: Viewer, runs: Iterable[Run]) -> dict[int, Tally]:
    """By key of the run, what each found as far as the viewer's areas go. No query over the whole city, else four."""
    found, parts = dict[int, Tally](), dict[int, Run]()
    for run in runs:
        if viewer.all_seeing or "" in _prefixes(viewer, run.programme):
            found[run.pk] = Tally(run.eligible, run.undecided, run.not_eligible, run.newly_found, run.newly_lost)
        else:
            parts[run.pk] = run
    return {**found, **_partial(viewer, parts)} if parts else found


def _partial(viewer: Viewer, runs: dict[int, Run]) -> dict[int, Tally]:
    reach = Q(pk__in=[])
    for programme in {run.programme for run in runs.values()}:
        reach |= Q(_reach(viewer, programme), programme=programme)
    mine, standing = Determination.objects.filter(reach), set(standing_runs(viewer).values())
    verdicts = mine.filter(until__isnull=True).values_list("programme", "verdict").annotate(n=Count("id")).order_by()
    now = {(programme, verdict): n for programme, verdict, n in verdicts}
    same = Determination.objects.filter(programme=OuterRef("programme"), subject=OuterRef("subject"), verdict="eligible")
    begun = mine.filter(~Exists(same.filter(ended_by=OuterRef("run"))), run__in=runs, verdict="eligible")
    ended = mine.filter(~Exists(same.filter(run=OuterRef("ended_by"))), ended_by__in=runs, verdict="eligible")
    newly = dict(begun.values_list("run").annotate(n=Count("id")).order_by())
    lost = dict(ended.values_list("ended_by").annotate(n=Count("id")).order_by())

    def stood(run: Run, verdict: str) -> int | None:
        return now.get((run.programme, verdict), 0) if run.uid in standing else None

    return {
        key: Tally(stood(run, "eligible"), stood(run, "unknown"), None, newly.get(key, 0), lost.get(key, 0)) for key, run in runs.items()
    }


def counts_by_county(viewer: Viewer, run: Run) -> list[CountyCount]:
    """By county (six digits), inside the viewer's areas: what stands, or, for a run that no longer does, what it found. Four queries."""
    if not stands(run):
        return _counts_kept(viewer, run)
    reach = _reach(viewer, run.programme)
    standing = Determination.objects.filter(reach, programme=run.programme, until__isnull=True)
    figures = (
        standing.values(county=Substr("area_code", 1, 6))
        .annotate(
            eligible=Count("id", filter=Q(verdict="eligible")),
            undecided=Count("id", filter=Q(verdict="unknown")),
            newly=Count("id", filter=_newly(run)),
            fen=Sum("amount_fen", filter=Q(verdict="eligible")),
        )
        .order_by("county")
    )
    rows = list(figures)
    names = _area_names(row["county"] for row in rows)
    return [
        CountyCount(
            row["county"],
            names.get(row["county"], row["county"]),
            row["eligible"],
            row["undecided"],
            row["newly"],
            row["fen"] or 0,
        )
        for row in rows
    ]


def _counts_kept(viewer: Viewer, run: Run) -> list[CountyCount]:
    found = kept.by_county(run, _prefixes(viewer, run.programme))
    newly = Determination.objects.filter(_reach(viewer, run.programme), _newly(run), programme=run.programme)
    counts = newly.values_list(Substr("area_code", 1, 6)).annotate(n=Count("id"))
    fresh = dict(counts.order_by())
    names = _area_names(county for county, *_ in found)
    return [CountyCount(code, names.get(code, code), eligible, open_, fresh.get(code, 0), fen) for code, eligible, open_, fen in found]


def _newly(run: Run) -> Q:
    """Begun eligible by this run, and not merely changed from an eligible row that it ended."""
    was = Determination.objects.filter(programme=run.programme, subject=OuterRef("subject"), ended_by=run, verdict="eligible")
    return Q(~Exists(was), run=run, verdict="eligible")


def _lost(run: Run) -> Q:
    now = Determination.objects.filter(programme=run.programme, subject=OuterRef("subject"), run=run, verdict="eligible")
    return Q(~Exists(now), ended_by=run, verdict="eligible")


def _listed(viewer: Viewer, run: Run, kind: Kind) -> QuerySet[Determination]:
    rows = Determination.objects.filter(_reach(viewer, run.programme), programme=run.programme)
    if kind == "found":
        return rows.filter(until__isnull=True, verdict="eligible")
    if kind == "undecided":
        return rows.filter(until__isnull=True, verdict="unknown")
    return rows.filter(_newly(run) if kind == "newly_found" else _lost(run))


def people(
    viewer: Viewer,
    run: Run,
    kind: Kind,
    *,
    missing: str = "",
    county: str = "",
    after: int = 0,
    limit: int | None = PAGE,
) -> list[Row]:
    """A page of a list in the order of its keys; after: the last id of the page before; limit None: all. At most seven queries.

    Found and undecided are what stands, or, for a run that no longer does, what it found itself.
    """
    if kind in KEPT and not stands(run):
        prefixes = _prefixes(viewer, run.programme)
        return _named(kept.rows(run, KEPT[kind], prefixes, missing=missing, county=county, after=after, limit=limit))
    rows = _narrowed(_listed(viewer, run, kind).filter(id__gt=after), missing, county).order_by("id")
    return _named(list(rows[:limit] if limit else rows))


def eligible(
    viewer: Viewer,
    programme: str,
    chosen: Q,
    *,
    verdicts: Sequence[str] = ("eligible",),
    county: str = "",
    after: int = 0,
    limit: int | None = PAGE,
) -> list[Row]:
    """A page of those who stand found by a programme (or stand so under it) and fulfil a condition, inside the viewer's areas, by key. At
    most five queries."""
    rows = Determination.objects.filter(_reach(viewer, programme), chosen, programme=programme, until__isnull=True, verdict__in=verdicts)
    rows = rows.filter(id__gt=after).order_by("id")
    if county:
        rows = rows.filter(area_code__gte=county, area_code__lt=next_prefix(county))
    return _named(list(rows[:limit] if limit else rows))


def count_people(viewer: Viewer, run: Run, kind: Kind, *, missing: str = "", county: str = "") -> int | None:
    """How long a list is; None where a run that no longer stands keeps it in its own files. Two queries."""
    if kind in KEPT and not stands(run):
        return None
    return _narrowed(_listed(viewer, run, kind), missing, county).count()


def _narrowed(rows: QuerySet[Determination], missing: str, county: str) -> QuerySet[Determination]:
    if missing:
        rows = rows.filter(missing__contains=[missing])
    if county:
        rows = rows.filter(area_code__gte=county, area_code__lt=next_prefix(county))
    return rows


def missing_facts(viewer: Viewer, run: Run) -> list[tuple[str, int]]:
    """Which facts are missing for how many undecided subjects, most frequent first. Two queries."""
    if not stands(run):
        return kept.missing_facts(run, _prefixes(viewer, run.programme))
    undecided = _listed(viewer, run, "undecided")
    each = Func(F("missing"), function="unnest", output_field=CharField())
    counted = undecided.order_by().annotate(fact=each).values_list("fact").annotate(n=Count("id"))
    return sorted(((fact, n) for fact, n in counted), key=lambda pair: (-pair[1], pair[0]))


def preview(viewer: Viewer, uid: UUID) -> Preview:
    """One preview of a draft; Preview.DoesNotExist where there is none, Refused without a grant over the whole city. One query."""
    found = Preview.objects.get(uid=uid)
    require_whole(viewer, found.programme)
    return found


def require_whole(viewer: Viewer, programme: str) -> None:
    """Refused unless the viewer is an officer or auditor of the programme for the whole city."""
    if not any(viewer.may(role, programme=programme) for role in READERS):
        raise Refused("viewer.not_granted", zh="您没有这项政策的权限", en="You have no grant for this programme.", found=programme)


def scenario(viewer: Viewer, programme: str, uid: UUID) -> Scenario:
    """One what-if of a programme; Scenario.DoesNotExist where there is none, Refused without a grant over the whole city. One query."""
    require_whole(viewer, programme)
    return Scenario.objects.get(uid=uid, programme=programme, discarded_at__isnull=True)


def scenarios(viewer: Viewer, programme: str) -> list[Scenario]:
    """The what-ifs of a programme, newest first; Refused without a grant over the whole city. One query."""
    require_whole(viewer, programme)
    return list(Scenario.objects.filter(programme=programme, discarded_at__isnull=True).defer("text", "figures").order_by("-id"))


def preview_of(draft: UUID, digest: str) -> Preview | None:
    """The last preview of a draft with this content that did not fail, or None. One query."""
    return Preview.objects.filter(draft=draft, digest=digest).exclude(state="failed").order_by("-id").first()


def previewed(
    viewer: Viewer, preview: Preview, change: str, *, county: str = "", after: int = 0, limit: int = PAGE
) -> list[tuple[Row, Changed]]:
    """A page of those whom a draft would change in one way, with their names; nobody erased since. At most five queries, one more for
    each page that held erased people.
    """
    require_whole(viewer, preview.programme)
    changed = _unerased(preview, change, county=county, after=after, limit=limit)
    kind, day = preview.figures["subject_kind"], preview.day or clock.today()
    rows = [
        Determination(
            id=one.place,
            programme=preview.programme,
            subject=one.subject,
            subject_kind=kind,
            area_code=one.area_code,
            verdict=one.after,
            amount_fen=one.after_fen,
            as_of=day,
            since=preview.asked_at,
        )
        for one in changed
    ]
    return list(zip(_named(rows), changed, strict=True))


def _unerased(preview: Preview, change: str, *, county: str, after: int, limit: int) -> list[Changed]:
    """A full page of the rows that may still be read: a person's are taken out of the file a moment after their erasure."""
    found: list[Changed] = []
    while len(found) < limit:
        page = previewing.changed_rows(preview, change, county=county, after=after, limit=limit)
        gone = previewing.erased([one.subject for one in page])
        found += [one for one in page if one.subject not in gone]
        if len(page) < limit:
            break
        after = page[-1].place
    return found[:limit]


def of_subject(viewer: Viewer, subject: UUID, programmes: Iterable[str]) -> list[Determination]:
    """Every determination of a subject, past and present, under the programmes that the viewer may read there. One query."""
    return _readable(viewer, Q(subject=subject), programmes)


def around_resident(viewer: Viewer, resident: UUID, programmes: Iterable[str]) -> list[Determination]:
    """What stands for a resident and their households of today, under the programmes that the viewer may read there. One query."""
    return _readable(viewer, _own(resident, clock.today()) & Q(until__isnull=True), programmes)


def _own(resident: UUID, day: date) -> Q:
    """The resident and the households they are in on a day."""
    homes = HouseholdMember.objects.filter(believed(), true_on(day), resident__uid=resident).values("household__uid")
    return Q(subject=resident) | Q(subject__in=homes)


def _readable(viewer: Viewer, chosen: Q, programmes: Iterable[str]) -> list[Determination]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for slug in readable_programmes(viewer, programmes):
        alike.setdefault(_prefixes(viewer, slug), []).append(slug)
    wanted = Q(pk__in=[])
    for prefixes, slugs in alike.items():
        wanted |= Q(programme__in=slugs) & _inside(prefixes)
    return list(Determination.objects.filter(wanted, chosen).order_by("programme", "-id"))


def of_resident(viewer: Viewer, resident: UUID) -> list[Determination]:
    """What stands for a resident and the households they are in: for themself, or whoever acts for them. One query. Needs level card."""
    if not viewer.acts_for_resident(resident):
        raise Refused("viewer.not_granted", zh="您没有查看这位居民的权限", en="You may not read this resident.")
    viewer.require_level("card")
    return _of_resident(resident, clock.today())


@compiled
def _of_resident(resident: UUID, day: date) -> QuerySet[Determination]:
    return Determination.objects.filter(_own(resident, day), until__isnull=True).order_by("programme", "id")


def lacking_one(viewer: Viewer, programme: str, *, after: int = 0, limit: int = PAGE) -> list[Row]:
    """Undecided subjects that lack one fact, or facts of one list (one document) only, where the viewer is clerk or officer, by key.

    At most four queries.
    """
    prefixes = {prefix for role in ("clerk", "officer") for prefix in viewer.areas(role, programme)}
    reach = Q() if "" in prefixes else Q(pk__in=[])
    for prefix in prefixes - {""}:
        reach |= Q(area_code__gte=prefix, area_code__lt=next_prefix(prefix))
    said: dict[str, list[str]] = {}
    for fact, source in sources(Path(settings.LINLI_CITY)).items():
        if source.list:
            said.setdefault(source.list, []).append(fact)
    one = Q(missing__len=1)
    for facts in said.values():
        one |= Q(missing__contained_by=facts, missing__len__gt=1)
    rows = Determination.objects.filter(reach, one, programme=programme, until__isnull=True, verdict="unknown", id__gt=after)
    return _named(list(rows.order_by("id")[:limit]))


def circle(residents: Iterable[UUID]) -> dict[int, UUID]:
    """The residents, everyone who ever shared a household of either kind with them, and their relatives: {id: uid}. Four queries."""
    own = set(Resident.objects.filter(uid__in=set(residents)).values_list("id", flat=True))
    homes = HouseholdMember.objects.filter(resident__in=own).values("household")
    ids = own | set(HouseholdMember.objects.filter(household__in=homes).values_list("resident", flat=True))
    ids |= set(FamilyLink.objects.filter(relative__in=own).values_list("resident", flat=True))
    return dict(Resident.objects.filter(id__in=ids, erased_at__isnull=True).values_list("id", "uid"))


def members_ever(households: Iterable[UUID]) -> set[UUID]:
    """Everyone who was ever in one of the households, by uid. One query."""
    return set(HouseholdMember.objects.filter(household__uid__in=list(households)).values_list("resident__uid", flat=True))


def households_ever(residents: Iterable[int]) -> list[UUID]:
    """Every household that the residents were ever in, by uid. One query."""
    return list(HouseholdMember.objects.filter(resident__in=list(residents)).values_list("household__uid", flat=True).distinct())


def _area_names(codes: Iterable[str]) -> dict[str, str]:
    return dict(Area.objects.filter(code__in=set(codes), valid_to__isnull=True).values_list("code", "name"))


def _named(rows: list[Determination]) -> list[Row]:
    """Names from the registers, in bulk: residents, heads of households, organisations, areas."""
    by_kind: dict[str, list[UUID]] = {}
    for row in rows:
        by_kind.setdefault(row.subject_kind, []).append(row.subject)
    people_of: dict[UUID, tuple[str, date | None]] = {}
    if uids := by_kind.get("person"):
        found = Resident.objects.filter(uid__in=uids).values_list("uid", "name", "birth_date")
        people_of |= {uid: (name, birth) for uid, name, birth in found}
    if uids := by_kind.get("household"):
        heads = HouseholdMember.objects.filter(household__uid__in=uids, role="head", valid_to__isnull=True, known_to__isnull=True)
        named = heads.values_list("household__uid", "resident__name", "resident__birth_date")
        people_of |= {uid: (name, birth) for uid, name, birth in named}
    if uids := by_kind.get("organisation"):
        people_of |= {uid: (name, None) for uid, name in Organisation.objects.filter(uid__in=uids).values_list("uid", "name")}
    names = _area_names(row.area_code[:6] for row in rows)
    return [_row(row, *people_of.get(row.subject, ("", None)), names.get(row.area_code[:6], row.area_code[:6])) for row in rows]


def _row(row: Determination, name: str, birth: date | None, area: str) -> Row:
    return Row(
        row.pk,
        row.subject,
        row.subject_kind,
        name,
        birth,
        row.area_code,
        area,
        row.verdict,
        row.amount_fen,
        tuple(row.missing),
        row.since,
        row.until,
    )
