"""A small generated city on a cluster of its own, worked on from outside only: through the command line and the pages."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg

from linli.site.cluster import Cluster

LINLI = [sys.executable, "-c", "from linli.site.command import main; main()"]
LIST, RESIDENTS = "social-insurance", 3000
PASSWORD = "only-for-this-test"
LOST = (urllib.error.URLError, ConnectionError, http.client.HTTPException, TimeoutError)
"""What a browser says of a server that died, or that has no database for a moment."""
PATIENCE = 240  # seconds after which something that should happen counts as lost


def eventually(what: str, happened: Callable[[], object]) -> None:
    """Wait until it happens; failing to is the error."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


class City:
    """Made once; its own PostgreSQL, state folder, people and programmes."""

    def __init__(self, home: Path, residents: int = RESIDENTS, *, lists: bool = True) -> None:
        self.home = home
        self.cluster = Cluster.of(home / "state")
        self.cluster.up()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("LINLI_", "DJANGO_", "DATABASE_"))},
            "DATABASE_URL": self.cluster.url(),
            "LINLI_STATE": str(home / "state"),
            "LINLI_DEMO": "1",
            "LINLI_LANG": "en",
        }
        self.files = home / "files"
        people = ["people", "generate", "--residents", str(residents), "--seed", "7"]
        for command in (
            ["db", "migrate"],
            ["vault", "keys", "new"],
            ["areas", "import"],
            ["programme", "publish", "--all"],
            [*people, "--out", str(home / "frames"), "--load"],
            *([[*people, "--out", str(self.files), "--format", "lists"]] if lists else []),
            ["staff", "add", "officer", "officer", "--password", PASSWORD],
            ["staff", "grant", "officer", "officer"],
        ):
            done = self.linli(*command)
            assert done.returncode == 0 or command[0] == "programme", done.stdout + done.stderr

    def linli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        return subprocess.run([*LINLI, *arguments], env=self.environment, capture_output=True, text=True)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command, left running. PostgreSQL knows its connections by the command's first word."""
        known = {**self.environment, "PGAPPNAME": arguments[0]}
        with self.log(arguments[0]).open("ab") as log:
            return subprocess.Popen([*LINLI, *arguments], env=known, stdout=subprocess.DEVNULL, stderr=log)

    def log(self, process: str) -> Path:
        """What the processes of that first word say."""
        return self.home / f"{process}.log"

    def raised(self, process: str) -> str:
        """The pages of them that failed (500), by their lines of the log: for whoever reads why a test failed."""
        told = self.log(process).read_text("utf-8", errors="replace") if self.log(process).exists() else ""
        events = re.split(r"^(?=\d{4}-\d\d-\d\dT)", told, flags=re.MULTILINE)
        return "".join(one for one in events if "Internal Server Error" in one)[-20_000:]

    def kill_server(self) -> None:
        """kill -9 of PostgreSQL, then a start as after a restart of the machine."""
        os.kill(int((self.cluster.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        while self.cluster.running():
            time.sleep(0.02)
        self.cluster.up()

    def value(self, query: str) -> object:
        """The single value of a query."""
        with psycopg.connect(self.cluster.url()) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]

    def cut(self, command: list[str], moment: float, *, server: bool) -> bool:
        """Start a command and kill it, or the server, `moment` seconds after its first write. True if the kill came before its end."""
        process = self.start(*command)
        writing = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL"
        eventually("it writes", lambda: process.poll() is not None or self.value(writing))
        time.sleep(moment)
        if server:
            self.kill_server()
        else:
            process.kill()
        return process.wait(PATIENCE) != 0

    def assert_whole(self) -> None:
        """Every chain holds and every row is as its facts say."""
        verified = self.linli("trace", "verify", "--deep")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def import_list(self) -> list[str]:
        """The command that imports the list."""
        return ["registers", "import", LIST, str(self.files / f"{LIST}.xlsx"), "--skip-wrong"]


class Browser:
    """An officer's session over real HTTP."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path: str) -> str:
        """A page's text; an error's status raises."""
        with self.opener.open(self.address + path, timeout=60) as response:
            assert response.status == 200
            return str(response.read().decode())

    def post(self, path: str, form: str, **fields: str | list[str]) -> bytes:
        """Send the form that stands on page `form`; returns what came back, complete or an error."""
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": self._token(form), **fields}, doseq=True).encode()
        return self._sent(urllib.request.Request(self.address + path, data))

    def upload(self, path: str, file: Path, **fields: str) -> bytes:
        """Send the form of page `path` with a file in its field `file`."""
        edge = uuid.uuid4().hex
        parts = {"csrfmiddlewaretoken": self._token(path), **fields}
        lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()]
        lines.append(f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n')
        data = "".join(lines).encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        head = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._sent(urllib.request.Request(self.address + path, data, head))

    def _token(self, form: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(form))
        assert token
        return token[1]

    def _sent(self, request: urllib.request.Request) -> bytes:
        with self.opener.open(request, timeout=60) as response:
            whole: bytes = response.read()
        assert len(whole) == int(response.headers.get("Content-Length", len(whole)))
        return whole


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(process: int) -> list[int]:
    """Numbers of a process's children."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
