"""What a resident reads of themself: what was found, why, the one-page card, and who read their data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import segno
from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linli import vault
from linli.agreements import queries as agreements
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case
from linli.entitlements.at_home import AtHome, at_home
from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import Programme
from linli.registers.acts.guards import subject_of
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import load_lists
from linli.registers.models import AccountSignIn, HouseholdMember, Record, Resident, ResidentAccount, Staff
from linli.rules import Label
from linli.rules.explain import missing_label
from linli.screening import explaining, queries
from linli.screening.explaining import Reasons
from linli.screening.models import Determination
from linli.web.case.begun import BEGUN
from linli.web.case.whose import named_office
from linli.web.frame.sensitive import field_words
from linli.web.programme import findings, shelf
from linli.web.programme.steps import Steps, steps_of
from linli.web.programme.ways_in import way_in
from linli.web.templatetags.texts import words

READINGS = 50
Address = Callable[[Determination], str]


@dataclass(frozen=True, slots=True)
class Found:
    """A programme as it stands for a person or their household. missing: what would decide it; address: of the reasons."""

    programme: Programme
    standing: Determination
    missing: tuple[Label, ...]
    address: str

    @property
    def apply(self) -> str:
        """Where it is confirmed and applied for, "" where the programme lets nobody begin it at home."""
        way = way_in(self.programme, shelf.state_on(self.programme, clock.today()))
        return reverse("my:apply", args=[self.programme.slug]) if way is not None and (way.online or way.invited) else ""


@dataclass(frozen=True, slots=True)
class Enjoyed:
    """A programme whose list of recipients names the person, the list's words and since when. address: of the reasons, else the policy."""

    programme: Programme
    list: Label
    since: date
    address: str


@dataclass(frozen=True, slots=True)
class Everything:
    """certain: what they can have; open: what is not decided yet, nearest to it first; enjoyed: what a list says they have already;
    family: what another of the household asked for or has for all of them."""

    certain: tuple[Found, ...]
    open: tuple[Found, ...]
    enjoyed: tuple[Enjoyed, ...]
    family: tuple[AtHome, ...]


def found_for(viewer: Viewer, resident: Resident, address: Address, cases: Iterable[Case]) -> Everything:
    """What stands for the person and their households, and what they have already; what they get under an award, or have asked for and
    nobody has decided yet, isn't found any more, nor what another has asked for their household. cases: theirs. Seven queries at most."""
    live = {programme.slug: programme for programme in shelf.published()}
    rows = [row for row in queries.of_resident(viewer, resident.uid) if row.programme in live]
    family = at_home(resident)
    having = agreements.having({row.subject for row in rows}) | {(one.programme, one.household) for one in family}
    asked = asked_for(cases)
    rows = [row for row in rows if (row.programme, row.subject) not in having and row.programme not in asked]
    recipient = {slug: said for slug, said in _recipient(resident).items() if slug in live}
    new = [_found(live[row.programme], row, address(row)) for row in rows if row.programme not in recipient]
    undecided = sorted((one for one in new if one.standing.verdict == "unknown"), key=lambda one: len(one.missing))
    certain = tuple(one for one in new if one.standing.verdict == "eligible")
    pages = {row.programme: address(row) for row in rows}
    enjoyed = tuple(
        Enjoyed(live[slug], named, since, pages.get(slug) or reverse("programme", args=[slug]))
        for slug, (named, since) in sorted(recipient.items())
    )
    return Everything(certain, tuple(undecided), enjoyed, tuple(one for one in family if one.shown))


def asked_for(cases: Iterable[Case]) -> dict[str, Case]:
    """By programme, the applications that nobody has decided yet."""
    return {one.programme: one for one in cases if one.kind == APPLICATION.slug and one.status == "open"}


def family_of(person: Resident, slug: str, subject: UUID) -> AtHome | None:
    """What another has asked for under a programme for the household that is the subject, None where nobody has. Three queries at most."""
    return next((one for one in at_home(person) if (one.programme, one.household) == (slug, subject)), None)


def _found(programme: Programme, row: Determination, address: str) -> Found:
    return Found(programme, row, tuple(missing_label(programme.rule, key) for key in row.missing), address)


def _recipient(resident: Resident) -> dict[str, tuple[Label, date]]:
    """Programmes whose list of recipients names the person today: the list's words and since when. One query at most."""
    lists = {slug: one for slug, one in load_lists(settings.LINLI_CITY).items() if one.presence and one.presence.benefit}
    rows = [(lists[slug], since) for slug, since in _said(resident.pk, tuple(lists), clock.today())] if lists else []
    return {one.presence.benefit: (Label(one.zh, one.en), since) for one, since in rows if one.presence}


@compiled
def _said(resident: int, lists: tuple[str, ...], day: date) -> QuerySet[Record, tuple[str, date]]:
    rows = Record.objects.filter(believed(), true_on(day), resident=resident, list_slug__in=lists, present=True)
    return rows.values_list("list_slug", "valid_from")


def reasons(viewer: Viewer, person: Resident, programme: str, subject: UUID) -> tuple[Reasons, list[findings.Condition]]:
    """Why a programme finds the person or a household of theirs, condition by condition.

    Of others in the household and the family it says that their facts were read and not what they are. Refused where the viewer
    does not act for the person themself, or the subject is not theirs, whomever else the viewer acts for.
    """
    if not (viewer.acts_for_resident(person.uid) and _is_theirs(person, subject)):
        raise Refused("viewer.not_granted", zh="您没有查看这位居民的权限", en="You may not read this resident.")
    told = explaining.reasons(viewer, programme, subject)
    return told, [replace(one, facts=tuple(_own(fact, person) for fact in one.facts)) for one in findings.conditions(told)]


def _own(fact: findings.Fact, person: Resident) -> findings.Fact:
    people = tuple(one for one in fact.people if one.who == str(person.uid))
    return replace(fact, people=people, withheld=len(people) < len(fact.people))


def _is_theirs(person: Resident, subject: UUID) -> bool:
    """Whether a subject is the person or a household that they are in today. One query at most."""
    households = HouseholdMember.objects.filter(believed(), true_on(clock.today()), resident=person)
    return subject == person.uid or households.filter(household__uid=subject).exists()


@dataclass(frozen=True, slots=True)
class OnceOnly:
    """Of the facts that a programme asks for, how many a register already answers, and how many only the person can (数据多跑路)."""

    known: int
    asked: int


def once_only(conditions: Iterable[findings.Condition]) -> OnceOnly:
    """Each fact counts once, however many conditions read it; one that is of several people is known when everybody's is."""
    known: dict[str, bool] = {}
    for fact in (fact for condition in conditions for fact in condition.facts):
        values = [fact.value] * fact.of_subject + [one.value for one in fact.people]
        known[fact.name] = known.get(fact.name, True) and None not in values
    return OnceOnly(sum(known.values()), len(known) - sum(known.values()))


@dataclass(frozen=True, slots=True)
class Leaflet:
    """The one-page card (明白卡): what, how much, onto which bank card, when, whom to call. code: a QR code that dials the office."""

    programme: Programme
    name: str
    amount_fen: int | None
    account: str
    steps: Steps
    code: SafeString


def leaflet(viewer: Viewer, resident: Resident, told: Reasons) -> Leaflet:
    """The card of one programme for one person; the look at the bank account is recorded. Four queries."""
    programme = told.programme
    digits = "".join(letter for letter in programme.item.enquiry.phone if letter.isdigit() or letter == "+")
    drawn = segno.make(f"tel:{digits}", error="m").svg_inline(scale=4, border=2, svgclass=None, lineclass=None)
    amount = told.explanation.verdict.amount_fen
    return Leaflet(programme, resident.name, amount, _account_end(viewer, resident), steps_of(told), mark_safe(drawn))


def _account_end(viewer: Viewer, resident: Resident) -> str:
    """The last four digits of the bank card, "" where none is known or the viewer may not know it."""
    if not resident.account_cipher:
        return ""
    purpose = "self.view" if viewer.subject else "registers.service"
    try:
        shown = vault.reveal(viewer, purpose=purpose, subject=resident.uid, fields={"account": resident.account_cipher})
    except (Refused, LinliError):
        return ""
    return shown["account"][-4:]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader looked at for one purpose on one day, however often: times, newest first; on which ground; id of the last look."""

    times: tuple[datetime, ...]
    who: str
    fields: tuple[str, ...]
    purpose: Label
    basis: Label
    id: int


def readings(viewer: Viewer, resident: Resident, *, own: bool = False, before: int = 0) -> list[Reading]:
    """Who read the person's data, newest first, a page at a time. Two queries. Needs level card.

    own: the person's own looks instead of everybody else's. before: id of the last row of the page before.
    """
    if not viewer.acts_for_resident(resident.uid):
        raise Refused("viewer.not_granted", zh="您没有查看这位居民的权限", en="You may not read this resident.")
    viewer.require_level("card")
    rows, actor = vault.accesses_of(resident.uid).order_by(), subject_of(resident)
    chosen = rows.filter(actor=actor) if own else rows.exclude(actor=actor)
    days = chosen.annotate(day=TruncDate("at")).values("actor", "purpose", "fields", "day")
    folded = days.annotate(last=Max("id"), times=ArrayAgg("at", order_by=("-at",))).order_by("-last")
    shown = list((folded.filter(last__lt=before) if before else folded)[:READINGS])
    names, declared = _names(row["actor"] for row in shown), vault.purposes()
    found = []
    for row in shown:
        purpose = declared.get(row["purpose"])
        label = Label(purpose.zh, purpose.en) if purpose else Label(row["purpose"], row["purpose"])
        basis = Label(purpose.legal_basis_zh, purpose.legal_basis_en) if purpose else Label("", "")
        fields = tuple(field_words(field) for field in row["fields"])
        found.append(Reading(tuple(row["times"]), _who(row["actor"], resident, names), fields, label, basis, row["last"]))
    return found


def asked_by(cases: Iterable[Case]) -> dict[str, str]:
    """By actor, who asked for cases that the person did not ask for themself, by name, or what began them. Two queries at most."""
    others = {case.opened_by for case in cases if case.opened_by != case.subject}
    uids = {actor.partition(":")[2] for actor in others if actor.startswith("resident:")}
    agents = {subject_of(one): one.name for one in Resident.objects.filter(uid__in=uids)} if uids else {}
    staff = _names(others) if any(actor.startswith("staff:") for actor in others) else {}
    return {actor: agents.get(actor) or staff.get(actor) or str(BEGUN.get(actor) or _("窗口工作人员")) for actor in others}


@dataclass(frozen=True, slots=True)
class SignIn:
    """One time that the account was signed in to. how: in words, with who printed the slip."""

    at: datetime
    how: str


def sign_ins(account: ResidentAccount) -> list[SignIn]:
    """When and how somebody signed in to the account, newest first. Two queries."""
    rows = list(AccountSignIn.objects.filter(account=account).order_by("-at")[:READINGS])
    names = _names(row.printed_by for row in rows)
    ways = {"phone": _("用手机验证码登录"), "city": _("通过统一身份认证登录")}
    return [SignIn(row.at, ways.get(row.how) or _slip(names.get(row.printed_by, ""))) for row in rows]


def _slip(who: str) -> str:
    return _("用窗口打印的验证码登录，由 %(who)s 打印") % {"who": who or _("工作人员")}


def _names(actors: Iterable[str]) -> dict[str, str]:
    uids = {actor.partition(":")[2] for actor in actors if actor.startswith("staff:")}
    people = Staff.objects.filter(uid__in=uids).select_related("organisation").only("uid", "name", "organisation__name")
    return {one.actor: f"{words(named_office(one.organisation.name))} {one.name}" if one.organisation else one.name for one in people}


def _who(actor: str, resident: Resident, names: dict[str, str]) -> str:
    if actor == f"resident:{resident.uid}":
        return _("本人")
    if actor.startswith("resident:"):
        return _("受托代办的人")
    return names.get(actor) or _("系统自动办理")
