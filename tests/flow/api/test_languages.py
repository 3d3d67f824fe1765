"""Whatever is refused, on every route: Chinese texts without English words in them, English ones without Chinese."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser

from linli.api.application import api, operations
from linli.api.authority import ROLES, Bearer
from linli.api.models import Calls

ROUTES = list(operations(api))
QUOTED = re.compile(r"`[^`]*`")
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
NAMES = {
    "xlsx",
    "csv",
    "JSON",
    "UUID",
    "UTF-8",
    "YAML",
    "null",
    "MB",
    "Idempotency-Key",
    "api",
    "docs",
    "programmes",
    "WGS-",
    "GCJ-",
    "BD-",
} | set(ROLES)
"""What bears a Latin name in Chinese, too: kinds of file, systems of coordinates, roles, the header and the addresses of this API."""
HAN = re.compile(r"[\u3400-\u9fff]")
NOBODY = str(UUID(int=7))
DAMAGED: tuple[tuple[str, bytes, str], ...] = (
    ("", b"", "application/json"),
    ("", b"{", "application/json"),
    ("", b"[]", "application/json"),
    ("", b"{}", "application/json"),
    ("?nonsense=1&after=a&after=b", b'{"nonsense": 1}', "application/json"),
    ("?after=!!", b'"text"', "application/json"),
    ("", b"--x\r\n", "multipart/form-data; boundary=x"),
)


def filled(path: str) -> str:
    for name, value in (("{uid}", NOBODY), ("{slug}", "no-such"), ("{subject}", f"resident:{NOBODY}"), ("{code}", "14")):
        path = path.replace(name, value)
    return path


WRONG: tuple[Any, ...] = (-1, "x" * 3000, {"a": [None]}, [], "2026-02-30", True)


def content_of(operation_id: str) -> dict[str, Any]:
    """What a route takes as its body, by kind; {} where it takes none."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    one = next(one for path in schema["paths"].values() for one in path.values() if one["operationId"] == operation_id)
    content: dict[str, Any] = one.get("requestBody", {}).get("content", {})
    return content


def fields_of(content: dict[str, Any]) -> list[str]:
    """The names of a JSON body's fields."""
    schema = content.get("application/json", {}).get("schema", {})
    shapes = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    return list((shapes[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema).get("properties", {}))


def shifted(fields: list[str], by: int) -> dict[str, Any]:
    """A body in which no field fits: each has another wrong value, and over len(WRONG) shifts each has had every one."""
    return {name: WRONG[(place + by) % len(WRONG)] for place, name in enumerate(fields)}


def few(operation_id: str) -> list[tuple[str, bytes, str]]:
    """Damage of every kind that the route can tell from another; one without a body reads none."""
    content = content_of(operation_id)
    if not content:
        return [one for one in DAMAGED if one[0] or not one[1]]
    bodies = [shifted(fields, by) for fields in [fields_of(content)] if fields for by in (0, 3)]
    return [*DAMAGED, *(("", json.dumps(body).encode(), "application/json") for body in bodies)]


def all_of_them(operation_id: str) -> list[tuple[str, bytes, str]]:
    """Every damage to every route, every wrong value in every field, and each field by itself."""
    fields = fields_of(content_of(operation_id))
    bodies: list[Any] = [shifted(fields, by) for by in range(len(WRONG))] + [dict.fromkeys(fields, value) for value in WRONG]
    bodies += [{name: {"no": "thing"}} for name in fields]
    return [*DAMAGED, *(("", json.dumps(body).encode(), "application/json") for body in bodies if fields)]


def foreign(problem: dict[str, Any], sent: str) -> list[str]:
    """Texts in the other language; what was sent is a value and may be said again in either."""
    found = []
    for name in ("zh", "remedy_zh", "expected_zh", "found_zh"):
        words = [word for word in WORD.findall(QUOTED.sub("", problem[name] or "")) if word not in NAMES and word not in sent]
        found += [f"{problem['code']} {name}: {problem[name]}"] if words else []
    for name in ("en", "remedy_en", "expected", "found"):
        han = [letter for letter in HAN.findall(QUOTED.sub("", problem[name] or "")) if letter not in sent]
        found += [f"{problem['code']} {name}: {problem[name]}"] if han else []
    return found + [f"{problem['code']} place: {problem['place']}" for _ in [1] if (problem["place"] or "").startswith("body.body")]


@pytest.fixture(scope="module")
def secrets(city, tokens_in_module):
    return {role: tokens_in_module.secret(tokens_in_module.staff(f"said-{role}", (role, "", ""))) for role in ROLES}


def refusals(secrets: dict[str, str], route: tuple[str, str, Any], damage: list[tuple[str, bytes, str]]) -> list[str]:
    """What is said in the wrong language when a route is called with each damage, and without a token."""
    method, path, one = route
    Calls.objects.all().delete()
    roles = [role for callback in one.auth_callbacks if isinstance(callback, Bearer) for role in callback.roles]
    headers = {"Idempotency-Key": "said-in-both"} | ({"Authorization": f"Bearer {secrets[roles[0]]}"} if roles else {})
    told, browser = [], Browser(raise_request_exception=False)
    for query, body, kind in damage:
        answer = browser.generic(method, filled(path) + query, body, content_type=kind, headers=headers)
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["detail"].startswith((problem["place"] or problem["zh"], problem["zh"]))
            sent = f"{filled(path)}{query}{body.decode()}"
            told += [line for each in (problem, *problem["errors"]) for line in foreign(each, sent)]
    if roles:
        told += foreign(browser.generic(method, filled(path), b"{}", content_type="application/json").json(), "")
    return told


def test_every_refusal_is_said_in_both_languages(secrets, db):
    assert {route[2].operation_id: told for route in ROUTES if (told := refusals(secrets, route, few(route[2].operation_id)))} == {}


@pytest.mark.long
@pytest.mark.parametrize("route", ROUTES, ids=[one.operation_id for _, _, one in ROUTES])
def test_and_so_it_is_with_everything_that_can_be_wrong(secrets, db, route):
    assert refusals(secrets, route, all_of_them(route[2].operation_id)) == []


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named(city, db):
    answer = Browser().get("/api/v1/areas?limit=5&levl=county&after=a&after=b")
    said = {(one["code"], one["place"]): one for one in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(said) == {("api.unknown_parameter", "limit"), ("api.unknown_parameter", "levl"), ("api.repeated_parameter", "after")}
    assert said["api.unknown_parameter", "limit"]["expected"] == "one of: `after`, `below`, `level`"


def test_a_misspelt_field_of_a_delivery_is_refused_before_anything_is_applied(city, db, secrets):
    headers = {"Idempotency-Key": "misspelt-field", "Authorization": f"Bearer {secrets['officer']}"}
    form = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = form.format("file", '; filename="a.csv"', "姓名") + form.format("dry_runn", "", "true") + "--x--\r\n"
    answer = Browser().generic(
        "POST",
        "/api/v1/lists/disability-certificate/imports",
        body.encode(),
        content_type="multipart/form-data; boundary=x",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, "api.unknown_parameter", "dry_runn")


def test_an_address_beyond_what_anybody_needs_is_a_problem(city, db):
    answer = Browser().get("/api/v1/areas?after=" + "a" * 4000)
    assert (answer.status_code, answer.json()["code"]) == (414, "api.too_long")
    assert len(answer.content) < 2000
