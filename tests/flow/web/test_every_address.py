"""Every address of the site, for every kind of viewer: who may open it is declared here, and an address that is not declared fails.

A viewer who may not is sent to sign in, told so, or told that there is nothing; whatever the address, no page names a person whom
the viewer's grants do not cover; whoever hears a page finds their way by its headings, tables, fields and links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from reading_order import wrong_for_listeners
from web_examples import AID, PASSWORD, SmallCity

from linli.kernel import clock
from linli.registers import acts

pytestmark = pytest.mark.django_db
NOBODY = UUID("00000000-0000-7000-8000-00000000dead")
STAFF = frozenset({"officer", "county", "clerk", "steward", "planner", "auditor", "administrator", "security"})
EVERYONE = STAFF | {"anonymous"}
NONE: frozenset[str] = frozenset()


def only(*viewers: str) -> frozenset[str]:
    return frozenset(viewers)


# Who gets something at an address, with the sample below: "officer" is the whole city's, "county" is 盐湖区's for one programme, the
# clerk is 盐湖区's, the steward one village's. NONE: nobody's session opens it as it stands here (another kind of reader, or no such row).
OPENS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("api-docs", "openapi-json", "api-v1:list_programmes", "api-v1:get_programme", "api-v1:list_versions", "api-v1:check",
         "api-v1:list_areas", "api-v1:resolve", "api-v1:get_area", "api-v1:list_fact_types", "api-v1:nearest_windows",
         "api-v1:list_open_data", "api-v1:about_hsds", "api-v1:hsds_services", "api-v1:hsds_organizations",
         "api-v1:hsds_service_at_locations", "api-v1:hsds_taxonomies", "api-v1:hsds_taxonomy_terms"),
        EVERYONE,
    ),
    # Programs show a token; a signed-in browser's cookie is none.
    **dict.fromkeys(
        [f"api-v1:{name}" for name in (
            "hsds_service", "hsds_service_at_location", "hsds_organization", "hsds_taxonomy", "hsds_taxonomy_term",
            "list_lists", "list_quality", "list_imports", "send", "apply", "undo", "search", "get", "reveal", "determinations", "explain",
            "list_screenings", "ask", "counties", "missing_facts", "subjects", "facts", "whoami", "list_tokens", "make_token",
            "revoke_token", "answer", "list_cases", "list_inbox", "open_case", "take",
            "list_webhooks", "add_webhook", "end_webhook", "list_deliveries", "replay_delivery", "api-root",
            "take_up", "take_up_by_county", "gaps", "standings", "list_drafts", "difference", "submit", "ask_preview", "preview",
            "list_doubts", "settle", "list_notices", "list_mailings", "list_staff", "due", "record",
            "list_applications", "accept", "supplement", "pass_on", "send_back", "decide", "outcome", "number", "rows")],
        NONE,
    ),
    **dict.fromkeys(
        ("announcements", "draws", "draw_verify", "verify", "verify_code",
         "home", "catalogue", "suggestions", "programme", "check", "genuine", "genuine_script", "styleguide", "switch",
         "healthz", "readyz", "metrics", "windows", "prices", "open_data", "map", "map_blind", "open_map_file", "map_report",
         "my:sign_in", "my:sign_out", "office:sign_in", "office:sign_out"),
        EVERYONE,
    ),
    **dict.fromkeys(
        ("programme_version", "my:confirm", "my:identity", "my:identity_back", "office:second_factor", "office:enrol", "office:identity",
         "office:identity_back"),
        NONE,
    ),
    # A notice's lines, a draw's file, a batch: none of them is there yet (tests/flow/web/test_batch_pages.py).
    **dict.fromkeys(
        ("announcement", "announcement_object", "announcement_object_number", "ranks_shown", "public_draw", "draw_file"), NONE
    ),
    "open_data_file": NONE,  # nothing is published yet (tests/flow/web/test_open_data.py)
    **dict.fromkeys(("batches:list", "batches:checks"), only("officer", "county", "auditor")),
    "batches:begin": only("officer", "county"),
    **dict.fromkeys(
        [f"batches:{name}" for name in (
            "export", "check", "check_paper", "check_page",
            "item", "draw", "notice", "cases_begin", "poster", "poster_photo", "object", "batch", "dissolve", "declared", "items", "left",
            "slip", "draw_begin", "notice_begin", "archive")],
        NONE,
    ),
    # A resident's own pages: no staff session is one (tests/flow/web/test_my.py opens them as residents).
    **dict.fromkeys(
        [f"my:{name}" for name in (
            "home", "turn", "why", "leaflet", "wrong", "apply", "contest", "review", "agree", "receipt", "visit", "case", "letters",
            "reach", "readings", "mandates", "reports",
            "end_mandate", "agree_mandate", "give_matter", "paper", "take_up", "mail", "windows", "papers", "give_paper", "own_paper",
            "own_paper_page", "case_letter", "escrow", "mend_account", "works", "works_sign", "shared_recovery", "shared_letter")],
        NONE
    ),
    **dict.fromkeys(
        [f"window:{name}" for name in (
            "find", "register", "lacking", "organisations", "by_receipt", "person",
            "consent", "done", "check_card", "code", "mandates", "blank_paper", "guardianship")],
        only("clerk"),
    ),
    # No case is called as the person of the sample is (tests/flow/web/test_papers.py).
    **dict.fromkeys(("window:papers", "window:give_paper", "window:receipt", "window:contest", "window:organisation"), NONE),
    **dict.fromkeys(
        [f"steward:{name}" for name in ("home", "ask", "places", "place", "lacking", "hanging")],
        only("steward"),
    ),
    **dict.fromkeys(("steward:reports", "steward:waiting"), only("steward", "officer")),
    # The person of the sample lives elsewhere.
    "steward:person": NONE,
    # No network is in use, nothing was reported (tests/flow/web/test_map.py, test_place_reports.py).
    **dict.fromkeys(("map_ground", "map_reported", "steward:report"), NONE),
    "steward:queue": STAFF,
    # Neither says anything of anybody: a page for no network, and the script that shows it.
    **dict.fromkeys(("steward:offline", "steward:worker"), EVERYONE),
    # Acting for someone needs their consent, recorded at this window before.
    **dict.fromkeys(
        [f"window:{name}" for name in ("visit", "apply", "wrong", "why", "leaflet", "paper", "end_mandate", "agree_mandate")], NONE
    ),
    **dict.fromkeys(("office:runs", "office:history", "office:inbox", "office:inbox_ratings", "office:downloads"), STAFF),
    **dict.fromkeys(("office:overview", "office:person", "office:people", "office:export"), only("officer", "county", "auditor")),
    # No case of the sample has money held, was forwarded or is ranked (tests/flow/web/test_particulars.py).
    **dict.fromkeys([f"office:{name}" for name in ("escrow", "answer", "score", "review", "ranks", "ranks_file")], NONE),
    "office:answers": only("officer", "county"),
    "office:residents": only("officer", "clerk", "steward"),
    "office:resident": only("officer"),
    **dict.fromkeys(("office:notices_home", "office:mailings", "office:notices"), only("officer", "county", "clerk")),
    **dict.fromkeys(
        [f"office:{name}" for name in (
            "inbox_bulk", "case", "case_hold", "case_again", "case_back", "case_archive", "overpaid", "overpaid_say", "works",
            "papers", "give_paper", "paper", "paper_page", "paper_facts", "letter", "letter_pdf", "visit_place",
            "export_list", "download", "cancel_download", "download_file", "decide_mailing",
            "send_again", "guardianship", "save_filter", "forget_filter")],
        NONE,
    ),
    **dict.fromkeys(("city:home", "city:programme", "city:way", "city:way_of"), only("officer", "county", "planner", "auditor")),
    # There is no such circle yet (tests/flow/web/test_circles.py). An officer for one programme reads none.
    **dict.fromkeys([f"circles:{name}" for name in (
            "list", "plans", "booklet", "children", "green", "siting", "buses")], only("officer", "planner", "auditor")),
    **dict.fromkeys([f"circles:{name}" for name in (
            "one", "map", "whatif", "export", "plan", "plan_step", "plan_preview", "action", "issued")], NONE),
    "city:unpaid": only("officer", "county", "auditor"),
    "city:lists": only("officer", "planner", "auditor"),
    "city:forms": only("officer", "county", "planner", "auditor"),
    **dict.fromkeys([f"city:form{name}" for name in ("", "_remove", "_renew", "_end", "_fill")], NONE),
    # No list is called as the sample is; which table is asked for decides who gets it (tests/flow/web/test_city.py).
    **dict.fromkeys(("city:list", "city:list_rows", "city:export", "city:people"), NONE),
    # A file is its sender's own; the city has had no delivery yet (tests/flow/web/test_imports.py).
    **dict.fromkeys(("imports:home", "imports:send", "imports:history", "imports:prices"), only("officer")),
    # There is no such place, no such list yet (tests/flow/web/test_places.py).
    **dict.fromkeys([f"places:{name}" for name in ("list", "add", "send")], only("officer", "administrator")),
    **dict.fromkeys([f"places:{name}" for name in ("one", "close", "upload", "marked", "discard")], NONE),
    "payments:home": only("officer", "county", "auditor"),
    "payments:payers": only("officer"),
    "payments:funds": only("officer", "county", "auditor"),
    **dict.fromkeys([f"payments:{name}" for name in (
            "batch", "payees", "payee", "order", "decide", "file", "answer", "payment", "give_up", "recovery",
            "bank_word", "bank_says", "export", "ask_accounts", "inquiry", "drop_inquiry", "inquiry_file", "account_answer")], NONE),
    "payments:recoveries": only("officer", "county", "auditor"),
    **dict.fromkeys(
        [f"imports:{name}" for name in (
            "upload", "columns", "people", "marked", "discard", "delivery", "undo", "doubts", "doubts_several", "doubts_questions",
            "doubt", "withdraw_prices")],
        NONE,
    ),
    # Officers of the whole city keep programmes; auditors read. A county's officer reads what is published.
    **dict.fromkeys(("programmes:list",), STAFF),
    **dict.fromkeys(("programmes:versions", "programmes:download"), only("officer", "county", "auditor")),
    **dict.fromkeys(("programmes:new", "programmes:upload", "programmes:begin", "programmes:screen"), only("officer")),
    "programmes:whatif": only("officer", "auditor"),
    **dict.fromkeys(
        [f"programmes:{name}" for name in (
            "comparison", "draft", "text", "examples", "example", "change_examples", "section", "difference", "history", "revision",
            "submit", "move", "review", "confirm", "file", "ask_preview", "preview", "changed", "subject",
            "scenarios", "scenario", "scenario_draft", "scenario_discard", "scenario_file")],
        NONE,
    ),
    **dict.fromkeys(("admin:staff", "admin:person"), only("administrator", "security", "auditor")),
    **dict.fromkeys([f"admin:{name}" for name in ("add", "grant", "active", "password", "link", "identify")], only("administrator")),
    "admin:department": only("administrator"),
    **dict.fromkeys([f"admin:{name}" for name in ("windows", "add_window")], only("administrator")),
    **dict.fromkeys(("admin:window", "admin:close_window"), NONE),  # there is no such window
    "admin:security": only("security"),
    **dict.fromkeys(("admin:audit", "admin:reads"), only("auditor")),
    **dict.fromkeys(
        [f"admin:{name}" for name in (
            "home", "account", "totp", "passkey", "codes", "new_password", "end_own_sessions", "tokens", "end_token")],
        STAFF,
    ),
    **dict.fromkeys(
        [f"admin:{name}" for name in (
            "end_grant", "confirm_grant", "decline_grant", "remove_factor", "unlink", "end_session", "remove_own_factor", "end_own_session",
            "confirm_identity", "end_own_identity")],
        NONE,
    ),
}  # fmt: skip
# Whom a viewer's pages may name: 测试甲 and 测试丙 live in 盐湖区, 测试乙 in 河津市. A clerk serves people of any county who stand there.
MAY_NAME = {
    "officer": "甲乙丙", "auditor": "甲乙丙", "county": "甲丙", "clerk": "甲乙丙", "steward": "甲丙",
    "anonymous": "", "planner": "", "administrator": "", "security": "",
}  # fmt: skip


def addresses(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of all addresses, namespaces included, with the parameters of each."""
    for one in (resolver or get_resolver()).url_patterns:
        if hasattr(one, "url_patterns"):
            yield from addresses(one, namespace + (f"{one.namespace}:" if one.namespace else ""))
        else:
            yield namespace + (one.name or str(one.pattern)), tuple(one.pattern.converters)


@contextmanager
def standing_still() -> Iterator[Callable[[], None]]:
    """At one moment, so that no session is noted as in use; acts may begin inside. The function yielded takes back what was done since."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]
    with clock.frozen(clock.now()), outer:
        here = transaction.savepoint()

        def back() -> None:
            transaction.set_rollback(False)
            transaction.savepoint_rollback(here)

        yield back
        transaction.set_rollback(True)


def samples(city: SmallCity, name: str) -> dict[str, Any]:
    """A value for every parameter: a person of another county where a person is asked for, an officer's account, the city's run."""
    person = name.startswith(("office:resident", "window:", "steward:", "api-v1:"))
    if name.startswith("programmes:"):
        return {"slug": AID, "version": "2023", "number": 1, "place": 0}
    if name.startswith("imports:"):
        return {"slug": "student-status", "change": "opened"}
    return {
        "run": city.run.uid, "subject": city.found.uid, "slug": AID, "kind": "found", "listing": "residents", "version": "1900",
        "choice": "language:zh", "fact": "is_enrolled_student", "whom": city.away.uid, "state": "failed", "grant": 0,
        "code": VILLAGE if name.startswith("steward:") else "140802",
        "matter": "benefits", "position": 1, "number": 1, "network": "none", "name": "places.csv", "zoom": 16, "x": 0, "y": 0,
        "uid": city.away.uid if person else city.officer.uid if name.startswith("admin:") else NOBODY,
    }  # fmt: skip


@pytest.fixture
def viewers(small_city: SmallCity, db: None) -> dict[str, Client]:
    """A browser for each kind of viewer."""
    places = {"clerk": "140802", "steward": VILLAGE}
    for role in STAFF - {"officer", "county"}:
        staff = acts.add_staff(SYSTEM, login=role, name=f"岗位{role}", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=staff, role=role, area_code=places.get(role, ""), valid_from=FIRST_DAY)
    clients = {viewer: Client() for viewer in sorted(EVERYONE)}
    for viewer in STAFF:
        login = "local" if viewer == "county" else viewer
        assert clients[viewer].post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return clients


NOTHING = (401, 403, 404, 405)


def answers(client: Client, address: str, back: Callable[[], None], nothing: tuple[int, ...] = NOTHING) -> tuple[bool, list[str]]:
    """Whether GET or POST got something there, and what either said. Who was signed in still is, and nothing is changed."""
    session, opened, said = client.cookies.get(settings.SESSION_COOKIE_NAME), False, []
    key = session.value if session else ""
    for method in ("get", "post"):
        response = getattr(client, method)(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        back()
        if key:
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        away = response.status_code == 302 and "/sign-in/" in response["Location"] and "sign-out" not in address
        opened |= not away and response.status_code not in nothing
        said.append(body.decode("utf-8", "ignore"))
    return opened, said


def test_every_address_is_declared_and_none_is_left_over():
    known = {name for name, _parameters in addresses()}
    assert sorted(known - set(OPENS)) == []
    assert sorted(set(OPENS) - known) == []


def test_every_address_opens_for_whom_it_is_declared_and_for_nobody_else(small_city: SmallCity, viewers: dict[str, Client]):
    wrong = []
    heard: dict[str, frozenset[str]] = defaultdict(frozenset)  # by officers, and by the first other viewer
    heard["styleguide"] = EVERYONE  # shows what a heading of the first level looks like, as one
    with standing_still() as back:
        for name, parameters in addresses():
            sample = samples(small_city, name)
            address = reverse(name, kwargs={parameter: sample.get(parameter, NOBODY) for parameter in parameters})
            public = OPENS[name] == EVERYONE or name.startswith(("api-", "my:"))
            for viewer in ("anonymous", "officer") if public else sorted(viewers):
                opened, said = answers(viewers[viewer], address, back)
                if opened != (viewer in OPENS[name]):
                    wrong.append(f"{name} {'opens' if opened else 'does not open'} for {viewer}")
                named = [one for one in "甲乙丙" if f"测试{one}" in "".join(said) and one not in MAY_NAME[viewer]]
                wrong += [f"{name} names 测试{one} to {viewer}" for one in named]
                if opened and viewer not in heard[name]:
                    wrong += [f"{name} for {viewer}: {fault}" for page in said if "<main" in page for fault in wrong_for_listeners(page)]
                    heard[name] |= {viewer} if viewer == "officer" else STAFF - {"officer"}
    assert wrong == []


def test_every_answer_carries_the_headers_and_a_careful_cookie(small_city: SmallCity, viewers: dict[str, Client], settings: Any):
    settings.LINLI_HTTPS = True
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    response = client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    file = reverse("programmes:download", kwargs={"slug": AID, "version": "2023"})
    everywhere = "/ /office/ /admin/account/ /my/sign-in/ /nowhere/ /healthz /api/docs /static/linli/linli.js /steward/worker.js"
    for address in (*everywhere.split(), file):
        headers = viewers["officer"].get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe" not in policy, address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["X-Frame-Options"] == "DENY", address
        assert headers["Strict-Transport-Security"] == "max-age=31536000", address
    assert viewers["officer"].get(file).headers["Content-Disposition"].startswith("attachment;")
    for address in ("/office/", "/admin/account/", "/nowhere/", f"/office/runs/{NOBODY}/", file):
        assert "no-store" in viewers["officer"].get(address).headers["Cache-Control"]
