"""Reads of notices: a person's own letters, the log of what was sent to them, what failed, and whether a number is genuine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Cast

from linli import vault
from linli.kernel import areas
from linli.kernel.codes import is_code, tidy
from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.notices import offices
from linli.notices.models import STATES, Delivery, Mailing, Notice, Preference
from linli.notices.offices import Office
from linli.notices.writing import Words, titled, unpacked
from linli.registers.models import Resident
from linli.registers.queries import residents
from linli.registers.queries.accounts import decides_for
from linli.rules.declare import Label
from linli.trace.models import Fact

READERS = ("officer", "clerk")
PAGE = 50
INVITING = ("screening-found", "screening-found-for-ward")
"""Templates that tell somebody that a programme found them or their ward; linli/insight/sql/take_up.sql has the same."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in someone's inbox. words: by language, "zh" and "en"; about: as in Telling."""

    notice: Notice
    words: Mapping[str, Words]
    about: str = ""

    @property
    def title(self) -> Label:
        """Its heading in both languages."""
        return Label(self.words["zh"].title, self.words["en"].title)

    @property
    def text(self) -> Label:
        """Its text in both languages."""
        return Label(self.words["zh"].letter, self.words["en"].letter)

    @property
    def office(self) -> Label:
        """Who signed it."""
        return Label(self.notice.office_zh, self.notice.office_en)


def not_yours() -> Refused:
    """The refusal to whoever is neither the person nor acts for them."""
    return Refused(
        "notices.not_yours",
        zh="这些信件不是写给您的",
        en="These letters are not addressed to you.",
        remedy_zh="用收信人本人的账号登录，或请本人授权",
        remedy_en="sign in as the person, or ask them for a mandate",
    )


def letters(viewer: Viewer, recipient: UUID, *, before: int = 0, limit: int = PAGE) -> list[Letter]:
    """The letters to a resident, newest first, for themself or whoever acts for them, known by their card. Three statements.

    before: id of the last letter of the page before. Opening them is listed among the readings of the person's data.
    """
    if not viewer.acts_for_resident(recipient):
        raise not_yours()
    viewer.require_level("card")
    rows = Notice.objects.filter(recipient=recipient).order_by("-id")
    page = list((rows.filter(id__lt=before) if before else rows)[:limit])
    people = [(recipient, {"notice": row.text_cipher}) for row in page]
    opened = vault.reveal_many(viewer, purpose="self.view", people=people) if people else []
    return [Letter(row, *unpacked(shown["notice"])) for row, shown in zip(page, opened, strict=True)]


def unread(viewer: Viewer, recipient: UUID) -> int:
    """How many letters nobody has opened yet: a figure that a telephone code is enough for."""
    if not viewer.acts_for_resident(recipient):
        raise not_yours()
    return _unread.first(recipient) or 0


@compiled
def _unread(recipient: UUID) -> QuerySet[Notice, int]:
    rows = Notice.objects.filter(recipient=recipient, read_at__isnull=True).order_by().values("recipient")
    return rows.annotate(number=Count("pk")).values_list("number", flat=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """One notice of a log: what it was about and what became of it, without opening it."""

    notice: Notice
    title: Any
    deliveries: tuple[Delivery, ...]

    @property
    def office(self) -> Label:
        """Who signed it."""
        return Label(self.notice.office_zh, self.notice.office_en)


def log(viewer: Viewer, recipient: UUID, *, before: int = 0, limit: int = PAGE) -> list[Sent]:
    """What was sent to a resident: for themself, or for officers and clerks within their grants. Three queries.

    A notice about a programme is theirs to see by area and programme, one about the person's account wherever they see the person.
    before: id of the last notice of the page before.
    """
    rows = Notice.objects.filter(recipient=recipient)
    if not viewer.acts_for_resident(recipient):
        _require_office(viewer)
        where = _covered(viewer, "")
        rows = rows.filter(where | Q(programme="") if residents(viewer).filter(uid=recipient).exists() else where)
    rows = rows.filter(id__lt=before) if before else rows
    return [_sent(row) for row in rows.prefetch_related("deliveries").order_by("-id")[:limit]]


def _sent(row: Notice) -> Sent:
    return Sent(row, titled(row.template), tuple(sorted(row.deliveries.all(), key=lambda one: one.channel)))


def _covered(viewer: Viewer, prefix: str) -> Q:
    """Notices within the viewer's grants by area and programme; prefix: the way to the notice's columns."""
    if viewer.all_seeing:
        return Q()
    where = Q(pk__in=())
    for grant in viewer.grants:
        if grant.role in READERS:
            inside = {"area_code__gte": grant.area, "area_code__lt": areas.next_prefix(grant.area)} if grant.area else {}
            about = {"programme": grant.programme} if grant.programme else {}
            where |= Q(~Q(pk__in=()), **{f"{prefix}{column}": value for column, value in (inside | about).items()})
    return where


def _require_office(viewer: Viewer) -> None:
    if not viewer.all_seeing and not any(grant.role in READERS for grant in viewer.grants):
        raise Refused(
            "viewer.not_granted",
            zh="您没有查看通知记录的权限",
            en="You have no grant to see what was sent.",
            expected="officer, clerk",
            expected_zh="经办或窗口权限",
            remedy_zh="请管理员授权",
            remedy_en="ask an administrator for the grant",
        )


def _visible(viewer: Viewer) -> QuerySet[Delivery]:
    _require_office(viewer)
    return Delivery.objects.filter(_covered(viewer, "notice__"))


def deliveries(viewer: Viewer, status: str, *, before: int = 0, limit: int = PAGE) -> list[Delivery]:
    """Deliveries in one state within the viewer's grants, newest first, with their notices. One query; page on with the last id."""
    rows = _visible(viewer).filter(status=status).select_related("notice").order_by("-id")
    return list((rows.filter(id__lt=before) if before else rows)[:limit])


def counts(viewer: Viewer) -> dict[str, int]:
    """How many deliveries are in each state, within the viewer's grants. One query."""
    found = dict(_visible(viewer).values_list("status").annotate(number=Count("id")))
    return {state: found.get(state, 0) for state in STATES}


def mailings(viewer: Viewer, *, limit: int = PAGE) -> list[Mailing]:
    """The newest mailings of the programmes that the viewer has a grant for, held ones first. One query."""
    rows = Mailing.objects.all()
    slugs = {grant.programme for grant in viewer.grants if grant.role in READERS}
    if not viewer.all_seeing and "" not in slugs:
        rows = rows.filter(programme__in=slugs)
    return sorted(rows.order_by("-id")[:limit], key=lambda row: row.state != "held")


@dataclass(frozen=True, slots=True)
class Held:
    """What waits to be released. mailings, people: how many; since: the oldest; may: whether the viewer releases one of them."""

    mailings: int
    people: int
    since: datetime
    may: bool


def held(viewer: Viewer) -> Held | None:
    """What waits to be released of the programmes that the viewer has a grant for; None where nothing does. One query."""
    slugs = {grant.programme for grant in viewer.grants if grant.role in READERS}
    everything = viewer.all_seeing or "" in slugs
    rows = [row for row in _held() if everything or row.programme in slugs]
    if not rows:
        return None
    may = any(viewer.may("officer", programme=row.programme) for row in rows)
    return Held(len(rows), sum(row.people for row in rows), rows[0].made_at, may)


@compiled
def _held() -> QuerySet[Mailing]:
    return Mailing.objects.filter(state="held").order_by("made_at")


def invited(programme: str) -> QuerySet[Notice]:
    """Notices that told someone a programme found them; for the city's figures, which show no person."""
    return Notice.objects.filter(programme=programme, template__in=INVITING)


def reached(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Of these, the ones that went out by text message or e-mail, or were opened."""
    went_out = Delivery.objects.filter(notice=OuterRef("pk"), status="sent")
    return notices.filter(Q(read_at__isnull=False) | Exists(went_out))


def about(notices: QuerySet[Notice]) -> QuerySet[Any]:
    """Whom these notices are about, which need not be whom they went to: a child's go to the guardians, a household's to its head."""
    uid = Cast(Func(F("subject"), Value(":"), Value(2), function="split_part"), UUIDField())
    return Fact.objects.filter(id__in=notices.values("fact")).values_list(uid, flat=True)


def wishes(viewer: Viewer, recipient: UUID) -> tuple[Preference | None, str]:
    """How a resident wants to be reached, and their mail address in clear, for whoever may decide it: see require_decides().

    None while nothing was chosen. Reading the address is listed among the readings of the person's data.
    """
    require_decides(viewer, recipient)
    row = Preference.objects.filter(recipient=recipient).first()
    if row is None or not row.email_cipher:
        return row, ""
    return row, vault.reveal(viewer, purpose="self.view", subject=recipient, fields={"email": row.email_cipher})["email"]


@dataclass(frozen=True, slots=True)
class Genuine:
    """What anyone may know of a genuine notice: who sent it and when, never to whom or about what. sent_at None: a telephone number."""

    office: Office
    sent_at: datetime | None = None


def is_genuine(text: str) -> Genuine | None:
    """Whether a text is the number of a notice of ours, or a telephone number that our notices name; None if neither. One query."""
    wanted = tidy(text)
    phone = next((office for office in offices.published() if tidy(office.phone) == wanted), None)
    if phone is not None:
        return Genuine(phone)
    notice = Notice.objects.filter(code=wanted).first() if is_code(wanted) else None
    if notice is None:
        return None
    return Genuine(Office(Label(notice.office_zh, notice.office_en), notice.phone), notice.written_at)


def require_decides(viewer: Viewer, recipient: UUID) -> None:
    """Raise Refused unless the viewer may say how this person is written to: the person or their guardian. Two queries."""
    person = Resident.objects.filter(uid=recipient).first()
    if person is None or not viewer.acts_for_resident(recipient):
        raise not_yours()
    viewer.require_level("card")
    if not decides_for(viewer, person):
        raise Refused(
            "notices.own_wish",
            zh="怎样收信只能由本人或监护人决定",
            en="Only the person or their guardian decides how they are written to.",
            remedy_zh="请本人登录后自己改，或者到便民服务窗口",
            remedy_en="have the person change it themself, or at a service window",
        )
