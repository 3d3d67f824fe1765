"""One suite for every place that keeps files: a folder of this machine, and a bucket behind the S3 protocol."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from linli.gateways.bucket import Account, Bucket, signed
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError
from linli.vault.files.shelf import Folder, Shelf

ACCOUNT = Account("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


class Store(BaseHTTPRequestHandler):
    """An object store for tests: objects in a dictionary, listed two a page, requests refused whose signature does not fit."""

    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._genuine(body):
            self.objects[self.path.split("/", 2)[2]] = body
            self._answer(200)

    def do_GET(self) -> None:
        if not self._genuine(b""):
            return
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        if "list-type" in asked:
            self._answer(200, self._listing(asked.get("continuation-token", [""])[0]))
            return
        found = self.objects.get(parts.path.split("/", 2)[2])
        self._answer(200 if found is not None else 404, found or b"")

    def do_DELETE(self) -> None:
        if self._genuine(b""):
            self.objects.pop(self.path.split("/", 2)[2], None)
            self._answer(204)

    def _genuine(self, body: bytes) -> bool:
        parts = urlsplit(self.path)
        at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        right = signed(self.command, self.headers["Host"], parts.path, parts.query, body, ACCOUNT, "cn-north", at)
        if self.headers["Authorization"] != right["Authorization"] or self.headers["x-amz-content-sha256"] != right["x-amz-content-sha256"]:
            self._answer(403)
            return False
        return True

    def _listing(self, after: str) -> bytes:
        names = sorted(name for name in self.objects if name > after)
        rows = "".join(f"<Contents><Key>{name}</Key><LastModified>2026-11-22T10:00:00.000Z</LastModified></Contents>" for name in names[:2])
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{names[1]}</NextContinuationToken>" if len(names) > 2 else ""
        return f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rows}{more}</ListBucketResult>'.encode()

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the tests' screen."""


@pytest.fixture
def store() -> Iterator[str]:
    handler = type("Handler", (Store,), {"objects": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/papers?region=cn-north"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return Folder(tmp_path / "files")
    return Bucket(request.getfixturevalue("store"), ACCOUNT)


def put(shelf: Shelf, content: bytes) -> str:
    address = digest(content)
    shelf.put(address, io.BytesIO(content), len(content))
    return address


def test_what_is_put_is_there_until_it_is_removed(shelf: Shelf) -> None:
    contents = [f"content {number}".encode() * 100 for number in range(5)]
    addresses = [put(shelf, one) for one in contents]
    assert put(shelf, contents[0]) == addresses[0]
    for address, content in zip(addresses, contents, strict=True):
        with shelf.open(address) as source:
            assert source.read() == content
    assert sorted(address for address, _ in shelf.present()) == sorted(addresses)
    assert all(since < datetime.now(UTC) + timedelta(days=1) for _, since in shelf.present())
    shelf.remove(addresses[0])
    shelf.remove(addresses[0])
    with pytest.raises(LinliError) as gone:
        shelf.open(addresses[0])
    assert gone.value.code == "vault.no_file"
    assert sorted(address for address, _ in shelf.present()) == sorted(addresses[1:])


@pytest.mark.parametrize(
    "address", ["", "../../secret", "sha256:../../../etc/passwd", "md5:" + "0" * 32, "sha256:" + "A" * 64, "sha256:" + "0" * 65]
)
def test_nothing_but_an_address_leads_to_a_file(shelf: Shelf, address: str) -> None:
    with pytest.raises(LinliError):
        shelf.open(address)
    with pytest.raises(LinliError):
        shelf.remove(address)


def test_a_folder_is_its_owners_alone_and_leaves_no_draft(tmp_path: Path) -> None:
    put(Folder(tmp_path / "files"), b"paper")
    found = list((tmp_path / "files").rglob("*"))
    assert [path.stat().st_mode & 0o777 for path in found] == [0o700, 0o700, 0o600]

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        Folder(tmp_path / "files").put(digest(b"other"), Broken(), 5)
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == 1


def test_a_bucket_refuses_a_wrong_signature_and_an_unsafe_address(store: str) -> None:
    with pytest.raises(LinliError) as refused:
        put(Bucket(store, Account(ACCOUNT.key, "another secret")), b"paper")
    assert refused.value.code == "s3.failed"
    assert "another secret" not in repr(Account("a", "another secret"))
    for url in ("http://example.org/papers", "https://example.org/", "https://example.org/a/b", "ftp://example.org/papers"):
        with pytest.raises(LinliError):
            Bucket(url, ACCOUNT)
    with pytest.raises(LinliError) as away:
        put(Bucket("http://127.0.0.1:9/papers", ACCOUNT), b"paper")
    assert away.value.code == "s3.failed"


def test_a_request_is_signed_as_the_service_documents_it() -> None:
    """The worked example "GET Bucket Lifecycle" of Amazon's page on signature version 4 (credentials and moment are its own)."""
    at = datetime(2013, 5, 24, tzinfo=UTC)
    headers = signed("GET", "examplebucket.s3.amazonaws.com", "/", "lifecycle=", b"", ACCOUNT, "us-east-1", at)
    assert headers["Authorization"].endswith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
