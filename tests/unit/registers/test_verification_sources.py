"""Every adapter that asks a list's authority keeps the same promises."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.errors import LinliError, Problems
from linli.registers.lists import load_list
from linli.registers.ports import Question, VerificationSource
from linli.registers.verification import FolderSource, HttpSource, source_for

LIST = load_list(Path(__file__).parents[3] / "cities" / "yuncheng" / "registers" / "economic-check.yaml")
KNOWN = Question("11010519491231002X", "测试甲")
OTHER = Question("990000195001010011", "测试乙")
Book = dict[str, dict[str, str]]
Open = Callable[[Book], VerificationSource]


@contextmanager
def service(answer: Callable[[dict[str, Any], str], tuple[int, bytes]]) -> Iterator[str]:
    """An authority's service on this machine; answer(question, authorisation) gives status and body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answer(asked, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing of a question is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/verify"
    finally:
        server.shutdown()
        server.server_close()


def told(values: dict[str, str] | None) -> bytes:
    body = {"present": values is not None, "authority": "核对中心", "answered_at": "2026-11-01T09:00:00", "values": values}
    return json.dumps(body).encode()


@pytest.fixture(params=["folder", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Each adapter over a book of answers: values by column name, by identity number."""
    if request.param == "folder":

        def folder(book: Book) -> VerificationSource:
            with (tmp_path / f"{LIST.slug}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["identity_number", "person_name", "monthly_income", "assets"])
                writer.writeheader()
                writer.writerows({"identity_number": number, "person_name": "测试", **values} for number, values in book.items())
            return FolderSource(tmp_path)

        yield folder
        return
    books: list[Book] = []
    with service(lambda asked, _: (200, told(books[-1].get(asked["identity"])))) as url:

        def http(book: Book) -> VerificationSource:
            books.append(book)
            return HttpSource(url)

        yield http


def test_a_person_on_it_comes_with_typed_values(opened: Open) -> None:
    answer = opened({KNOWN.identity: {"monthly_income": "1,234.50", "assets": "0"}}).ask(LIST, KNOWN)
    assert answer.present
    assert answer.data == {"monthly_income": 123450, "assets": 0}
    assert answer.authority
    assert answer.answered_at.tzinfo is not None


def test_a_person_not_on_it_is_absent_without_values(opened: Open) -> None:
    answer = opened({KNOWN.identity: {"monthly_income": "1", "assets": "1"}}).ask(LIST, OTHER)
    assert (answer.present, dict(answer.data)) == (False, {})


@pytest.mark.parametrize(
    "values", [{"monthly_income": "-5", "assets": "1"}, {"monthly_income": "some", "assets": "1"}, {"monthly_income": "1"}]
)
def test_a_value_that_cannot_be_believed_is_no_answer(opened: Open, values: dict[str, str]) -> None:
    source = opened({KNOWN.identity: values})
    with pytest.raises(LinliError):
        source.ask(LIST, KNOWN)


def test_the_same_question_has_the_same_answer(opened: Open) -> None:
    source = opened({KNOWN.identity: {"monthly_income": "7", "assets": "1"}})
    assert source.ask(LIST, KNOWN) == source.ask(LIST, KNOWN)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"down"), (404, b"{}"), (302, b""), (200, b"not json"), (200, b"[]"), (200, b'{"present": "yes"}'),
        (200, b'{"present": true, "answered_at": "yesterday", "values": {}}'),
        (200, b'{"present": true, "answered_at": "2026-11-01T09:00:00Z", "values": {}}'),
        (200, b'{"present": false, "answered_at": "2026-11-01T09:00:00Z", "expires_on": "soon"}'),
    ],
)  # fmt: skip
def test_a_service_that_fails_is_never_an_answer(status: int, body: bytes) -> None:
    with service(lambda asked, token: (status, body)) as url, pytest.raises(LinliError) as refused:
        HttpSource(url).ask(LIST, KNOWN)
    assert KNOWN.identity not in refused.value.text("zh") + refused.value.text("en")


def test_the_token_is_sent_and_only_over_https_or_on_this_machine() -> None:
    seen: list[str] = []

    def answer(asked: dict[str, Any], token: str) -> tuple[int, bytes]:
        seen.append(token)
        return 200, told(None)

    with service(answer) as url:
        assert not HttpSource(url, "secret").ask(LIST, KNOWN).present
    assert seen == ["Bearer secret"]
    with pytest.raises(LinliError):
        HttpSource("http://authority.example/verify")


def test_a_service_that_is_down_is_no_answer() -> None:
    with pytest.raises(LinliError, match="no usable answer"):
        HttpSource("http://127.0.0.1:1/", timeout_seconds=0.5).ask(LIST, KNOWN)


def test_a_folder_without_the_lists_file_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(LinliError, match="no usable answer"):
        FolderSource(tmp_path).ask(LIST, KNOWN)


def test_a_folder_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"{LIST.slug}.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(Problems):
        FolderSource(tmp_path).ask(LIST, KNOWN)


def test_the_adapter_of_a_list_is_chosen_by_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "verification.yaml"
    monkeypatch.setenv("LINLI_VERIFICATION", str(file))
    file.write_text(f"economic-check: {{adapter: folder, path: {tmp_path}}}\nhousing: {{adapter: carrier-pigeon}}\n", "utf-8")
    assert isinstance(source_for(LIST), FolderSource)
    for slug, line in (("housing", 2), ("student-status", 1)):
        with pytest.raises(LinliError) as refused:
            source_for(replace(LIST, slug=slug))
        assert refused.value.place is not None
        assert refused.value.place.line == line
    monkeypatch.delenv("LINLI_VERIFICATION")
    with pytest.raises(LinliError, match="LINLI_VERIFICATION"):
        source_for(LIST)
