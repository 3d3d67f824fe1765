"""The API as a program uses it, through the generated client."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client as Browser
from linli_client import Refused, pages
from place_examples import SYSTEM, VILLAGE
from web_examples import AID

from linli.api import acts
from linli.api.models import Token
from linli.kernel import clock
from linli.kernel.errors import Refused as NotAllowed
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.models import HouseholdMember, StaffGrant
from linli.registers.queries import viewer_of
from linli.trace.models import Fact
from linli.vault.models import Access


def refused(call, *arguments, **named):
    """The problem that a call ends in."""
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value


def test_the_public_reads_the_catalogue_and_asks_without_a_token(city, db, caller):
    public = caller()
    slugs = [one["slug"] for one in public.list_programmes()["items"]]
    assert AID in slugs
    whole = public.get_programme(slug=AID)
    assert whole["words"]["zh"]
    assert public.list_programme_versions(slug=AID)["items"][0]["version"] == whole["version"]
    assert refused(public.get_programme, slug=AID, version="none").status == 404
    assert [area["code"] for area in public.get_area(code=VILLAGE)["path"]][:3] == ["14", "1408", "140802"]
    assert [area["code"] for area in pages(public.list_areas, below="140882")] == [
        "140882",
        "140882100",
        "140882100201",
        "140882101",
        "140882101201",
    ]
    assert public.resolve_area(text="盐湖")["areas"][0]["code"] == "140802"


def test_what_can_i_get_follows_the_answers(city, db, caller):
    public = caller()
    said = []
    for _ in range(40):
        assessed = public.check(body={"subject": "person", "answers": said})
        question = assessed["question"]
        if question is None:
            break
        said.append({"question": question["key"], "value": None})
    assert question is None, "not knowing anything ends the interview"
    assert {one["state"] for one in assessed["standings"]} == {"open"}
    young = public.check(body={"answers": [{"question": "fact:birth_date", "value": "2020-01-01"}]})
    assert "impossible" in {one["state"] for one in young["standings"]}
    for wrong in ("1799-01-01", "2020-13-01", 7, True, ["2020-01-01"]):
        problem = refused(public.check, body={"answers": [{"question": "fact:birth_date", "value": wrong}]})
        assert (problem.status, problem.problem["code"]) == (422, "api.bad_answer")


def test_an_officer_finds_reads_and_explains_inside_the_grant_only(city, db, officer, caller, tokens):
    inside = caller(tokens.secret(city.officer, Grant("officer", "140802")))
    found = inside.search_residents(body={"text": "测试"})["items"]
    assert {one["name"] for one in found} == {"测试甲", "测试丙"}
    assert {one["name"] for one in officer.search_residents(body={"text": "测试"})["items"]} == {"测试甲", "测试乙", "测试丙"}
    mine, away = str(city.found.uid), str(city.away.uid)
    page = inside.get_resident(uid=mine)
    assert {one["kind"] for one in page["situations"]} == {"registered", "lives"}
    assert page["households"][0]["resident"] == mine
    assert inside.explain(uid=mine, slug=AID)["verdict"] == "eligible"
    assert [one["verdict"] for one in inside.list_determinations(uid=mine)["items"]] == ["eligible"]
    assert inside.list_facts(subject=f"resident:{mine}")["items"][0]["type"] == "registers.resident_registered"
    for call in (
        lambda: inside.get_resident(uid=away),
        lambda: inside.explain(uid=away, slug=AID),
        lambda: inside.list_facts(subject=f"resident:{away}"),
        lambda: inside.reveal_numbers(uid=away, body={"purpose": "screening.explain", "fields": ["phone"]}),
    ):
        assert refused(call).problem["code"] in ("api.not_there", "screening.not_live")
    assert inside.list_determinations(uid=away)["items"] == []


def test_numbers_are_read_for_a_purpose_and_each_read_is_listed(city, db, officer):
    before = Access.objects.filter(subject=city.found.uid).count()
    uid = str(city.found.uid)
    told = officer.reveal_numbers(uid=uid, body={"purpose": "screening.explain", "fields": ["phone"]})
    assert told["values"] == {"phone": "12500000000"}
    assert Access.objects.filter(subject=city.found.uid).count() == before + 1
    assert refused(officer.reveal_numbers, uid=uid, body={"purpose": "curiosity", "fields": ["phone"]}).status == 403
    assert refused(officer.reveal_numbers, uid=uid, body={"purpose": "screening.contact", "fields": ["identity"]}).status == 403


def test_screenings_are_read_by_county_and_page(city, db, officer, local):
    run = str(city.run.uid)
    assert {one["code"] for one in officer.list_screening_counties(uid=run)["items"]} == {"140802", "140882"}
    assert {one["code"] for one in local.list_screening_counties(uid=run)["items"]} == {"140802"}
    assert {one["name"] for one in officer.list_screening_subjects(uid=run)["items"]} == {"测试甲", "测试乙"}
    assert {one["name"] for one in local.list_screening_subjects(uid=run)["items"]} == {"测试甲"}
    assert [one["name"] for one in local.list_screening_subjects(uid=run, kind="undecided")["items"]] == ["测试丙"]
    assert local.list_missing_facts(uid=run)["items"]
    assert [one["id"] for one in local.list_screenings()["items"]] == [run]
    assert refused(local.get_screening, uid=str(city.household_run.uid)).status == 404


def test_a_narrower_token_is_not_answered_with_what_a_wider_one_did(city, db, officer, caller, tokens):
    officer.ask_screening(body={"programmes": [AID]}, key="guessed-1")
    narrow = caller(tokens.secret(city.officer, Grant("officer", "", AID)))
    assert refused(narrow.ask_screening, body={"programmes": [AID]}, key="guessed-1").problem["code"] == "api.key_reused"


def test_a_screening_is_asked_for_once_under_one_key(city, db, officer, local):
    before = Fact.objects.filter(type="api.screening_asked").count()
    first = officer.ask_screening(body={"programmes": [AID]}, key="one-key-1")
    assert officer.ask_screening(body={"programmes": [AID]}, key="one-key-1") == first
    assert Fact.objects.filter(type="api.screening_asked").count() == before + 1
    problem = refused(officer.ask_screening, body={"programmes": ["subsistence-allowance"]}, key="one-key-1")
    assert (problem.status, problem.problem["code"]) == (422, "api.key_reused")
    assert refused(local.ask_screening, body={"programmes": [AID]}).status == 403, "a county's officer screens no city"
    assert refused(officer.ask_screening, body={"programmes": ["no-such"]}).problem["code"] == "api.not_live"


def test_a_write_without_a_key_is_refused(city, db, tokens):
    secret = tokens.secret(city.officer)
    answer = Browser().post(
        "/api/v1/screenings", {"programmes": [AID]}, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "api.no_key")


def test_a_token_is_never_wider_than_its_maker_nor_than_the_token_that_made_it(city, db, caller, tokens, officer, local):
    wide = {"label": "wide", "grants": [{"role": "officer"}], "days": 10}
    assert refused(local.make_token, body=wide).status == 403
    made = officer.make_token(body={"label": "narrow", "grants": [{"role": "officer", "area": "140802"}], "days": 300}, key="make-one-1")
    again = officer.make_token(body={"label": "narrow", "grants": [{"role": "officer", "area": "140802"}], "days": 300}, key="make-one-1")
    assert again["token"] == made["token"]
    assert again["secret"] is None, "a secret is shown once"
    assert made["token"]["expires_at"] <= officer.whoami()["expires_at"]
    narrow = caller(made["secret"])
    assert narrow.whoami()["grants"] == [{"role": "officer", "area": "140802", "programme": ""}]
    assert refused(narrow.make_token, body=wide).status == 403
    assert made["secret"] not in str(Token.objects.get(uid=made["token"]["id"]).__dict__)


def test_a_token_ends_with_its_day_its_revocation_its_maker_and_their_grant(city, db, caller, tokens):
    who = tokens.staff("ends", ("officer", "", ""), ("clerk", "140802", ""))
    secret = tokens.secret(who)
    client = caller(secret)
    assert len(client.whoami()["grants"]) == 2
    registers.end_grant(SYSTEM, grant=StaffGrant.objects.get(staff=who, role="officer"), on=clock.today())
    assert [one["role"] for one in client.whoami()["grants"]] == ["clerk"]
    assert refused(client.list_lists).status == 403
    uid = client.whoami()["token"]
    assert client.revoke_token(uid=uid)["revoked_at"]
    assert refused(client.whoami).status == 401
    other = caller(tokens.secret(who))
    registers.set_active(SYSTEM, staff=who, active=False)
    assert refused(other.whoami).status == 401
    registers.set_active(SYSTEM, staff=who, active=True)
    row = Token.objects.filter(revoked_at=None, staff=who).get()
    Token.objects.filter(pk=row.pk).update(made_at=clock.now() - clock.now().resolution * 2, expires_at=clock.now())
    assert refused(other.whoami).status == 401


def test_a_token_that_is_ended_takes_along_whatever_came_from_it(city, db, caller, tokens):
    who = tokens.staff("stolen", ("officer", "140802", ""))
    parent = caller(tokens.secret(who))
    grants = [{"role": "officer", "area": "140802"}]
    child = caller(parent.make_token(body={"label": "child", "grants": grants, "days": 30}, key="make-child")["secret"])
    grandchild = caller(child.make_token(body={"label": "grandchild", "grants": grants, "days": 30}, key="make-grandchild")["secret"])
    uid = parent.whoami()["token"]
    assert child.whoami()["expires_at"] <= parent.whoami()["expires_at"]
    before = Fact.objects.filter(type="api.token_revoked").count()
    acts.revoke_token(viewer_of(who), token=UUID(uid))
    assert [refused(one.whoami).status for one in (parent, child, grandchild)] == [401, 401, 401]
    assert Fact.objects.filter(type="api.token_revoked").count() == before + 3
    ended = Token.objects.get(uid=uid)
    with pytest.raises(NotAllowed):  # one that was let in a moment before its end makes none either
        acts.make_token(viewer_of(who), label="late", grants=[Grant("officer", "140802")], days=1, made_by=ended)


def test_a_token_sees_and_ends_itself_and_its_own_children_only(city, db, caller, tokens):
    who = tokens.staff("several", ("officer", "140802", ""))
    one, other = caller(tokens.secret(who)), caller(tokens.secret(who))
    narrow = {"label": "narrow", "grants": [{"role": "officer", "area": "140802", "programme": AID}], "days": 1}
    child = caller(one.make_token(body=narrow, key="make-narrow")["secret"])
    seen = {
        name: {row["id"] for row in client.list_tokens()["items"]} for name, client in (("one", one), ("other", other), ("child", child))
    }
    own = {name: client.whoami()["token"] for name, client in (("one", one), ("other", other), ("child", child))}
    assert seen == {"one": {own["one"], own["child"]}, "other": {own["other"]}, "child": {own["child"]}}
    assert [refused(child.revoke_token, uid=own[name]).status for name in ("one", "other")] == [404, 404]
    assert one.revoke_token(uid=own["child"])["revoked_at"]
    assert refused(child.whoami).status == 401


def test_nobody_sees_or_ends_another_ones_token(city, db, caller, tokens, local):
    secret = tokens.secret(city.officer)
    uid = caller(secret).whoami()["token"]
    assert uid not in [one["id"] for one in local.list_tokens()["items"]]
    assert refused(local.revoke_token, uid=uid).status == 404
    overseer = caller(tokens.secret(tokens.staff("overseer", ("security", "", ""))))
    assert overseer.revoke_token(uid=uid)["revoked_at"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/nowhere", None, 404),
        ("DELETE", "/api/v1/programmes", None, 405),
        ("GET", "/api/v1/areas/%00", None, 400),
        ("GET", "/api/v1/areas?level=%00", None, 400),
        ("POST", "/api/v1/check", b'{"answers": [{"question": "\\u0000"}]}', 400),
        ("POST", "/api/v1/check", b"{", 400),
        ("POST", "/api/v1/check", b'{"subject": "cat"}', 422),
        ("GET", "/api/v1/areas?after=!!!", None, 400),
        ("POST", "/api/v1/check", b" " * 1024 * 1024 + b"{}", 413),
        ("GET", "/api/v1/me", None, 401),
    ],
)
def test_everything_that_goes_wrong_is_a_problem_in_both_languages(city, db, method, path, body, status):
    answer = Browser().generic(method, path, body or b"", content_type="application/json")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"] == said["zh"]
    assert said["en"]
    english = Browser().generic(method, path, body or b"", content_type="application/json", headers={"Accept-Language": "en"})
    assert english.json()["title"] == said["en"]


@pytest.mark.parametrize("sent_as", ["application/json; charset=utf-8", "text/plain", "application/problem+json", ""])
@pytest.mark.parametrize("nul", [b"\\u0000", b"\x00"])
def test_a_nul_is_refused_whatever_the_body_is_called(city, db, sent_as, nul):
    body = b'{"answers": [{"question": "a' + nul + b'b"}]}'
    answer = Browser(raise_request_exception=False).generic("POST", "/api/v1/check", body, content_type=sent_as)
    assert (answer.status_code, answer.json()["code"]) == (400, "api.bad_request")
    assert "U+0000" in answer.json()["detail"]


def test_a_nul_in_a_form_is_refused(city, db, officer):
    with pytest.raises(Refused) as caught:
        officer.import_list(slug="disability-certificate", file=b"x", file_name="a.csv", sheet="a\x00b")
    assert (caught.value.status, caught.value.problem["code"], caught.value.problem["found"]) == (400, "api.bad_request", "U+0000")


@pytest.mark.parametrize(("said", "status"), [("9" * 5000, 413), ("0" * 5000 + "2", 200), ("-5", 200), ("x", 200)])
def test_a_length_that_is_no_number_anybody_reads_is_no_fault_of_ours(city, db, said, status):
    answer = Browser(raise_request_exception=False).get("/api/v1/programmes", CONTENT_LENGTH=said)
    assert answer.status_code == status


def test_a_fault_of_ours_is_a_problem_without_its_traceback(city, db, monkeypatch):
    def fails(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("linli.api.routes.programmes.live_versions", fails)
    answer = Browser(raise_request_exception=False).get("/api/v1/programmes")
    assert (answer.status_code, answer.json()["code"]) == (500, "api.broken")
    assert b"secret detail" not in answer.content


def test_the_page_for_people_names_every_route(city, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = Browser().get("/api/docs").content.decode()
    for route in ("/api/v1/residents/search", "/api/v1/webhooks/{uid}/deliveries"):
        assert route in page
    assert "<script" not in page.split("<main", 1)[1]


def test_what_is_read_costs_the_same_however_much_there_is(city, db, officer, django_assert_max_num_queries):
    run = str(city.run.uid)
    with django_assert_max_num_queries(14):
        officer.list_screening_subjects(uid=run)
    with django_assert_max_num_queries(10):
        officer.get_resident(uid=str(city.found.uid))


def test_a_households_finding_says_which_list_speaks_of_each_member(city, db, officer):
    home = HouseholdMember.objects.filter(resident=city.found, household__kind="shared_living").get().household
    told = officer.explain(uid=str(home.uid), slug=city.household_run.programme)
    read = {(fact["who"], fact["name"]) for condition in told["conditions"] for fact in condition["facts"] if fact["who"]} - {
        (str(city.found.uid), "role")
    }
    said = {(one["who"], one["fact"]): one for one in told["sources"]}
    assert read
    assert read <= set(said)
    assert all(one["owner"]["zh"] for one in said.values())
