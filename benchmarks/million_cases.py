"""As many applications in the million city as it has residents, what they led to, and residents who have signed in.

A few hundred are made by the acts that the pages call, with everything that they write; the rest has the shape of these and is written
set-based, opened by system:benchmark: one in ten open in its first step or before it, one in eleven of the closed ones granted with an
award. People whom the screening found for the allowance have none, so that they can still apply. Run as a module it signs residents in.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.apart import ROOT

ALLOWANCE, VERSION = "old-age-allowance", "2026"
COUNTY = "140802"
REAL = 100
"""Applications of the county made by acts; half of them wait for their acceptance, the others are in their first step."""
MARK = "system:benchmark"
_PEOPLE = """
    CREATE TEMPORARY TABLE asking ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY turn, id) AS n, turn, uid, area FROM (
        SELECT r.id, r.uid, s.area_code AS area, turn
        FROM registers_resident r
        JOIN registers_situation s ON s.resident_id = r.id AND s.kind = 'registered' AND s.known_to IS NULL AND s.valid_to IS NULL
        CROSS JOIN generate_series(1, 2) AS turn
        WHERE r.erased_at IS NULL AND r.deceased_on IS NULL
            AND NOT EXISTS (SELECT FROM screening_determination d WHERE d.subject = r.uid AND d.programme = %(slug)s)
        ORDER BY turn, r.id LIMIT %(cases)s
    ) people
"""
_CASES = """
    INSERT INTO casework_case (uid, receipt, kind, subject, area_code, programme, programme_version, origin, received_at, accepted_at, step,
        list_slug, fact, department, status, opened_at, opened_by, on_behalf_of, due_at, closed_at, outcome, answered_by, version)
    SELECT gen_random_uuid(), '99' || lpad(n::text, 11, '0'), 'application', 'resident:' || uid, area, %(slug)s, %(version)s, 'invitation',
        '', CASE WHEN open AND n %% 20 = 0 THEN NULL ELSE began END, CASE WHEN open AND n %% 20 = 0 THEN NULL WHEN open THEN 'check'
        ELSE 'decide' END, '', %(slug)s, '运城市民政局', CASE WHEN open THEN 'open' ELSE 'closed' END, began, %(mark)s, '',
        began + interval '20 days', CASE WHEN open THEN NULL ELSE began + interval '6 days' END,
        CASE WHEN open THEN '' WHEN turn = 1 AND n %% 11 = 0 THEN 'granted' ELSE 'refused' END, '', 3
    FROM (SELECT *, turn = 1 AND n %% 10 = 0 AS open,
        now() - interval '6 days' - make_interval(mins => (n %% 200000)::int) AS began FROM asking) a
"""
_NEW = "SELECT * FROM casework_case WHERE opened_by = %(mark)s"
_REST = (
    f"""INSERT INTO casework_task (case_id, role, area_code, desk_code, programme, level, due_at, warn_at, taken_by, done_at)
    SELECT id, 'officer', area_code, left(area_code, 12), programme, 0, due_at, due_at - interval '2 days', '', closed_at
    FROM ({_NEW}) c""",
    f"""INSERT INTO entitlements_application (case_id, person, programme, beneficiary_kind, beneficiary, verdict, amount_fen, category,
        conditions, missing, reckoned_on, asked, known, payee, answers_cipher, account_cipher, automatic, open)
    SELECT id, split_part(subject, ':', 2)::uuid, programme, 'person', split_part(subject, ':', 2)::uuid,
        CASE WHEN outcome = 'refused' THEN 'not_eligible' ELSE 'eligible' END, 5000, '', '{{"age": true}}', '[]', opened_at::date, 1, 3,
        'self', '', '', false, status = 'open' FROM ({_NEW}) c""",
    f"""INSERT INTO casework_requirement (case_id, material, state)
    SELECT id, material, state FROM ({_NEW}) c, (VALUES ('identity', 'exempt'), ('account', 'given')) AS needs (material, state)""",
    f"""INSERT INTO casework_steptaken (case_id, position, step, kind, level, desk_code, department, officers, signatures, opened_at,
        due_at, done_at, result)
    SELECT id, place, name, name, level, left(area_code, length), department, 1, '[]', opened_at + make_interval(days => place * 2), due_at,
        CASE WHEN status = 'open' THEN NULL ELSE opened_at + make_interval(days => place * 2 + 2) END,
        CASE WHEN status = 'open' THEN '' ELSE 'passed' END
    FROM ({_NEW}) c, (VALUES (0, 'check', 'village', 12), (1, 'decide', 'township', 9)) AS steps (place, name, level, length)
    WHERE accepted_at IS NOT NULL AND (status = 'closed' OR place = 0)""",
    f"""INSERT INTO entitlements_decision (uid, application_id, outcome, amount_fen, category, conditions, rule_digest, automatic,
        decided_at, decided_by, confirmed_by)
    SELECT gen_random_uuid(), a.id, c.outcome, CASE WHEN c.outcome = 'granted' THEN 5000 END, '', '{{"age": true}}', 'sha256:0', false,
        c.closed_at, %(mark)s, '' FROM ({_NEW}) c JOIN entitlements_application a ON a.case_id = c.id WHERE c.status = 'closed'""",
    f"""INSERT INTO agreements_award (uid, case_id, programme, programme_version, beneficiary_kind, beneficiary, person, area_code,
        category, amount_fen, cycle, begins_on, payee, account_cipher, minor, state, state_since, ending)
    SELECT gen_random_uuid(), id, programme, programme_version, 'person', split_part(subject, ':', 2)::uuid,
        split_part(subject, ':', 2)::uuid, area_code, '', 5000, 'month', date '2026-01-01', 'self', 'generated', false, 'active', closed_at,
        '' FROM ({_NEW}) c WHERE outcome = 'granted'""",
)
_TABLES = ("casework_case", "casework_task", "casework_requirement", "casework_steptaken", "entitlements_application",
           "entitlements_decision", "agreements_award", "batches_item")  # fmt: skip


def load(cases: int) -> None:
    """All of it, unless it is there already; then the month's batch of the county, listed. About five minutes for a million."""
    from django.db import connection, transaction

    from linli.casework.models import Case

    if Case.objects.filter(opened_by=MARK).exists():
        return
    print(f"  {cases:,} applications", flush=True)
    told = {"slug": ALLOWANCE, "version": VERSION, "mark": MARK, "cases": cases}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PEOPLE, told)
        cursor.execute(_CASES, told)
        for statement in _REST:
            cursor.execute(statement, told)
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"ANALYZE {table}" for table in _TABLES))
    _made_by_acts()
    _batch()


def _found(county: str) -> list[Any]:
    """People of a county whom the screening found for the allowance, in a fixed order."""
    from linli.registers.models import Resident
    from linli.screening.models import Determination

    rows = Determination.objects.filter(programme=ALLOWANCE, verdict="eligible", until__isnull=True, area_code__startswith=county)
    found = Resident.objects.filter(uid__in=rows.values("subject"), erased_at__isnull=True, deceased_on__isnull=True)
    return list(found.order_by("id"))


def _made_by_acts() -> None:
    """Applications with their letters, notes and facts: without an account, so that nothing is approved at once."""
    from linli.entitlements.acts import Account, accept, apply, give_account
    from linli.entitlements.acts.applying import Wanted
    from linli.kernel.viewer import Grant, Viewer

    officer = Viewer("staff:00000000-0000-7000-8000-00000000b003", (Grant("officer"),))
    for number, who in enumerate(_found(COUNTY)[:REAL]):
        own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
        case = apply(own, who.uid, Wanted(ALLOWANCE))
        if number % 2:
            give_account(own, case.uid, Account(who.name, f"9900000000{number:09}", "演示银行"))
            accept(officer, case.uid)


def _batch() -> None:
    """What the county owes this month, gathered."""
    from linli.batches.acts import gathering
    from linli.kernel import clock
    from linli.kernel.viewer import Grant, Viewer

    officer = Viewer("staff:00000000-0000-7000-8000-00000000b003", (Grant("officer"),))
    batch = gathering.open_batch(officer, programme=ALLOWANCE, period=f"{clock.today():%Y-%m}", area=COUNTY)
    print(f"  a batch of {gathering.gather(officer, batch=batch.uid):,}", flush=True)


def signed_in(which: str, number: int) -> list[dict[str, str]]:
    """Residents with a session each: cookie (name=key), uid, name and the newest case. which: 'asked' have an application of their own
    making, 'found' can still apply."""
    from benchmarks import million_city

    command = [sys.executable, "-m", "benchmarks.million_cases", which, str(number)]
    done = subprocess.run(command, check=True, cwd=ROOT, env=million_city.environment(), stdout=subprocess.PIPE, text=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def _sign_in(which: str, number: int) -> list[dict[str, str]]:
    import django

    django.setup()
    from linli.casework.models import Case

    people = _found(COUNTY if which == "asked" else "")
    newest = {
        case.subject: str(case.uid)
        for case in Case.objects.filter(subject__in=[f"resident:{one.uid}" for one in people], kind="application").order_by("id")
    }
    wanted = [one for one in people if (f"resident:{one.uid}" in newest) == (which == "asked")][:number]
    return [
        {"cookie": _session(one), "uid": str(one.uid), "name": one.name, "case": newest.get(f"resident:{one.uid}", "")} for one in wanted
    ]


def _session(who: Any) -> str:
    """A session of somebody whose card was checked, as signing in leaves it behind."""
    from django.conf import settings
    from django.test import RequestFactory

    from linli.kernel import clock
    from linli.registers.models import ResidentAccount
    from linli.web.entrance import residents
    from linli.web.entrance.sessions import ResidentSessions

    account, _new = ResidentAccount.objects.get_or_create(
        resident=who,
        defaults={"subject": who.uid, "level": "card", "opened_at": clock.now(), "checked_by": MARK, "checked_at": clock.now()},
    )
    request = RequestFactory().get("/my/")
    request.session = ResidentSessions()
    residents.begin(request, account)
    request.session.save()
    return f"{settings.LINLI_RESIDENT_COOKIE}={request.session.session_key}"


if __name__ == "__main__":
    print(json.dumps(_sign_in(sys.argv[1], int(sys.argv[2]))))
