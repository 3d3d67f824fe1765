"""A city of a million residents in a database and a state folder of the benchmarks' own, made once and kept.

Divisions, programmes, staff and people as the demo sets them up; of the lists what the city's pages read (million_lists.py). One
programme whose rule needs a birth date and a place only is screened, so that there is a long list to page through.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.apart import DATA, ROOT

RESIDENTS = int(os.environ.get("CITY", "1000000"))
"""CITY=20000 tries the benchmarks on a small city of its own; such figures are not kept."""
WHOLE = RESIDENTS == 1_000_000
DATABASE = "linli_bench_million" if WHOLE else f"linli_bench_{RESIDENTS}"
STATE = DATA / ("million-state" if WHOLE else f"city-{RESIDENTS}-state")
PROGRAMME = "old-age-allowance"
STEPS = ("areas", "programmes", "staff", "people")


def environment() -> dict[str, str]:
    """What a process needs to work on this city."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}")
    return {
        **os.environ,
        "DATABASE_URL": urlunsplit(url),
        "LINLI_STATE": str(STATE),
        "LINLI_DEMO": "1",
        "LINLI_SECRET_KEY": "benchmark",
        "DJANGO_SETTINGS_MODULE": "benchmarks.hello_settings",
        "PYTHONPATH": str(ROOT),
    }


def up(*, cases: bool = False) -> None:
    """Set the city up, or what is missing of it; about a quarter of an hour the first time. cases: with as many applications as people."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    STATE.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.million_city", *(["cases"] if cases else [])]
    subprocess.run(command, check=True, cwd=ROOT, env=environment())


def _load(*, cases: bool) -> None:
    import django

    django.setup()
    from linli.kernel.viewer import system
    from linli.screening import acts
    from linli.screening.models import Run
    from linli.site import demo

    plan = demo.open_demo(STATE, RESIDENTS, 1)
    with demo.crew_for(plan) as crew:
        demo.migrate()
        for step in demo.steps():
            if step.name in STEPS and step.name not in plan.done:
                print(f"  {step.words[1]}", flush=True)
                with demo.timed(plan, step):
                    step.run(plan, crew, lambda done, of: None)
    if not Run.objects.filter(programme=PROGRAMME, merged=True).exists():
        acts.screen(viewer=system("benchmark"), slugs=[PROGRAMME])
    from benchmarks import million_cases, million_lists

    million_lists.load()
    if cases:
        million_cases.load(RESIDENTS)


def password(login: str) -> str:
    """The password of one of the city's staff."""
    known: dict[str, str] = json.loads((STATE / "demo" / "sign-ins.json").read_text())
    return known[login]


class Server:
    """The site on this city, as `linli serve` starts it, with a bare page beside it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> Self:
        linli = Path(sys.executable).with_name("linli")
        command = [str(linli), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()
        Browser(self.port).wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait()


class Browser:
    """One person's keep-alive connection with its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.location = ""
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def wait(self) -> None:
        """Until the server answers."""
        for _ in range(600):
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                self.connection.close()
                subprocess.run(["sleep", "0.1"], check=True)
        raise SystemExit("the server does not answer")

    def get(self, address: str) -> tuple[int, str]:
        """Status and body."""
        return self._ask("GET", address, None)

    def post(self, address: str, fields: dict[str, str]) -> tuple[int, str]:
        """Status and body of a form, with its token."""
        return self._ask("POST", address, urlencode({**fields, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}))

    def sign_in(self, login: str) -> None:
        """Sign in as one of the city's staff."""
        self.get("/office/sign-in/")
        status, _ = self.post("/office/sign-in/", {"login": login, "password": password(login)})
        if status != 302:
            raise SystemExit(f"{login} could not sign in: {status}")

    def _ask(self, method: str, address: str, body: str | None) -> tuple[int, str]:
        headers: dict[str, Any] = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, quote(address, safe="/?&=%"), body, headers)
            response = self.connection.getresponse()
        except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # the server closes what was idle for two seconds
            self.connection.close()
            self.connection.request(method, quote(address, safe="/?&=%"), body, headers)
            response = self.connection.getresponse()
        text = response.read().decode()
        self.location = response.headers.get("Location", "")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return response.status, text


if __name__ == "__main__":
    _load(cases="cases" in sys.argv[1:])
