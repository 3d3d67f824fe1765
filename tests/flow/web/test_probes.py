"""Alive, ready, and figures: who may ask, and what is said when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from web_examples import SmallCity

from linli.kernel import clock
from linli.site import health
from linli.trace.models import Parked

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(db: None) -> None:
    """A worker that wrote its heartbeat just now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")


def ready(client: Client) -> tuple[int, dict[str, str]]:
    response = client.get("/readyz")
    return response.status_code, response.json()


def test_ready_means_database_schema_and_worker(worker: None, client: Client):
    assert ready(client) == (200, {"state": "ready", "database": "ok", "migrations": "ok", "worker": "ok"})


def test_a_silent_worker_and_none_at_all_are_told_apart(client: Client):
    assert ready(client)[1]["worker"] == "none"
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp() - interval '3 minutes')")
    assert (ready(client)[0], ready(client)[1]["worker"]) == (503, "silent")


def test_a_schema_of_an_older_release_is_not_ready(worker: None, client: Client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'web' AND name = '0003_resident_sessions'")
    assert health.unapplied() == [("web", "0003_resident_sessions")]
    assert (ready(client)[0], ready(client)[1]["migrations"]) == (503, "behind")


def test_without_a_database_the_process_lives_and_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch):
    def down() -> Any:
        raise OperationalError("connection to server on socket failed for user somebody")

    monkeypatch.setattr(health, "unapplied", down)
    assert client.get("/healthz").json() == {"state": "up"}
    assert ready(client) == (503, {"state": "not ready", "database": "OperationalError", "migrations": "unknown", "worker": "unknown"})


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=10.1.2.3"}, 404),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer "}, 404),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Basic right"}, 404),
    ],
)
def test_figures_are_for_this_machine_or_the_token(client: Client, monkeypatch: pytest.MonkeyPatch, meta: dict[str, str], status: int):
    monkeypatch.setenv("LINLI_METRICS_TOKEN", "right")
    assert client.get("/metrics", **meta).status_code == status
    monkeypatch.delenv("LINLI_METRICS_TOKEN")
    assert client.get("/metrics", **{**meta, "HTTP_AUTHORIZATION": "Bearer "}).status_code == (404 if "10." in str(meta) else status)


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values…) → figure."""
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_requests_are_counted_by_pattern_and_never_by_address(small_city: SmallCity, office: Client):
    address = f"/office/residents/{small_city.found.uid}/"
    key = ("linli_requests_total", "GET", "/office/residents/<uuid:uid>/", "200")
    before = figures(office).get(key, 0)
    assert office.get(address).status_code == 200
    office.get(f"/nowhere/{small_city.found.name}/")
    after = office.get("/metrics").content.decode()
    assert figures(office)[key] == before + 1
    assert str(small_city.found.uid) not in after
    assert small_city.found.name not in after
    assert 'pattern="none"' in after


def test_work_that_waits_is_told_by_the_officers_site_alone(client: Client, settings: Any):
    told = figures(client)
    Parked.objects.create(reaction="somebody", fact=1, error="", first_seen=clock.now(), last_seen=clock.now())
    assert figures(client)[("linli_parked_facts",)] == told[("linli_parked_facts",)] + 1
    names = {"linli_jobs_waiting", "linli_jobs_failed", "linli_jobs_oldest_seconds", "linli_cases_overdue", "linli_notices_failed"}
    assert names <= {key[0] for key in told}
    settings.LINLI_SITE, settings.ROOT_URLCONF = "public", "linli.site.urls.public"
    assert not {key[0] for key in figures(client)} & (names | {"linli_parked_facts"})
    assert ("linli_requests_total", "GET", "/metrics", "200") in figures(client)
