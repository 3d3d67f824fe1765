"""What a process needs before Django starts: the state folder, its secret, and a database to talk to."""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linli.kernel.errors import LinliError


def state_folder() -> Path:
    """Where this installation keeps its secret, keys, screening files and, in a demo, its database (LINLI_STATE)."""
    state = Path(os.environ.get("LINLI_STATE", Path(__file__).resolve().parents[2] / ".linli"))
    state.mkdir(parents=True, exist_ok=True)
    return state


@contextmanager
def exclusively(path: Path, refusal: LinliError | None = None) -> Iterator[None]:
    """Hold a lock on the file, in a folder made for it if need be, while the block runs. refusal: raised where another process holds it,
    instead of waiting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if refusal else 0))
        except BlockingIOError:
            assert refusal is not None
            raise refusal from None
        yield


def ensure_secret() -> None:
    """Give the process LINLI_SECRET_KEY: from the environment, else from a file made once with mode 0600."""
    if os.environ.get("LINLI_SECRET_KEY"):
        return
    file = state_folder() / "secret"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    os.environ["LINLI_SECRET_KEY"] = file.read_text().strip()


def ensure_database() -> None:
    """Give the process DATABASE_URL: from the environment, else the private cluster, up for as long as anyone uses it."""
    if os.environ.get("DATABASE_URL"):
        return
    from linli.site.cluster import Cluster

    cluster = Cluster.of(state_folder())
    atexit.register(cluster.hold())
    os.environ["DATABASE_URL"] = cluster.url()


def prepare(*, database: bool = True) -> None:
    """Set up Django for a command; idempotent."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    ensure_secret()
    if database:
        ensure_database()
    import django

    django.setup()
