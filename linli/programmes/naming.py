"""The city's names for the codes that a rule has in it: areas, programmes, and coded values as 查一查 words them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import yaml

from linli.programmes.catalogue import City, load_city, survey
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import NEVER_SHOWN
from linli.registers.lists import load_lists
from linli.registers.lists.vocabulary import sources
from linli.registers.placenames import english, overrides_of
from linli.rules.declare import Label, Naming

PUBLISHED: dict[str, Label] = {}
"""The names of programmes that this process has read from the database: one written in the office is in no folder."""
AREA_FACTS = ("_area", "_county", "_prefecture")


def naming(city: Path) -> Naming:
    """The names of a city folder, read once a process; programmes' names follow their files."""

    def name(fact: str, code: str) -> Label | None:
        if fact == "holds":
            versions = survey(city).catalogue.versions.get(code)
            return versions[-1].label if versions else PUBLISHED.get(code)
        if fact == "list":
            declared = load_lists(city).get(code)
            return Label(declared.zh, declared.en) if declared else None
        if fact.endswith(AREA_FACTS):
            return area_name(city, code)
        return _coded(city).get((fact, code))

    return name


def area_name(city: Path, code: str) -> Label | None:
    """A division's name in both languages; the city's own as city.yaml has it."""
    own = _city(city)
    if code == own.area:
        return own.label
    name = _divisions(city).get(code)
    if name:
        return Label(name, english(code, name, _english(city)))
    return _elsewhere(city, code)


@cache
def _elsewhere(city: Path, code: str) -> Label | None:
    """A division of another city whose table lies beside this one's: its own name after that city's."""
    for other in sorted(city.parent.glob("*/areas/divisions.csv")):
        folder, names = other.parents[1], _divisions(other.parents[1])
        above, name = names.get(code[:4]), names.get(code)
        if folder != city and above and name:
            own, whole = english(code, name, _english(folder)), english(code[:4], above, _english(folder))
            return Label(above, whole) if code == code[:4] else Label(f"{above}{name}", f"{own}, {whole}")
    return None


@cache
def _city(folder: Path) -> City:
    return load_city(folder)


@cache
def _divisions(city: Path) -> dict[str, str]:
    table = city / "areas" / "divisions.csv"
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8-sig", newline="") as stream:
        return {row["code"]: row["name"] for row in csv.DictReader(stream)}


@cache
def _english(city: Path) -> dict[str, str]:
    return overrides_of(city / "areas")


@cache
def _coded(city: Path) -> dict[tuple[str, str], Label]:
    """Words for coded values by fact and code, from questions.yaml; none without the file."""
    file = city / "questions.yaml"
    told = yaml.safe_load(file.read_text("utf-8")) if file.is_file() else {}
    found = {}
    for key, entry in told.get("questions", {}).items():
        for code, label in entry.get("values", {}).items():
            found[key.removeprefix("fact:"), str(code)] = Label(label["zh"], label["en"])
    return found


def public_facts(city: Path, programme: Programme) -> frozenset[str]:
    """The facts of a programme of which everybody may read the code: of no sensitive list, unless its column says so, none of those
    that are never shown, and none that no list of the city says."""
    known = sources(city)
    facts = (name for name, fact in programme.rule.declarations.facts.items() if fact.type.kind == "text" and name not in NEVER_SHOWN)
    return frozenset(name for name in facts if name in known and known[name].public)


def public_category(city: Path, programme: Programme, category: str) -> str:
    """The level of an award as everybody may read it, in Chinese: of its codes those that only public facts of the programme have."""
    shown, facts, name = public_facts(city, programme), programme.rule.declarations.facts, naming(city)
    hidden = {code for fact, one in facts.items() if fact not in shown for code in one.values}
    found = []
    for code in category.split(","):
        of = [fact for fact in sorted(shown) if not facts[fact].values or code in facts[fact].values]
        if code and of and code not in hidden:
            found.append(next((label.zh for fact in of if (label := name(fact, code))), code))
    return "、".join(found)


def category_words(city: Path, programme: Programme, category: str) -> Label:
    """The level of an award in words: what the city calls each of its codes, the code itself where it has no name."""
    name, facts = naming(city), programme.rule.declarations.facts
    found = [next((label for fact in facts if (label := name(fact, code))), Label(code, code)) for code in category.split(",") if code]
    return Label("、".join(one.zh for one in found), ", ".join(one.en for one in found))
