"""A city's programme files together: every slug with its versions in order."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from linli.kernel.digests import default_algorithm
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.looks import once
from linli.programmes.declaration import Desk, Programme, applying
from linli.programmes.files import ReadFile, city_vocabulary, read_file
from linli.rules.declare import Label, label_of, mapping_of, need
from linli.rules.source import Entry, read_yaml

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class City:
    """city.yaml: the city's name and division code, its hotline, and the departments that own programmes, by key.

    marks: what the numbers of a department's papers begin with (机关代字), by key, where the city says so.
    """

    slug: str
    label: Label
    area: str
    hotline: Desk
    bodies: Mapping[str, Label]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Programmes by slug, each with its versions in order of their first day. `path` is the city's folder."""

    path: Path
    city: City
    versions: Mapping[str, tuple[Programme, ...]]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every programme's slug, in order."""
        return tuple(self.versions)

    def __iter__(self) -> Iterator[Programme]:
        """The newest version of each programme."""
        return (versions[-1] for versions in self.versions.values())

    def newest(self, slug: str) -> Programme:
        """The version with the latest first day."""
        return self.of(slug)[-1]

    def version(self, slug: str, version: str) -> Programme:
        """The version of that name. Raises LinliError when there is none."""
        for programme in self.of(slug):
            if programme.version == version:
                return programme
        raise _unknown("版本", "version", version, [programme.version for programme in self.of(slug)])

    def in_force(self, slug: str, on: date) -> Programme | None:
        """The version that the files declare for that day: of those that have begun the last, unless it has ended."""
        return applying(self.of(slug), on)

    def of(self, slug: str) -> tuple[Programme, ...]:
        """The versions of a programme in order of their first day. Raises LinliError for an unknown slug, with the nearest names."""
        if slug not in self.versions:
            raise _unknown("事项", "programme", slug, list(self.versions))
        return self.versions[slug]


@dataclass(frozen=True, slots=True)
class Survey:
    """A city's programmes as far as their files can be read, and the files that have faults."""

    catalogue: Catalogue
    broken: Mapping[str, ReadFile]

    def broken_of(self, slug: str) -> dict[str, ReadFile]:
        """The files with faults in a programme's folder."""
        return {file: read for file, read in self.broken.items() if Path(file).parent.name == slug}


def catalogue(city: str | Path) -> Catalogue:
    """Every programme of a city folder. Raises Problems with the faults of all files at once.

    Kept in memory until a file under programmes/ or registers/ or city.yaml changes.
    """
    found = survey(city)
    if found.broken:
        raise Problems([fault for read in found.broken.values() for fault in read.faults])
    return found.catalogue


def survey(city: str | Path) -> Survey:
    """The same, with files that have faults kept apart. Raises LinliError or Problems for a city.yaml or a register list at fault."""
    path = Path(city)
    return once(("survey", path), lambda: _read(path, _stamp(path), default_algorithm()))


def _stamp(city: Path) -> Stamp:
    files = [city / "city.yaml", *sorted((city / "programmes").glob("*/programme*.yaml")), *sorted((city / "registers").glob("*.yaml"))]
    states = [(str(file), file.stat()) for file in files if file.is_file()]
    return tuple((file, state.st_mtime_ns, state.st_size) for file, state in states)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: Stamp, _algorithm: str) -> Survey:
    city = load_city(path)
    vocabulary = city_vocabulary(path)
    found: dict[str, list[Programme]] = {}
    broken: dict[str, ReadFile] = {}
    for file, _, _ in stamp:
        if Path(file).parent.parent == path / "programmes":
            read = read_file(Path(file), vocabulary)
            if read.faults or read.programme is None:
                broken[file] = read
            else:
                found.setdefault(read.programme.slug, []).append(read.programme)
    for versions in found.values():
        for programme, fault in _same_version(versions):
            versions.remove(programme)
            broken[str(programme.file)] = ReadFile((fault,), programme)
    ordered = {slug: tuple(sorted(versions, key=lambda one: one.effective_from)) for slug, versions in sorted(found.items())}
    return Survey(Catalogue(path, city, ordered), broken)


def load_city(path: Path) -> City:
    """The city.yaml of a city folder; read again when it has changed. Raises LinliError or Problems."""
    file = path / "city.yaml"
    state = file.stat() if file.is_file() else None
    return _load_city(path, state and (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=8)
def _load_city(path: Path, _stamp: tuple[int, int] | None) -> City:
    entry = read_yaml(path / "city.yaml")
    hotline, problems = need(entry, "hotline"), list[LinliError]()
    declared = mapping_of(need(entry, "bodies"), problems)
    bodies = {key: label_of(item) for key, item in declared.items()}
    marks = {key: _text(mark) for key, item in declared.items() if (mark := item.get("mark")) is not None}
    if problems:
        raise Problems(problems)
    desk = Desk(_text(need(hotline, "phone")), label_of(hotline))
    return City(_text(need(entry, "city")), label_of(entry), _text(need(entry, "area")), desk, bodies, marks)


def _text(entry: Entry) -> str:
    return entry.raw or str(entry.value)


def _same_version(versions: list[Programme]) -> list[tuple[Programme, LinliError]]:
    """Files that repeat the version of an earlier one."""
    seen: dict[str, Programme] = {}
    return [(one, _repeated(one, seen[one.version])) for one in versions if seen.setdefault(one.version, one) is not one]


def _repeated(programme: Programme, other: Programme) -> LinliError:
    return LinliError(
        "programmes.same_version",
        zh="两个文件是同一版本",
        en="Two files are the same version.",
        place=Place(programme.file, field="version"),
        expected="a version name of its own",
        expected_zh="不重复的版本号",
        found=f"{programme.version}, also in {other.file}",
        found_zh=f"{programme.version}，另见 {other.file}",
        remedy_zh="改版本号",
        remedy_en="rename it",
    )


def _unknown(zh: str, en: str, found: str, known: list[str]) -> LinliError:
    near = difflib.get_close_matches(found, known, n=3, cutoff=0.4) or known
    return LinliError(
        f"programmes.unknown_{en}", zh=f"没有这个{zh}", en=f"There is no such {en}.", expected=", ".join(near), found=found,
        remedy_zh="检查名称", remedy_en="check the name",
    )  # fmt: skip
