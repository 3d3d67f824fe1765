"""Who lives with whom (shared_living) and who is in whose book (hukou_book), with roles; people end up sorted by household."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linli.registers.generated.kinship import ADULT, Kin, share_at
from linli.registers.generated.population import Bools, Ints, Slice, stream

# The order of a household's members; the same words as registers.models.families.ROLES.
ROLES = ("head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
# Shares of unmarried adults who live with their parents, by age from (assumption).
_WITH_PARENTS = {0: 1.0, 18: 0.88, 25: 0.70, 30: 0.55, 40: 0.40}
_LEFT_WITH_GRANDPARENTS = 0.05
_ELDERS_WITH_CHILD = {"couple": 0.28, "single": 0.48}
_OWN_BOOK = 0.6  # elders who live with a child and keep a book of their own
_STAYS_IN_BOOK = 0.25  # young couples who live apart and are still in the husband's parents' book
_MAN_HEADS = 0.72


@dataclass(slots=True)
class Households:
    """household, book: number of each person's shared-living household and hukou book in the block, from 0; role, book_role: into ROLES.

    head, book_head: position of each household's head.
    """

    household: Ints
    role: Ints
    head: Ints
    book: Ints
    book_role: Ints
    book_head: Ints


def form_households(kin: Kin, block: Slice, seed: int) -> tuple[Kin, Households]:
    """Join couples, singles, their children and parents; returns the people reordered by household and role."""
    rng = stream(seed, block, "households")
    host = _hosts(rng, kin)
    shared = _roots(host)
    book = _roots(_book_hosts(rng, kin, host))
    lead = np.where((kin.second >= 0) & (rng.random(len(kin.first)) >= _MAN_HEADS), kin.second, kin.first)
    household, head = _numbered(rng, shared[kin.unit], lead)
    role = _roles(kin, head[household])
    order = np.lexsort((role, household))
    kin, household, role, head, book_unit, lead = _reordered(kin, order, household, role, head, book[kin.unit], lead)
    book_number, book_head = _numbered_in_order(book_unit, lead)
    return kin, Households(household, role, head, book_number, _roles(kin, book_head[book_number]), book_head)


def _hosts(rng: np.random.Generator, kin: Kin) -> Ints:
    """The unit whose home each unit joins (itself when it has its own). Only singles go up to parents, only elders down to a couple."""
    units = len(kin.first)
    host = np.arange(units)
    single = kin.second < 0
    age, parents = kin.age[kin.first], kin.parents[kin.first]
    joins = single & (parents >= 0) & (rng.random(units) < share_at(_WITH_PARENTS, age))
    host[joins] = parents[joins]
    minor = single & (age < ADULT)
    grandparents = np.where(parents >= 0, kin.parents[kin.first[np.maximum(parents, 0)]], -1)
    left = minor & (grandparents >= 0) & (rng.random(units) < _LEFT_WITH_GRANDPARENTS)
    host[left] = grandparents[left]
    orphans = np.flatnonzero(minor & (parents < 0))
    guardians = np.flatnonzero((age >= 40) & (age < 70))
    if len(guardians):
        host[orphans] = guardians[rng.integers(0, len(guardians), len(orphans))]
    _elders_join(rng, kin, host)
    return host


def _elders_join(rng: np.random.Generator, kin: Kin, host: Ints) -> None:
    """Some elders live with one married child, sons before daughters; a couple takes in one side's parents."""
    age = kin.age[kin.first]
    chance = np.where(kin.second >= 0, _ELDERS_WITH_CHILD["couple"], _ELDERS_WITH_CHILD["single"])
    willing = (age >= 60) & (rng.random(len(age)) < chance)
    married = np.flatnonzero((kin.spouse >= 0) & (kin.parents >= 0))
    married = married[willing[kin.parents[married]]]
    married = married[np.lexsort((rng.random(len(married)), ~kin.male[married]))]
    _, once = np.unique(kin.parents[married], return_index=True)
    married = married[np.sort(once)]
    _, once = np.unique(kin.unit[married], return_index=True)
    married = married[np.sort(once)]
    host[kin.parents[married]] = kin.unit[married]


def _book_hosts(rng: np.random.Generator, kin: Kin, host: Ints) -> Ints:
    """As the homes, except elders who keep their own book and young couples who are still in the parents'."""
    own = np.arange(len(host))
    age = kin.age[kin.first]
    book = np.where((age >= 60) & (host != own) & (rng.random(len(host)) < _OWN_BOOK), own, host)
    parents = kin.parents[kin.first]
    at_home = (parents >= 0) & (book[np.maximum(parents, 0)] == parents)
    stays = (kin.second >= 0) & (age < 35) & (book == own) & at_home & (rng.random(len(host)) < _STAYS_IN_BOOK)
    return np.where(stays, parents, book)


def _roots(host: Ints) -> Ints:
    """Follow the hosts to those who host themselves. Ends because up-moves go to older singles' parents and down-moves never turn back."""
    while not np.array_equal(host, host[host]):
        host = host[host]
    return host


def _numbered(rng: np.random.Generator, root: Ints, lead: Ints) -> tuple[Ints, Ints]:
    """Households numbered in random order, so that neighbours are not of one age."""
    units, number = np.unique(root, return_inverse=True)
    place = rng.permutation(len(units))
    head = np.empty(len(units), dtype=np.int64)
    head[place] = lead[units]
    return place[number], head


def _numbered_in_order(root: Ints, lead: Ints) -> tuple[Ints, Ints]:
    """Books numbered by their first member, so that both numberings run along the same streets."""
    units, first, number = np.unique(root, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    head = np.empty(len(units), dtype=np.int64)
    head[rank] = lead[units]
    return rank[number], head


def _roles(kin: Kin, head: Ints) -> Ints:
    """What each person is to the head of the household, as a position in ROLES."""
    people = np.arange(len(head))
    partner = kin.spouse[head]
    parent_of = _is_parent(kin, head, people)
    child_of = _is_parent(kin, people, head) | ((partner >= 0) & _is_parent(kin, people, np.maximum(partner, 0)))
    tests = {
        "head": people == head,
        "spouse": (partner == people),
        "child": child_of,
        "parent": parent_of,
        "grandchild": _is_grandparent(kin, people, head),
        "grandparent": _is_grandparent(kin, head, people),
        "sibling": (kin.parents >= 0) & (kin.parents == kin.parents[head]),
    }
    return np.select(list(tests.values()), [ROLES.index(role) for role in tests], default=ROLES.index("other"))


def _is_parent(kin: Kin, child: Ints, parent: Ints) -> Bools:
    """Whether `parent` is father or mother of `child`."""
    return np.asarray((kin.father[child] == parent) | (kin.mother[child] == parent))


def _is_grandparent(kin: Kin, grandchild: Ints, grandparent: Ints) -> Bools:
    result = np.zeros(len(grandchild), dtype=bool)
    for side in (kin.father[grandchild], kin.mother[grandchild]):
        result |= (side >= 0) & _is_parent(kin, np.maximum(side, 0), grandparent)
    return result


def _reordered(
    kin: Kin, order: Ints, household: Ints, role: Ints, head: Ints, book_unit: Ints, lead: Ints
) -> tuple[Kin, Ints, Ints, Ints, Ints, Ints]:
    """Everything that names a position, under the new order."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))

    def moved(positions: Ints) -> Ints:
        return np.where(positions >= 0, place[np.maximum(positions, 0)], -1)

    ordered = Kin(
        age=kin.age[order],
        male=kin.male[order],
        born=kin.born[order],
        spouse=moved(kin.spouse[order]),
        father=moved(kin.father[order]),
        mother=moved(kin.mother[order]),
        unit=kin.unit[order],
        parents=kin.parents[order],
        first=moved(kin.first),
        second=moved(kin.second),
    )
    return ordered, household[order], role[order], moved(head), book_unit[order], moved(lead)
