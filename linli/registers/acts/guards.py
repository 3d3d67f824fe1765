"""What must be so before a row of who and where is written, and the one order in which residents are locked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place
from linli.registers.bitemporal import believed
from linli.registers.models import Area, Resident, Situation
from linli.vault.acts import as_uuid

# Province-level codes (GB/T 2260).
_PROVINCES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
PROVINCES = frozenset(str(code) for first, last in _PROVINCES for code in range(first, last + 1))


def subject_of(resident: Resident) -> str:
    """The trace's name for a person."""
    return f"resident:{resident.uid}"


def require_known_areas(codes: Iterable[str]) -> None:
    """Raise LinliError for a code that stands in no version of the division table. One query."""
    wanted = _well_formed(codes)
    unknown = wanted - set(Area.objects.filter(code__in=wanted).values_list("code", flat=True))
    if unknown:
        raise _unknown_area(unknown)


def require_possible_areas(codes: Iterable[str]) -> None:
    """Like require_known_areas, but of prefectures whose table isn't held only the shape and the province are checked.

    People of this city study, work and are insured anywhere in the country. Two queries where such a code occurs.
    """
    wanted = _well_formed(codes)
    unknown = wanted - set(Area.objects.filter(code__in=wanted).values_list("code", flat=True))
    if unknown:
        held = tuple(Area.objects.filter(level="prefecture").values_list("code", flat=True))
        wrong = {code for code in unknown if code[:2] not in PROVINCES or len(code) < 4 or (held and code.startswith(held))}
        if wrong:
            raise _unknown_area(wrong)


def _well_formed(codes: Iterable[str]) -> set[str]:
    wanted = set(codes)
    for code in wanted:
        areas.level(code)
    return wanted


def _unknown_area(codes: Iterable[str]) -> LinliError:
    return LinliError(
        "registers.unknown_area",
        zh="行政区划代码不在区划表中",
        en="The division table has no such code.",
        place=Place(field="area_code"),
        expected="a code of the imported division table",
        expected_zh="已导入区划表中的代码",
        found=", ".join(sorted(codes)),
        remedy_zh="用 linli areas resolve 查代码，或先导入区划表",
        remedy_en="look the code up with linli areas resolve, or import the table first",
    )


def lock(*residents: Resident) -> list[Resident]:
    """The residents' fresh rows, locked against other writers until the commit, in order of id so that no two acts deadlock."""
    ids = {resident.pk for resident in residents}
    rows = {row.pk: row for row in Resident.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    locked = [rows[resident.pk] for resident in residents]
    erased = next((row for row in locked if row.erased_at is not None), None)
    if erased is not None:
        raise LinliError(
            "registers.erased",
            zh="该居民的个人信息已删除",
            en="This resident's personal data has been erased.",
            found=str(erased.uid),
            remedy_zh="如需再次登记，请作为新居民登记",
            remedy_en="register the person anew if they are served again",
        )
    return locked


def home_of(resident: Resident) -> str:
    """The area whose clerks keep this person's record: where registered, else where living."""
    kinds = dict(
        Situation.objects.filter(believed(), resident=resident, kind__in=("registered", "lives"))
        .order_by("valid_from")
        .values_list("kind", "area_code")
    )
    return kinds.get("registered") or kinds.get("lives") or ""


def county_of(area: str) -> str:
    """The county of an area: as near as a person's facts say where they are, since facts outlive an erasure."""
    return area[:6]


def day_text(day: date | None) -> str | None:
    """A date for a payload."""
    return str(day) if day else None


def require_range(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise LinliError(
            "registers.empty_range",
            zh="结束日期应晚于开始日期",
            en="The end must come after the beginning.",
            place=Place(field="valid_to"),
            expected=f"a day after {valid_from}",
            expected_zh=f"{valid_from} 之后的日子",
            found=str(valid_to),
            remedy_zh="结束日期写第一个不再有效的日子",
            remedy_en="the end is the first day on which it no longer holds",
        )


def resident_of(uid: UUID | str) -> Resident:
    """The resident of an uid, or LinliError."""
    found = Resident.objects.filter(uid=as_uuid(uid)).first()
    if found is None:
        raise LinliError(
            "registers.no_resident",
            zh="没有这位居民",
            en="There is no such resident.",
            found=str(uid),
            remedy_zh="核对编号",
            remedy_en="check the id",
        )
    return found


def require_word(field: str, word: str, words: Sequence[str]) -> None:
    """Raise LinliError unless the word is one of the declared ones."""
    if word not in words:
        raise LinliError(
            "registers.unknown_word",
            zh="取值不在规定范围内",
            en="Not one of the declared words.",
            place=Place(field=field),
            expected=", ".join(words),
            found=repr(word),
            remedy_zh="改为规定的取值",
            remedy_en="use one of them",
        )
