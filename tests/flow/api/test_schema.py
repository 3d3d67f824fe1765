"""Whatever is sent, no answer is a 5xx and none is beyond the schema."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from linli.api import limits
from linli.api.application import api
from linli.api.authority import ROLES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(deepcopy(api.get_openapi_schema(path_prefix="/api/v1/")))
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def secrets(city, tokens_in_module):
    """A token per role over the whole city."""
    return {role: tokens_in_module.secret(tokens_in_module.staff(f"schema-{role}", (role, "", ""))) for role in ROLES}


def role_for(operation: Any) -> str:
    """The first role that the operation serves."""
    return next(iter(operation.definition.raw["x-roles"]), "officer")


def attacked(operation: Any, secret: str, known: dict[str, str], examples: int) -> None:
    """Call the operation with what fits its schema and with what does not, each call undone afterwards."""
    takes = operation.definition.raw["parameters"] or "requestBody" in operation.definition.raw
    modes = list(schemathesis.GenerationMode) if takes else [schemathesis.GenerationMode.POSITIVE]

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(some.data())
    def attack(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=data.draw(some.sampled_from(modes))))
        if case.path_parameters and "uid" in case.path_parameters and data.draw(some.booleans()):
            case.path_parameters["uid"] = known.get(case.path.split("/")[3], known["residents"])
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
        undone = transaction.atomic()
        undone._from_testcase = True  # type: ignore[attr-defined]
        with undone:
            case.call_and_validate(checks=CHECKS)
            transaction.set_rollback(True)

    attack()


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No limits; and the connection that the test's transaction lives in outlasts a request, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    for name in ("PER_TOKEN", "PER_ADDRESS", "PER_ADDRESS_WITHOUT_TOKEN"):
        monkeypatch.setattr(limits, name, 10**6)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.definition.raw["operationId"])
def test_no_answer_is_a_5xx_or_beyond_the_schema(city, db, unlimited, secrets, operation):
    attacked(operation, secrets[role_for(operation)], {"screenings": str(city.run.uid), "residents": str(city.found.uid)}, 6)


@pytest.mark.long
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.definition.raw["operationId"])
def test_nor_when_it_is_asked_for_long(city, db, unlimited, secrets, operation):
    attacked(operation, secrets[role_for(operation)], {"screenings": str(city.run.uid), "residents": str(city.found.uid)}, 300)
