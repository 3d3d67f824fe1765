"""What a public notice shows of a batch, line by line: the columns that the programme declares and never one of those nobody may show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from linli.agreements.models import Award
from linli.batches.models import Item
from linli.kernel import clock
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.programmes.declaration import Programme
from linli.programmes.naming import public_category
from linli.programmes.procedure.declaration import NEVER_SHOWN, NOTICE_FIELDS
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Area, HouseholdMember, Organisation, Resident

AT_ONCE = 1000
HIDDEN = "*"
TOWNSHIP, VILLAGE = 9, 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A case that is shown without an item: nothing is paid for it. case: its primary key; minor: of whom nothing stands online."""

    uid: UUID
    case: int
    beneficiary_kind: str
    beneficiary: UUID
    person: UUID
    area_code: str
    category: str
    household: UUID | None
    minor: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a notice: the item or case and its texts, one for each column."""

    entry: Item | Shown
    cells: tuple[str, ...]


def columns_of(programme: Programme) -> tuple[str, ...]:
    """The declared columns, in their order."""
    declared = programme.public_notice.fields if programme.public_notice else ()
    return tuple(name for name in declared if name in NOTICE_FIELDS and name not in NEVER_SHOWN)


def lines(programme: Programme, entries: Iterable[Item | Shown], period: str = "", *, masked: bool = False) -> Iterator[Line]:
    """The lines of entries in their order, in bounded memory: four queries for a thousand. masked: names with a character left out."""
    columns, source, city = columns_of(programme), iter(entries), Path(settings.LINLI_CITY)
    levels: dict[str, str] = {}
    while some := list(islice(source, AT_ONCE)):
        names, areas, members = names_of(some), _areas(some), _members(some) if "members" in columns else {}
        for item in some:
            if item.category not in levels:
                levels[item.category] = public_category(city, programme, item.category)
            name = names.get(item.beneficiary, "")
            told = {
                "name": masked_name(name) if masked else name,
                "township": areas.get(item.area_code[:TOWNSHIP], "") if len(item.area_code) >= TOWNSHIP else "",
                "village": place_in_words(areas, item.area_code, "township" in columns),
                "category": levels[item.category],
                "amount": yuan_text(item.amount_fen) if isinstance(item, Item) else "",
                "members": str(members.get(item.household, "")) if item.household else "",
                "period": in_words(period)[0] if period else "",
                "result": _result(item),
            }
            yield Line(item, tuple(told[column] for column in columns))


def place_in_words(areas: dict[str, str], code: str, township_told: bool) -> str:
    """A village by its name, after its township's where no other column says that: villages of one name lie in many townships."""
    if len(code) < VILLAGE:
        return ""
    return ("" if township_told else areas.get(code[:TOWNSHIP], "")) + areas.get(code[:VILLAGE], "")


def _result(entry: Item | Shown) -> str:
    if isinstance(entry, Shown):
        return "拟同意"
    return "拟给予" if entry.award.state == "proposed" else "给予"


def masked_name(name: str) -> str:
    """张三 as 张*, 张小三 as 张*三, longer ones with everything between the first and the last character left out."""
    if len(name) < 2:
        return HIDDEN
    return name[0] + HIDDEN if len(name) == 2 else name[0] + HIDDEN * (len(name) - 2) + name[-1]


def names_of(items: Sequence[Item | Award | Shown]) -> dict[UUID, str]:
    """Names of the beneficiaries; of a household its head's."""
    people = dict(Resident.objects.filter(uid__in=[item.beneficiary for item in items]).values_list("uid", "name"))
    firms = {item.beneficiary for item in items if item.beneficiary_kind == "organisation"}
    if firms:
        people |= dict(Organisation.objects.filter(uid__in=firms).values_list("uid", "name"))
    homes = {item.beneficiary: item.person for item in items if item.beneficiary_kind == "household"}
    if homes:
        heads = dict(Resident.objects.filter(uid__in=homes.values()).values_list("uid", "name"))
        people |= {home: heads.get(head, "") for home, head in homes.items()}
    return people


def _areas(items: Sequence[Item | Shown]) -> dict[str, str]:
    codes = {item.area_code[:length] for item in items for length in (TOWNSHIP, VILLAGE) if len(item.area_code) >= length}
    return dict(Area.objects.filter(true_on(clock.today()), code__in=codes).values_list("code", "name"))


def _members(items: Sequence[Item | Shown]) -> dict[UUID, int]:
    homes = {item.household for item in items if item.household}
    living = HouseholdMember.objects.filter(believed(), true_on(clock.today()), household__uid__in=homes)
    return dict(living.order_by().values_list("household__uid").annotate(number=Count("id")))
