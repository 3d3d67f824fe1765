"""Every route × every role: whoever lacks the role is refused before anything is read."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client as Browser

from linli.api.application import api, operations
from linli.api.authority import ROLES, Bearer

ROUTES = [(method, path, one) for method, path, one in operations(api)]
PUBLIC = {
    *("list_programmes", "get_programme", "list_programme_versions", "list_areas", "resolve_area", "get_area"),
    *("check", "list_fact_types", "nearest_windows", "list_open_data"),
    *("get_hsds", "list_hsds_services", "get_hsds_service", "list_hsds_organizations", "get_hsds_organization"),
    *("list_hsds_service_at_locations", "get_hsds_service_at_location", "list_hsds_taxonomies", "get_hsds_taxonomy"),
    *("list_hsds_taxonomy_terms", "get_hsds_taxonomy_term"),
}
NOBODY = UUID(int=0)


def roles_of(one):
    return {role for callback in one.auth_callbacks if isinstance(callback, Bearer) for role in callback.roles}


def filled(path):
    for name, value in (("{uid}", str(NOBODY)), ("{slug}", "no-such"), ("{subject}", f"resident:{NOBODY}"), ("{code}", "14")):
        path = path.replace(name, value)
    return path


def test_only_the_public_routes_are_public():
    assert {one.operation_id for _, _, one in ROUTES if not one.auth_callbacks} == PUBLIC


@pytest.fixture(scope="module")
def secrets(city, tokens_in_module):
    return {role: tokens_in_module.secret(tokens_in_module.staff(f"only-{role}", (role, "", ""))) for role in ROLES}


@pytest.mark.parametrize(("method", "path", "one"), ROUTES, ids=[one.operation_id for _, _, one in ROUTES])
def test_a_route_is_refused_without_a_token_and_without_the_role(secrets, db, method, path, one):
    def status(**headers):
        browser = Browser(raise_request_exception=False)
        return browser.generic(method, filled(path), b"{}", content_type="application/json", headers=headers).status_code

    if one.operation_id in PUBLIC:
        assert status() not in (401, 403)
        return
    assert status() == 401
    assert status(Authorization="Bearer linli_wrong") == 401
    for role in ROLES:
        answer = status(Authorization=f"Bearer {secrets[role]}")
        assert (answer == 403) == (role not in roles_of(one)), f"{role} got {answer}"
        assert answer != 401
        assert answer < 500


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [("", "", "zh"), ("", "en-GB,en", "en"), ("", "zh-CN,en", "zh"), ("?lang=en", "zh", "en"), ("?lang=zh", "en", "zh")],
)
def test_it_is_served_in_the_language_that_is_asked_for(db, query, header, language):
    answer = Browser().get(f"/api/v1/openapi.json{query}", headers={"Accept-Language": header})
    assert answer.json()["info"]["description"] == api.get_openapi_schema(path_prefix="/api/v1/", language=language)["info"]["description"]
    assert answer.headers["Content-Language"] == {"zh": "zh-CN", "en": "en"}[language]


def test_a_language_that_there_is_not_is_refused(db):
    answer = Browser().get("/api/v1/openapi.json?lang=fr")
    assert (answer.status_code, answer.json()["place"], answer.json()["found"]) == (422, "lang", "fr")
    assert Browser().post("/api/v1/openapi.json").json()["code"] == "api.method"
