"""Everything that a city declares of its circles, read together and known by a digest, so that a figure says what it was counted by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from linli.circles.declared.groups import Group, groups_on, read_groups
from linli.circles.declared.kinds import Kinds, read_kinds
from linli.circles.declared.norms import Norm, TradeSet, read_norms, require_known_categories
from linli.circles.declared.plans import Planning, read_plans
from linli.circles.declared.ratios import Ratio, read_ratios
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Place
from linli.registers.categories import categories
from linli.rules.declare import Label
from linli.rules.source import read_yaml

FOLDER = "circles"
FILES = ("groups.yaml", "kinds.yaml", "norms.yaml", "plans.yaml", "ratios.yaml")


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """digest: of the files that say what is counted (groups, kinds, norms). share: what part in a hundred of a group must reach a norm
    that says no other, by the word of share_source."""

    digest: str
    norms: tuple[Norm, ...]
    sets: tuple[TradeSet, ...]
    share: int
    share_source: Label
    groups: tuple[Group, ...]
    kinds: Kinds
    planning: Planning
    stars: Ratio

    def asked(self, day: date) -> tuple[Norm, ...]:
        """The norms that hold on a day, for any type of circle."""
        return tuple(one for one in self.norms if one.days.hold(day))

    def norm(self, key: str, day: date) -> Norm | None:
        """The norm of a key that holds on a day."""
        return next((one for one in self.norms if one.key == key and one.days.hold(day)), None)

    def sets_on(self, day: date) -> Iterator[TradeSet]:
        """The sets that hold on a day."""
        return (one for one in self.sets if one.days.hold(day))

    def groups_on(self, day: date) -> dict[str, Group]:
        """The groups as they are defined on a day."""
        return groups_on(self.groups, day)


def declares(city: Path | None = None) -> bool:
    """Whether the city declares circles at all."""
    return (Path(city or settings.LINLI_CITY) / FOLDER / FILES[2]).is_file()


def standard(city: Path | None = None) -> Standard:
    """What the city declares, read again when a file has changed. LinliError where it declares nothing; Problems with every fault, also
    for norms about categories that the city's places don't have, if it has any (places.yaml)."""
    home = Path(city or settings.LINLI_CITY)
    folder = home / FOLDER
    missing = next((name for name in FILES if not (folder / name).is_file()), None)
    if missing:
        raise LinliError(
            "circles.undeclared",
            zh="这个城市还没有声明便民生活圈的标准",
            en="This city declares no standard for living circles.",
            place=Place(file=str(folder / missing)),
            remedy_zh="参照 cities/yuncheng/circles 写出标准",
            remedy_en="write one like cities/yuncheng/circles",
        )
    return _read(folder, tuple((folder / name).stat().st_mtime_ns for name in FILES), tuple(categories(home)))


@lru_cache(maxsize=8)
def _read(folder: Path, _changed_ns: tuple[int, ...], known: tuple[str, ...]) -> Standard:
    groups = read_groups(read_yaml(folder / FILES[0]))
    kinds = read_kinds(read_yaml(folder / FILES[1]))
    read = read_norms(read_yaml(folder / FILES[2]), kinds.types, groups)
    if known:
        require_known_categories(read.norms, known)
    counted = "\n".join((folder / name).read_text(encoding="utf-8") for name in FILES[:3])
    planning, stars = read_plans(read_yaml(folder / FILES[3])), read_ratios(read_yaml(folder / FILES[4]))
    return Standard(digest(counted.encode()), read.norms, read.sets, read.share, read.share_source, groups, kinds, planning, stars)
