"""After an erasure nobody finds out from the tables or the trace who an erased id was: the attacks on it, as tests."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from lists_examples import VILLAGES, add_areas, deliver, on_list
from place_examples import SYSTEM, identity

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.registers import acts, facts
from linli.registers.acts import records
from linli.registers.bitemporal import withdraw
from linli.registers.bulk import NewHousehold, NewLink, NewResident, register_residents
from linli.registers.imports import undo_import
from linli.registers.lists.facts import RECORD_CHANGED
from linli.registers.models import (
    Doubtful,
    DoubtfulCandidate,
    FamilyLink,
    Household,
    HouseholdMember,
    ListImport,
    Record,
    Resident,
    Situation,
)
from linli.trace.deep import verify_rows
from linli.trace.findings import Finding
from linli.trace.models import Fact
from linli.trace.rows import covering, digest_of
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
NAME, BORN, SINCE = "测绘雪", date(1987, 5, 23), date(2019, 2, 17)
HOME, SCHOOL = VILLAGES[3], VILLAGES[1]
CERTIFIED, LOADED, TOLD = date(2026, 9, 1), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(TOLD):
        yield


@pytest.fixture
def one(tmp_path: Path) -> NewResident:
    """Somebody of whom everything is on record, some of it from the base register, some by hand, with a family that stays."""
    add_areas()
    places = [("registered", HOME, SINCE), ("studies", SCHOOL, SINCE)]
    her = NewResident(uuid7(), NAME, identity(BORN, male=False), situations=places, phone="19900000001", relations_known=True)
    kin = [NewResident(uuid7(), f"亲属{n}", identity(date(1960, 1, n + 1)), situations=[("lives", VILLAGES[0], SINCE)]) for n in range(3)]
    book = NewHousehold(uuid7(), "hukou_book", VILLAGES[0], SINCE, [(kin[0].uid, "head"), (her.uid, "child")])
    links = [NewLink(her.uid, kin[0].uid, "father", BORN), NewLink(kin[0].uid, her.uid, "child", BORN)]
    with clock.frozen(LOADED):
        register_residents(SYSTEM, [her, *kin], [book], links, source="test")
    row, spouse, ward = (Resident.objects.get(uid=person.uid) for person in (her, kin[1], kin[2]))
    acts.correct_resident(SYSTEM, resident=row, changes={"hukou_type": "unified"})
    acts.record_situation(SYSTEM, resident=row, kind="lives", area_code=HOME, valid_from=SINCE)
    acts.link_family(SYSTEM, resident=row, relative=spouse, relation="spouse", valid_from=SINCE)
    acts.end_family_link(
        SYSTEM, link=acts.link_family(SYSTEM, resident=ward, relative=row, relation="guardian", valid_from=SINCE), on=CERTIFIED
    )
    home = acts.form_household(SYSTEM, kind="shared_living", area_code=HOME, members=[(spouse, "head"), (row, "spouse")], valid_from=SINCE)
    acts.change_member(SYSTEM, household=home, resident=row, role="other", on=CERTIFIED)
    records.record_authorisation(SYSTEM, resident=row, list_slug="economic-check", valid_from=SINCE, evidence="sha256:paper")
    records.record_holding(SYSTEM, subject=row, programme_slug="elder-meals", valid_from=SINCE)
    deliver(tmp_path, [on_list(her, "肢体", "二级"), on_list(kin[1], "听力", "三级")], CERTIFIED)
    return her


def altered() -> list[Finding]:
    """What the deep verification finds, but for the areas, which this test writes without a trace."""
    return [finding for finding in verify_rows() if not finding.row.startswith("registers.area:")]


def everything_stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of this database, as text, the division table aside."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith(("django_", "registers_area"))]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            found[table] = [json.loads(text) for (text,) in cursor.fetchall()]
    return found


def of_the_person(stored: dict[str, list[dict[str, Any]]], uid: str, key: int) -> list[str]:
    """Every row that names the person, by uid anywhere or by a foreign key to their row."""
    with connection.cursor() as cursor:
        points = {
            (table, column)
            for table in stored
            for column, (_, other) in connection.introspection.get_relations(cursor, table).items()
            if other == "registers_resident"
        }
    return [
        f"{table} {json.dumps(row, ensure_ascii=False)}"
        for table, rows in stored.items()
        for row in rows
        if uid in json.dumps(row) or any((table, column) in points and row[column] == key for column in row)
    ]


def test_nothing_in_any_table_leads_from_the_id_to_the_person(one: NewResident) -> None:
    row, others = Resident.objects.get(uid=one.uid), Resident.objects.exclude(uid=one.uid)
    before = of_the_person(everything_stored(), str(one.uid), row.pk)
    assert {line.split()[0] for line in before} >= {
        "registers_situation", "registers_familylink", "registers_householdmember", "registers_record", "registers_authorisation",
        "registers_holding", "registers_residentpast",
    }  # fmt: skip
    acts.erase_resident(SYSTEM, resident=row, reason="request")
    stored = everything_stored()
    left = of_the_person(stored, str(one.uid), row.pk)
    assert {line.split()[0] for line in left} <= {"registers_resident", "trace_fact", "vault_access", "vault_keyevent", "vault_personkey"}
    kin = {str(uid) for uid in (*others.values_list("uid", flat=True), *Household.objects.values_list("uid", flat=True))}
    telling = {NAME, str(BORN), str(SINCE), HOME, SCHOOL, VILLAGES[0], str(CERTIFIED), one.identity, one.phone, *kin}
    dated = f'"on": "{CERTIFIED}"'
    for line in left:
        assert not {word for word in telling if word in line.replace(dated, "")}, line
    assert NAME not in json.dumps(stored, ensure_ascii=False)
    assert list(verify_chains()) == []
    assert altered() == []


def test_no_row_is_named_both_by_the_persons_facts_and_by_another_subjects(one: NewResident) -> None:
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    mine = f"resident:{one.uid}"
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for subject, digests in Fact.objects.values_list("subject", "digests"):
        named[subject == mine] |= set(digests)
    assert named[True]
    assert not named[True] & named[False]


def test_those_who_are_left_have_a_fact_each(one: NewResident) -> None:
    last = Fact.objects.latest("id").pk
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    new = Fact.objects.filter(pk__gt=last)
    linked = new.filter(type=facts.FAMILY_LINKED.name).values_list("subject", flat=True)
    assert len(set(linked)) == 3
    assert f"resident:{one.uid}" not in linked
    assert new.filter(type=facts.HOUSEHOLD_CHANGED.name, subject__startswith="household:").count() == 2


def guesses(row: Record, text: str) -> Iterator[str]:
    """What a thief tries: every certificate there is, in the row's own text, which is otherwise known to them, salt apart."""
    for kind, level in itertools.product(("visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"), range(1, 5)):
        data = json.dumps({"disability_kind": kind, "disability_level": level})
        lines = [f"data={data}" if line.startswith("data=") else line for line in text.split("\n")]
        yield "\n".join(lines)


def test_a_certificate_is_not_found_by_trying_them_all(one: NewResident) -> None:
    row = Record.objects.get(resident__uid=one.uid)
    label, declared = Record._meta.label_lower, covering(Record)
    text = Record.objects.annotate(text=declared.expression()).values_list("text", flat=True).get(pk=row.pk)
    known = Fact.objects.get(type=RECORD_CHANGED.name, subject=f"resident:{one.uid}").digests[f"{label}:{row.pk}"]
    assert known in {digest_of(label, row.pk, guess) for guess in guesses(row, text)}
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    salt = str(row.salt)
    assert salt not in json.dumps(everything_stored())
    for without in (text.replace(f"\nsalt={salt}", ""), text.replace(salt, str(uuid7()))):
        assert known not in {digest_of(label, row.pk, guess) for guess in guesses(row, without)}


def test_the_persons_own_row_has_another_salt_afterwards(one: NewResident) -> None:
    before = Resident.objects.get(uid=one.uid).salt
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    assert Resident.objects.get(uid=one.uid).salt != before


def test_no_two_rows_share_a_salt_however_they_were_written(one: NewResident) -> None:
    situations = Situation.objects.filter(resident__uid=one.uid, kind="lives")
    kept = dict(situations.values_list("pk", "salt"))
    withdrawn, remains = withdraw(situations, valid_from=date(2021, 1, 1), valid_to=date(2022, 1, 1), now=clock.now())
    assert (len(withdrawn), len(remains)) == (1, 2)
    assert {key: Situation.objects.get(pk=key).salt for key in kept} == kept
    for model in (Resident, Situation, HouseholdMember, FamilyLink, Record):
        salts = list(model._default_manager.values_list("salt", flat=True))
        assert len(set(salts)) == len(salts) > 0


def test_an_import_is_undone_without_the_erased_persons_record(one: NewResident, tmp_path: Path) -> None:
    delivery = ListImport.objects.latest("pk")
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    undo_import(SYSTEM, delivery=delivery.uid)
    assert list(Record.objects.values_list("known_to", flat=True)) == [clock.now()]
    assert list(verify_chains()) == []
    assert altered() == []


def test_a_doubtful_row_that_can_only_be_theirs_is_emptied_and_stays_closed(one: NewResident, tmp_path: Path) -> None:
    stranger = NewResident(one.uid, "另一人", one.identity, situations=one.situations)
    deliver(tmp_path, [on_list(stranger, "肢体", "一级")], date(2026, 9, 20), accept_drop=True)
    assert DoubtfulCandidate.objects.filter(resident__uid=one.uid).exists()
    acts.erase_resident(SYSTEM, resident=Resident.objects.get(uid=one.uid), reason="request")
    assert not DoubtfulCandidate.objects.exists()
    doubt = Doubtful.objects.get()
    assert (doubt.name, doubt.birth_date, doubt.area_code, doubt.data, doubt.resolution) == ("", None, "", {}, "dismissed")
    assert altered() == []
