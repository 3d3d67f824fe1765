"""A programme file's content as values: what the city promises, to whom, on what ground."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from linli.kernel.digests import digest_of
from linli.kernel.errors import Place
from linli.programmes.particulars import Particulars
from linli.programmes.procedure import Objection, Payment, Procedure, PublicNotice, Standing, Verification
from linli.rules import Rule
from linli.rules.declare import Label, Naming
from linli.rules.source import Entry

NEVER = date(9999, 12, 31)
SITUATIONS = {
    "registered": Label("户籍地", "where the person is registered"),
    "lives": Label("常住地", "where the person lives"),
    "insured": Label("参保地", "where the person is insured"),
    "studies": Label("就读地", "where the person studies"),
}
KINDS = {
    "administrative_payment": Label("行政给付", "administrative payment"),
    "administrative_confirmation": Label("行政确认", "administrative confirmation"),
    "administrative_award": Label("行政奖励", "administrative award"),
    "administrative_licence": Label("行政许可", "administrative licence"),
    "public_service": Label("公共服务", "public service"),
    "other_power": Label("其他行政权力", "other administrative power"),
}
FORMS = {"original": Label("原件", "original"), "copy": Label("复印件", "copy"), "electronic": Label("电子材料", "electronic")}
EXEMPTIONS = {
    "none": Label("需要提交", "to be shown"),
    "data_sharing": Label("数据共享，免提交", "waived: the register has it"),
    "commitment": Label("告知承诺，可代替", "a signed commitment is enough"),
}


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A law or document. supports: ids of the rule's conditions that rest on it."""

    id: str
    label: Label
    article: str | None
    supports: tuple[str, ...]
    note: Label | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where to ask or complain."""

    phone: str
    label: Label


@dataclass(frozen=True, slots=True)
class Item:
    """The programme's entry in the public item list (实施清单). body: the implementing body's key in city.yaml."""

    code: str | None
    kind: str
    body: str
    joint_bodies: tuple[str, ...]
    enquiry: Desk
    complaint: Desk


@dataclass(frozen=True, slots=True)
class Material:
    """Something an applicant shows. exempt: none, data_sharing or commitment. list: the register list that stands for it.

    check: officer or none. reuse_days: for how long one given once is offered again, None: in its case only. gives: facts that it shows,
    so that it is asked for where one of them is unknown.
    """

    id: str
    label: Label
    source: Label
    form: str
    copies: int
    exempt: str
    list: str | None
    check: str = "officer"
    reuse_days: int | None = None
    gives: tuple[str, ...] = ()


ACCOUNT = Material(
    "account",
    Label("收款账户", "the account to be paid to"),
    Label("收款人", "whoever is paid"),
    "electronic",
    1,
    "none",
    None,
    check="none",
)
"""Where to pay: typed in and checked by the bank. A programme that pays asks for it, also where its file doesn't list it."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Which of the four situations decides eligibility, office and payer, and the area that eligibility asks for, with its name."""

    eligibility: str
    office: str
    payer: str
    area: str
    label: Label


@dataclass(frozen=True, slots=True)
class Reading:
    """A source text that can be read in more than one way, and the reading taken."""

    source_text: Label
    question: Label
    chosen: Label


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund that pays. level: central, province, city or county."""

    id: str
    label: Label
    level: str


@dataclass(frozen=True, slots=True)
class OpenField:
    """Something the owner still has to fill in. blocking: the version can't be published without it."""

    path: str
    label: Label
    blocking: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme, checked.

    issued_precision: day, month or year, as far as the source states it. facts: the city's declarations of the facts that the rule uses.
    procedure to satisfaction: how one gets from an application to paid, None where the file doesn't say. particulars: parts that only some
    programmes have.
    text: the file as written; digest: of its content and of those declarations, so that a comment changes nothing and a changed fact does.
    """

    slug: str
    version: str
    label: Label
    summary: Label
    audience: Label
    benefit: Label
    lifecycle: str
    subject: str
    household_kind: str | None
    employment: bool
    issued_on: date
    issued_precision: str
    effective_from: date
    effective_to: date | None
    retroactive: Label | None
    requires_legal_basis: bool
    legal_basis: tuple[LegalBasis, ...]
    demonstration: Label | None
    item: Item
    materials: tuple[Material, ...]
    statutory_working_days: int | None
    promised_working_days: int | None
    result_kind: str
    result: Label
    place: Deciding
    reading: Reading | None
    funds: tuple[Fund, ...]
    letter: Label
    procedure: Procedure | None
    verification: Verification | None
    public_notice: PublicNotice | None
    payment: Payment | None
    standing: Standing | None
    objection: Objection | None
    satisfaction: bool
    particulars: Particulars
    rule: Rule
    open_fields: tuple[OpenField, ...]
    facts: Mapping[str, Any] = field(repr=False)
    entry: Entry = field(repr=False, compare=False)
    text: str = field(repr=False)
    digest: str
    file: str | None

    @property
    def empty_parameters(self) -> tuple[str, ...]:
        """Parameters and tables that have no value at all yet."""
        return tuple(item.path for item in self.open_fields if item.blocking)

    @property
    def invites(self) -> bool:
        """Whether those whom a screening finds are invited; where only they themselves can begin, nobody is looked for."""
        return self.procedure is None or "invitation" in self.procedure.start

    @property
    def is_retroactive(self) -> bool:
        """Whether it applies from before it was issued, as far as the source states the date (a month or year counts as its last day)."""
        return self.effective_from < last_day(self.issued_on, self.issued_precision)

    def in_force(self, on: date) -> bool:
        """Whether `on` lies between its first and last day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def words(self, language: str, naming: Naming | None = None) -> str:
        """The rule said back in 'zh' or 'en' from its syntax tree, not from the author's words. naming: names for codes, days in words."""
        said = self.rule.words(language, naming)
        return said if not self.empty_parameters else without_stand_ins(said, language)

    def words_digest(self, algorithm: str | None = None) -> str:
        """What an owner's confirmation is bound to: the rule in both languages and the reading taken."""
        reading = self.reading.chosen if self.reading else None
        chosen = [reading.zh, reading.en] if reading else []
        return digest_of({"zh": self.words("zh"), "en": self.words("en"), "reading": chosen}, algorithm)


def applying(versions: Iterable[Programme], on: date) -> Programme | None:
    """The version that applies on a day: of those that have begun the last, unless it has ended. An earlier one never comes back."""
    begun = [one for one in versions if one.effective_from <= on]
    last = max(begun, key=lambda one: one.effective_from, default=None)
    return last if last is not None and last.in_force(on) else None


def last_day_of(one: Programme, versions: Iterable[Programme]) -> date | None:
    """The last day on which a version applies beside the others: its own, or the day before the next begins; None while neither is."""
    begin = [other.effective_from - timedelta(days=1) for other in versions if other.effective_from > one.effective_from]
    return min([*begin, *([one.effective_to] if one.effective_to else [])], default=None)


def without_stand_ins(said: str, language: str) -> str:
    """A draft's words with the figures that are still empty called so."""
    pending = "尚未填写" if language.startswith("zh") else "not filled in yet"
    never = (str(NEVER), "9999年12月31日", "31 December 9999")
    lines = (f"{line.split('”')[0]}”：{pending}" if any(day in line for day in never) else line for line in said.splitlines())
    return "\n".join(lines)


def last_day(first: date, precision: str) -> date:
    """The last day that a stated day, month or year may mean."""
    if precision == "year":
        return date(first.year, 12, 31)
    if precision == "month":
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return following - timedelta(days=1)
    return first


def place_of(programme: Programme, path: str) -> Place:
    """File, line and column of "rule.conditions.age" and the like; the nearest place above if it isn't there. List items go by id."""
    entry = programme.entry
    for step in path.split("."):
        inner = entry.value
        if isinstance(inner, dict):
            found = inner.get(step)
        elif isinstance(inner, list):
            found = next(
                (item for item in inner if isinstance(item.value, dict) and "id" in item.value and item.value["id"].value == step), None
            )
        else:
            found = None
        if found is None:
            break
        entry = found
    return Place(entry.file or programme.file, entry.line, entry.column, path)
