"""The programmes as the public sees them: which version is in force, for whom, and found by words, pinyin or initials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from linli.kernel.clock import today
from linli.programmes import Programme
from linli.programmes.declaration import applying, last_day_of
from linli.programmes.published import published
from linli.web.frame.city import Group, groups
from linli.web.programme.ways_in import WayIn, way_in

__all__ = ["Dated", "Shelved", "dated", "matching", "published", "shelf", "state_on"]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A published programme: the version to show, its state on the day (live, coming or past) and the groups it is for."""

    programme: Programme
    state: str
    groups: tuple[Group, ...]

    @property
    def slug(self) -> str:
        """The programme's slug, its address."""
        return self.programme.slug

    @property
    def way(self) -> WayIn | None:
        """How it is applied for, None where nobody can now."""
        return way_in(self.programme, self.state)


def shelf(on: date | None = None) -> list[Shelved]:
    """Every published programme in the version that matters on the day: in force, else coming, else past. One query."""
    day = on or today()
    by_slug: dict[str, list[Programme]] = {}
    for programme in published():
        by_slug.setdefault(programme.slug, []).append(programme)
    found = [_shelved(versions, day) for versions in by_slug.values()]
    return sorted(found, key=lambda one: (("live", "coming", "past").index(one.state), one.slug))


@dataclass(frozen=True, slots=True)
class Dated:
    """A version with the last day on which it applies (None: open) and its state on the day asked about."""

    programme: Programme
    last: date | None
    state: str


def dated(versions: Sequence[Programme], on: date) -> list[Dated]:
    """The versions of one programme, oldest first. An open end is closed by the day before a later version begins."""
    found = []
    for one in versions:
        last = last_day_of(one, versions)
        found.append(Dated(one, last, "past" if last and last < on else state_on(one, on)))
    return found


def state_on(programme: Programme, day: date) -> str:
    """live, coming or past."""
    if programme.in_force(day):
        return "live"
    return "coming" if day < programme.effective_from else "past"


def _shelved(versions: list[Programme], day: date) -> Shelved:
    coming = [one for one in versions if one.effective_from > day]
    shown = applying(versions, day) or (coming[0] if coming else versions[-1])
    rule = shown.rule
    facts = rule.facts_used | rule.household_facts_used | rule.family_facts_used
    member = tuple(group for group in groups() if group.includes(shown.slug, facts, shown.subject))
    return Shelved(shown, state_on(shown, day), member)


def matching(shelved: list[Shelved], query: str) -> list[Shelved]:
    """Those that contain every word of the query, best first: in the name, then in the summary, then anywhere.

    Words are found in Chinese, in English, as pinyin and as initials ("扶残", "disabled", "zhuxue", "zx").
    """
    words = query.lower().split()
    if not words:
        return shelved
    scored = [(_score(one, words), index, one) for index, one in enumerate(shelved)]
    return [one for score, _, one in sorted(scored, key=lambda entry: entry[:2]) if score < MISS]


MISS = 9


def _score(one: Shelved, words: list[str]) -> int:
    """0 when every word is in the name, 1 in the summary or groups, 2 elsewhere; MISS when one is nowhere."""
    programme = one.programme
    group_words = " ".join(f"{group.label.zh} {group.label.en}" for group in one.groups)
    layers = (
        _index(programme.label.zh, programme.label.en),
        _index(f"{programme.summary.zh} {group_words}", programme.summary.en),
        _index(f"{programme.audience.zh}{programme.benefit.zh}", f"{programme.audience.en} {programme.benefit.en}"),
    )
    return max(min((depth for depth, text in enumerate(layers) if word in text), default=MISS) for word in words)


@lru_cache(maxsize=4096)
def _index(zh: str, en: str) -> str:
    """Everything a text can be found by, in lower case."""
    syllables = lazy_pinyin(zh)
    initials = "".join(lazy_pinyin(zh, style=Style.FIRST_LETTER))
    return "\n".join((zh, en, "".join(syllables), initials)).lower()
