"""What the database itself refuses each process, and that the pages work with what is left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bank_examples import PAID, Asked, answer
from batch_examples import award
from django.core.exceptions import ObjectDoesNotExist
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from own_browser import own_browser
from place_examples import SYSTEM, VILLAGE, identity, person
from shown_examples import checked, listed, publish_shown_first, shown, waiting
from site_examples import whole_site
from web_examples import AID, SmallCity

from linli.api.jobs import send_due
from linli.batches.acts.objecting import object_to
from linli.batches.models import Item
from linli.casework import acts as casework
from linli.casework import timers, unmanned
from linli.casework.models import Case
from linli.casework.visits import acts as visits
from linli.insight import counting
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.ledger import acts as ledger
from linli.ledger.queries import standing
from linli.notices import acts as notices
from linli.notices.reactions import write
from linli.registers import acts
from linli.screening import acts as screening
from linli.settlement.acts import outcomes
from linli.site import roles
from linli.trace import witness
from linli.trace.models import Fact
from linli.web.entrance import sessions
from linli.web.frame.portals import site_of
from linli.web.tables.downloads import LISTINGS
from linli.web.tables.exports import Sheet

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
PREFIX = "tried"
WINDOW = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140882"),))
# What would let whoever broke into the public site's process become an officer, or read what no resident is shown.
OTHERS = [
    *("registers_secondfactor", "registers_recoverycode", "registers_staffsession", "registers_externalidentity"),
    *("django_session", "api_token", "api_webhook", "api_delivery", "web_download", "web_failedsignin", "web_savedfilter"),
    *("registers_upload", "registers_listversion", "screening_run", "casework_visit", "vault_keyevent", "trace_parked"),
    *("notices_mailing", "notices_delivery", "programmes_readingconfirmation"),
]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(scope="module")
def granted(small_city: SmallCity, django_db_blocker: object) -> None:
    """The three roles, made inside this file's transaction and gone with it. Who runs it may take on each of them."""
    run("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
    for role in roles.ROLES:
        run(f"CREATE ROLE {PREFIX}_{role}")
        run(f"GRANT {PREFIX}_{role} TO CURRENT_USER")
    roles.grant(PREFIX)


@contextmanager
def role(name: str) -> Iterator[None]:
    """As this role until the block ends; what was done is undone."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]
    with outer:
        run(f"SET LOCAL ROLE {PREFIX}_{name}")
        yield
        transaction.set_rollback(True)


def refused(name: str, statement: str) -> bool:
    """Whether the database refuses it for want of a right."""
    try:
        with role(name):
            run(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


def tables() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


def functions() -> set[str]:
    """Those that run with their owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname || '()' FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
        return {name for (name,) in cursor.fetchall()}


def test_every_table_is_placed_and_nothing_else(db: None):
    """A table that a later release adds fails here until somebody says who may read it."""
    assert roles.unplaced() == []
    placed = set(roles.rights())
    assert {name for name in placed if not name.endswith("()")} - tables() == set()
    assert {name for name in placed if name.endswith("()")} == functions()


def test_a_table_that_nobody_placed_stops_the_granting(granted: None):
    with transaction.atomic():
        run("CREATE TABLE brand_new (id int)")
        with pytest.raises(LinliError, match="brand_new"):
            roles.grant(PREFIX)
        transaction.set_rollback(True)


def test_missing_roles_are_named(db: None):
    with pytest.raises(LinliError, match="elsewhere_office, elsewhere_public, elsewhere_worker"):
        roles.grant("elsewhere")


def test_granting_again_takes_back_what_was_given_besides(granted: None):
    run(f"GRANT SELECT ON registers_secondfactor TO {PREFIX}_public")
    assert not refused("public", "SELECT 1 FROM registers_secondfactor")
    roles.grant(PREFIX)
    assert refused("public", "SELECT 1 FROM registers_secondfactor")


@pytest.mark.parametrize("table", OTHERS)
def test_the_public_role_reads_nothing_of_other_portals(granted: None, table: str):
    for statement in (f"SELECT 1 FROM {table}", f"DELETE FROM {table}"):
        assert refused("public", statement), statement


def test_the_public_role_reads_names_of_staff_and_no_passwords(granted: None):
    with role("public"):
        run("SELECT uid, login, name FROM registers_staff")
    for column in ("password", "last_login", "*"):
        assert refused("public", f"SELECT {column} FROM registers_staff"), column


def test_the_public_role_reads_that_a_list_speaks_of_somebody_and_not_what_its_file_says(granted: None):
    with role("public"):
        run("SELECT list_slug, area_code, as_of FROM registers_listimport")
    for column, table in (("file_name", "listimport"), ("actor", "listimport"), ("name", "doubtful"), ("data", "doubtful")):
        assert refused("public", f"SELECT {column} FROM registers_{table}"), column


@pytest.mark.parametrize("name", roles.ROLES)
def test_nobody_rewrites_what_is_append_only_or_takes_a_guard_off(granted: None, name: str):
    logs = {
        "trace_fact": "actor = ''",
        "vault_access": "actor = ''",
        "vault_keyevent": "what = ''",
        "programmes_programmeversion": "slug = ''",
    }
    for table, change in logs.items():
        for statement in (
            f"UPDATE {table} SET {change}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            assert refused(name, statement), statement
    for statement in ("DELETE FROM trace_head", "DROP TRIGGER trace_fact_keep ON trace_fact", "DROP FUNCTION trace_refuse() CASCADE"):
        assert refused(name, statement), statement
    assert refused(name, "CREATE TABLE mine (id int)")


@pytest.mark.parametrize("name", ["public", "worker"])
def test_only_the_officers_site_reads_what_passwords_are_checked_by(granted: None, name: str):
    assert refused(name, "SELECT password FROM registers_staff")
    assert not refused(name, "SELECT login FROM registers_staff")


def test_the_public_site_works_as_its_role(granted: None, small_city: SmallCity, client: Client):
    """Every public address, signed out and signed in, a dispute and its clock; `check-long` runs all page tests so."""
    number = identity()
    who = person("测试老人", identity=number)
    account = acts.check_card(WINDOW, resident=who, identity=number)
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    acts.grant_mandate(own, principal=who, kind="family", agent=small_city.found, evidence="本人登录后授权")
    write(list(Fact.objects.filter(type="registers.mandate_granted", subject=f"resident:{who.uid}")))
    fields = {"contact": number, "code": acts.issue_code(WINDOW, account=account, identity=number)}
    public = [address for _, address in whole_site(small_city) if site_of(address) == "public"]
    with role("public"):
        assert {client.get(address).status_code for address in public} <= {200, 302, 404, 405}
        assert client.post("/my/sign-in/code/", fields)["Location"] == "/my/"
        assert {client.get(address).status_code for address in public} <= {200, 302, 403, 404, 405}
        assert client.post("/my/wrong/sex/", {"words": "写错了", "key": "k-1", "whom": who.uid}).status_code == 302
        case = Case.objects.get(subject=f"resident:{who.uid}")
        assert client.post(f"/my/cases/{case.uid}/", {"withdraw": "1"}).status_code == 302
        for page in ("", "letters/", "readings/", "mandates/"):
            assert client.get(f"/my/{page}").status_code == 200, page
        assert client.get("/api/v1/programmes").status_code == 200


def test_who_is_paid_sees_what_comes_next_on_the_public_site(granted: None, small_city: SmallCity):
    award(small_city.found, 500_000, VILLAGE)
    client = own_browser(small_city.found)
    with role("public"):
        page = client.get("/my/")
    assert page.status_code == 200
    assert page.context["awards"][0].coming is not None


def test_an_objection_is_handed_up_as_the_workers_role(granted: None, small_city: SmallCity):
    """It looks at who could be the same person as somebody who had a part, which takes when each had a second factor."""
    publish_shown_first()
    waiting(small_city.found)
    notice = shown(checked(listed()))
    objection = object_to(SYSTEM, announcement=notice.uid, item=Item.objects.get().uid, words="已经搬走")
    with role("worker"):
        assert unmanned.hand_up(objection.uid) is False, "an officer of the county had no part"
    assert refused("worker", "SELECT * FROM registers_secondfactor")


def test_officers_hand_in_a_banks_answer(granted: None, small_city: SmallCity, tmp_path: Path):
    asked = Asked(reference="NO-SUCH", name="测试甲", account="6217000000000000001", fen=600_000)
    path = tmp_path / "answer.csv"
    path.write_bytes(answer("transfer", [(asked, PAID["transfer"])]))
    viewer = Viewer(small_city.officer.actor, (Grant("officer"),))
    with role("office"):
        assert outcomes.receive(viewer, layout="transfer", path=path, name="answer.csv").rows == 1


def forget_everywhere(city: SmallCity) -> None:
    """What follows an erasure, stage by stage."""
    who = city.found.uid
    notices.forget(viewer=SYSTEM, recipient=who)
    casework.forget(SYSTEM, who)
    visits.forget(SYSTEM, who)
    screening.forget(viewer=SYSTEM, resident=who)


WORK: dict[str, Callable[[SmallCity], object]] = {
    "screening": lambda city: screening.screen(viewer=SYSTEM, slugs=[AID]),
    "timers": lambda city: timers.fire_due(),
    "witness": lambda city: witness.take(SYSTEM),
    "sessions": lambda city: sessions.clear_expired(),
    "erasure": forget_everywhere,
    "figures": lambda city: counting.count(),
    "webhooks": lambda city: send_due(),
}


@pytest.mark.parametrize("work", WORK)
def test_background_work_runs_as_the_workers_role(granted: None, small_city: SmallCity, work: str):
    run("DISCARD TEMP")  # what the city's own screening staged, in a temporary schema of another role's
    with role("worker"):
        WORK[work](small_city)


WATCHING = Viewer("staff:x", tuple(Grant(role) for role in ("officer", "administrator", "auditor", "security", "clerk", "planner")))


def rows_of(listing: str) -> int:
    """How many rows a table has; none where it asks for more than nothing, such as a batch."""
    try:
        sheet = LISTINGS[listing](WATCHING, {})
        return sum(1 for _row in sheet.rows) if isinstance(sheet, Sheet) else 0
    except (LinliError, ObjectDoesNotExist, ValueError, KeyError):
        return 0


@pytest.mark.parametrize("listing", LISTINGS)
def test_every_table_is_written_with_the_workers_rights(granted: None, listing: str):
    run("DISCARD TEMP")
    with role("worker"):
        assert rows_of(listing) >= 0


def pieces(folder: str) -> list[list[Path]]:
    """The folder's test files, six at a time."""
    files = sorted(path for path in (ROOT / "tests/flow" / folder).glob("test_*.py") if path != Path(__file__))
    return [files[first : first + 6] for first in range(0, len(files), 6)]


@pytest.fixture(scope="module")
def database_with_roles(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """What LINLI_TEST_DB is for all pieces: the first one migrates it, and it is gone afterwards."""
    name = f"{connection.settings_dict['NAME']}_roles".removeprefix("test_")

    def drop() -> None:
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(f'test_{name}')}")

    drop()
    yield name
    drop()


@pytest.mark.long
@pytest.mark.parametrize(
    "files", [*pieces("api"), *pieces("web")], ids=lambda files: f"{files[0].parent.name}-{files[0].stem}-to-{files[-1].stem}"
)
def test_page_tests_pass_with_the_rights_of_the_process_that_serves_the_page(database_with_roles: str, files: list[Path]):
    """All tests of pages and of the API, each request under the role of its site (tests/flow/site/as_role.py)."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "as_role", "-p", "no:cacheprovider", "-m", "not long", "--reuse-db"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests/flow/site'}", "LINLI_TEST_DB": database_with_roles}
    done = subprocess.run([*command, *map(str, files)], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize("name", ["public", "office", "worker"])
def test_the_book_is_written_by_its_functions_alone(granted: None, name: str):
    assert refused(name, "INSERT INTO ledger_entry VALUES (1, 1, 1, 1, 1, '')")
    assert refused(name, "UPDATE ledger_balance SET posted = 1")
    assert refused(name, "SELECT ledger_write('{}', '{}', '{}', '{}', '{}', '{}', '{}')")
    closing = "SELECT ledger_open(ARRAY[gen_random_uuid()], 'tried', 'fen', 'payee', 0, '', now())"
    assert refused(name, closing) == (name == "public")


@pytest.mark.parametrize("name", ["office", "worker"])
def test_the_book_can_be_kept_with_the_roles_own_rights(granted: None, name: str):
    with role(name):
        for code, floor in (("world", None), ("fund", 0), ("payee", 0)):
            ledger.open_account(SYSTEM, code=code, unit="fen", kind="fund", floor=floor, shards=3 if code == "fund" else 0)
        paid = ledger.Posting(key="in", unit="fen", kind="in", legs=(("world", -100), ("fund", 100)))
        done = ledger.post(SYSTEM, posting=paid)
        held = ledger.hold(SYSTEM, key="held", account="fund", unit="fen", amount=60)
        legs = (("fund", -50), ("payee", 50))
        ledger.post(SYSTEM, posting=ledger.Posting(key="out", unit="fen", kind="out", legs=legs, hold=held.uid))
        assert standing("fund").available == 50
        assert not ledger.post(SYSTEM, posting=paid).fresh
        with pytest.raises(LinliError, match="available"):
            ledger.reverse(SYSTEM, transfer=done.uid, key="back")
