"""Two sites and a worker as an installation runs them: own processes, own database logins, real HTTP, one log each."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from working_city import LINLI, PASSWORD, Browser, City, eventually, free_port

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Installation:
    """The city with its three processes. ports: of the two sites; logs: what each process wrote to standard error."""

    city: City
    home: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, process: str) -> dict[str, str]:
        """What its unit would tell it: its role, its site, a state folder of the public site's own."""
        site = {} if process == "worker" else {"LINLI_SITE": process}
        state = {"LINLI_STATE": str(self.home / "public-state"), "LINLI_KEY_FILE": str(self.home / "state" / "keys.json")}
        own = state if process == "public" else {}
        keys = {"LINLI_SECRET_KEY": "only-for-this-test", "LINLI_LOG": "json"}
        return {**self.city.environment, **keys, **site, **own, "DATABASE_URL": self.city.cluster.url(role=f"linli_{process}")}

    def start(self, process: str, *arguments: str) -> None:
        """Leave it running; its standard error goes to a file."""
        with (self.home / f"{process}.log").open("wb") as log:
            command = [*LINLI, *arguments]
            self.running[process] = subprocess.Popen(command, env=self.environment(process), stdout=subprocess.DEVNULL, stderr=log)

    def run(self, process: str, *arguments: str) -> str:
        """A command as this process's role, to its end."""
        done = subprocess.run([*LINLI, *arguments], env=self.environment(process), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self, site: str, path: str, **headers: str) -> int:
        """Of a plain GET."""
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.ports[site]}{path}", headers=headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def log(self, process: str) -> list[dict[str, object]]:
        """Every line, each of which must be an object."""
        return [json.loads(line) for line in (self.home / f"{process}.log").read_text("utf-8").splitlines()]


def make_roles(city: City) -> None:
    """As deploy/roles.sql and docs/operate/roles.md say; the private cluster has its database and an owner already."""
    sql = re.sub(r"--[^\n]*", "", (ROOT / "deploy" / "roles.sql").read_text("utf-8"))
    with psycopg.connect(city.cluster.url(role="postgres"), autocommit=True) as connection:
        for statement in sql.split(";"):
            if statement.strip() and not statement.strip().startswith("CREATE DATABASE"):
                connection.execute(statement)
        idents = city.cluster.data / "pg_ident.conf"
        people = re.findall(r'^linli ("[^"]+") linli$', idents.read_text("utf-8"), re.MULTILINE)
        lines = [f"linli {person} linli_{role}\n" for person in people for role in ("public", "office", "worker")]
        with idents.open("a") as file:
            file.writelines(lines)
        connection.execute("SELECT pg_reload_conf()")
    granted = city.linli("db", "roles")
    assert granted.returncode == 0, granted.stderr


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = Path("/tmp") / f"linli-run-{os.getpid()}-{tmp_path_factory.mktemp('r').name}"
    made = Installation(City(home), home)
    try:
        make_roles(made.city)
        made.start("worker", "worker")
        for site in ("public", "office"):
            made.ports[site] = free_port()
            made.start(site, "serve", "--port", str(made.ports[site]), "--workers", "2", "--threads", "2")
        for site in made.ports:
            eventually(f"the {site} site is ready", lambda site=site: made.status(site, "/readyz") == 200)
        yield made
    except AssertionError as never:
        logs = [(home / f"{process}.log").read_text("utf-8")[-1500:] for process in made.running]
        raise AssertionError(f"{never}\n" + "\n".join(logs)) from never
    finally:
        for process in made.running.values():
            process.terminate()
        for process in made.running.values():
            process.wait(60)
        made.city.cluster.down()
        shutil.rmtree(home)


def test_each_site_answers_its_own_addresses_only(installation: Installation):
    for path, site in (("/", "public"), ("/programmes/", "public"), ("/my/sign-in/", "public"), ("/office/sign-in/", "office")):
        other = "office" if site == "public" else "public"
        assert installation.status(site, path) == 200, path
        assert installation.status(other, path) == (404 if path != "/" else 200), path


def test_work_of_every_kind_is_done_under_its_own_role(installation: Installation):
    """An import, a screening, a seal, reactions by the worker, pages by an officer: the database refuses none of it."""
    city = installation.city
    installation.run("worker", *city.import_list())
    installation.run("worker", "screen", "--all")
    installation.run("worker", "trace", "seal", "--out", str(installation.home / "seal.json"))
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at < now())"
    eventually("the queue is empty", lambda: not city.value(waiting))
    assert city.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0
    assert city.value("SELECT count(*) FROM trace_parked") == 0

    officer = Browser(installation.ports["office"])
    officer.post("/office/sign-in/", "/office/sign-in/", login="officer", password=PASSWORD)
    run = city.value("SELECT uid::text FROM screening_run WHERE eligible > 0 ORDER BY programme, id DESC LIMIT 1")
    for page in ("/office/", "/office/inbox/", "/office/residents/", f"/office/runs/{run}/", f"/office/runs/{run}/found/"):
        assert officer.get(page)
    city.assert_whole()


def test_figures_of_all_processes_of_a_site_add_up_and_are_for_this_machine(installation: Installation):
    for _ in range(30):
        assert installation.status("public", "/genuine/") == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{installation.ports['public']}/metrics") as answer:
        told = answer.read().decode()
    samples = [one for family in text_string_to_metric_families(told) for one in family.samples]
    counted = [one.value for one in samples if one.name == "linli_requests_total" and one.labels["pattern"] == "/genuine/"]
    assert counted == [30]
    assert installation.status("public", "/metrics", **{"X-Forwarded-For": "127.0.0.1"}) == 404


def test_a_worker_that_stops_is_seen_and_the_sites_stay_alive(installation: Installation):
    worker = installation.running["worker"]
    worker.terminate()
    worker.wait(60)
    assert {site: installation.status(site, "/readyz") for site in installation.ports} == {"public": 503, "office": 503}
    assert {installation.status(site, "/healthz") for site in installation.ports} == {200}
    installation.start("worker", "worker")
    eventually("the next one is seen", lambda: installation.status("office", "/readyz") == 200)


def test_every_line_of_every_log_is_an_object_and_no_refusal_of_the_database_is_among_them(installation: Installation):
    for process in installation.running:
        lines = installation.log(process)
        assert [line for line in lines if line["level"] in ("error", "critical") and line.get("status") != 503 and "error" in line] == []
        assert process == "worker" or len(lines) > 20


def test_while_the_database_is_stopped_pages_say_so_and_afterwards_they_work_again(installation: Installation):
    """The worker ends after half a minute without it, for its unit to start it again."""
    assert {installation.status(site, "/") for site in installation.ports} == {200}
    installation.city.cluster.down()
    try:
        for site, page in (("public", "/genuine/?q=12345678"), ("office", "/api/v1/programmes")):
            assert [installation.status(site, path) for path in ("/healthz", "/readyz", page)] == [200, 503, 503]
    finally:
        installation.city.cluster.up()
    for site in installation.ports:
        assert installation.status(site, "/genuine/?q=12345678" if site == "public" else "/api/v1/programmes") == 200
    eventually("ready again", lambda: {installation.status(site, "/readyz") for site in installation.ports} == {200})
