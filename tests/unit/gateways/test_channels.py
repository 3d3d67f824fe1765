"""Every way out of the house keeps the same promises: sent is sent, not sent is said so, and what is not known is never called either."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from linli.gateways.sms_file import SmsFile
from linli.gateways.sms_http import SmsHttp
from linli.gateways.smtp import Smtp, server_of
from linli.kernel.errors import LinliError
from linli.notices.ports import Channel, Message, NotSent

MESSAGE = Message(to="12500000000", text="【测试局】您好。咨询电话 12345。", reference="0199-reference", subject="一封信")
MAIL = Message(to="someone@city.example", text="【测试局】您好。\n.\n咨询电话 12345。", reference="0199-reference", subject="一封信")


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[index]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Service(HTTPServer):
    """A service for text messages that answers as it is told to."""

    status = 200
    answer = b'{"id": "abc-1"}'
    silent = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.seen: list[tuple[dict[str, str], dict[str, str]]] = []


class _Asked(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((dict(self.headers), body))
        if self.server.silent:
            self.close_connection = True
            return
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *args: object) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server as in RFC 5321, small: it answers what it is told to at one step, and keeps what it took."""

    daemon_threads = True
    answers: dict[str, bytes] = {}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken: list[tuple[str, str, bytes]] = []


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say(b"220 mail.example")
        sender = recipient = ""
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split(" ")[0].upper()
            answer = self.server.answers.get(word)
            if answer == b"":
                return
            if answer is not None:
                self.say(answer)
            elif word == "MAIL":
                sender = line
                self.say(b"250 ok")
            elif word == "RCPT":
                recipient = line
                self.say(b"250 ok")
            elif word == "DATA":
                self.say(b"354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                end = self.server.answers.get("END", b"250 queued as 7")
                if end:
                    self.server.taken.append((sender, recipient, text))
                    self.say(end)
                else:
                    return
            elif word == "QUIT":
                self.say(b"221 bye")
            else:
                self.say(b"250 mail.example")

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


def plain(port: int) -> Smtp:
    return Smtp(server_of(f"smtp+plain://127.0.0.1:{port}?from=notice@city.example"), timeout_seconds=2)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    with serving(made):
        yield made


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    made = MailServer()
    made.answers = {}
    with serving(made):
        yield made


def port_of(server: socketserver.BaseServer) -> int:
    return int(server.server_address[1])  # type: ignore[index]


@pytest.mark.parametrize("kind", ["file", "http", "smtp"])
def test_what_is_sent_arrives_once_and_whole(kind: str, tmp_path: Path, service: Service, mail_server: MailServer):
    path = tmp_path / "state" / "sms.jsonl"
    made: dict[str, Channel] = {
        "file": SmsFile(path),
        "http": SmsHttp(f"http://127.0.0.1:{port_of(service)}/send?a=1", "secret"),
        "smtp": plain(port_of(mail_server)),
    }
    message = MAIL if kind == "smtp" else MESSAGE
    reference = made[kind].send(message)
    texts: dict[str, Callable[[], list[str]]] = {
        "file": lambda: [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()],
        "http": lambda: [body["text"] for _, body in service.seen],
        "smtp": lambda: [mail_text(taken) for _, _, taken in mail_server.taken],
    }
    assert texts[kind]() == [message.text]
    assert reference == {"file": "", "http": "abc-1", "smtp": "queued as 7"}[kind]


def mail_text(raw: bytes) -> str:
    read = message_from_bytes(raw, policy=policy.default)
    return read.get_content().rstrip("\n")  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("kind", ["file", "http", "smtp"])
def test_nobody_there_is_surely_not_sent_and_worth_another_attempt(kind: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    made: dict[str, Channel] = {
        "file": SmsFile(tmp_path / "file" / "sms.jsonl"),
        "http": SmsHttp("http://127.0.0.1:9/"),
        "smtp": plain(9),
    }
    with pytest.raises(NotSent) as refused:
        made[kind].send(MESSAGE)
    assert refused.value.again
    assert MESSAGE.to not in str(refused.value)
    assert MESSAGE.text not in str(refused.value)


@pytest.mark.parametrize(("status", "again"), [(429, True), (503, True), (408, True), (400, False), (403, False)])
def test_an_http_service_says_no(service: Service, status: int, again: bool):
    service.status = status
    with pytest.raises(NotSent) as refused:
        SmsHttp(f"http://127.0.0.1:{port_of(service)}/").send(MESSAGE)
    assert refused.value.again is again


@pytest.mark.parametrize("trouble", ["500", "302", "silence"])
def test_an_http_service_of_which_nobody_knows_is_neither(service: Service, trouble: str):
    service.silent, service.status = trouble == "silence", int(trouble) if trouble.isdigit() else 200
    with pytest.raises(OSError):  # noqa: PT011 - any failure of the connection, but never NotSent
        SmsHttp(f"http://127.0.0.1:{port_of(service)}/").send(MESSAGE)
    assert len(service.seen) == 1


def test_an_http_service_gets_the_token_and_the_same_reference_each_time(service: Service):
    gateway = SmsHttp(f"http://127.0.0.1:{port_of(service)}/", "secret")
    gateway.send(MESSAGE)
    gateway.send(MESSAGE)
    assert {(headers["Authorization"], headers["Idempotency-Key"]) for headers, _ in service.seen} == {("Bearer secret", MESSAGE.reference)}


@pytest.mark.parametrize(("step", "answer", "again"), [("RCPT", b"550 nobody", False), ("RCPT", b"451 later", True), ("MAIL", b"", True)])
def test_a_mail_server_says_no_before_it_has_the_text(mail_server: MailServer, step: str, answer: bytes, again: bool):
    mail_server.answers = {step: answer}
    with pytest.raises(NotSent) as refused:
        plain(port_of(mail_server)).send(MESSAGE)
    assert refused.value.again is again
    assert mail_server.taken == []


@pytest.mark.parametrize(("answer", "again"), [(b"554 spam", False), (b"452 full", True)])
def test_a_mail_server_says_no_after_it_has_the_text(mail_server: MailServer, answer: bytes, again: bool):
    mail_server.answers = {"END": answer}
    with pytest.raises(NotSent) as refused:
        plain(port_of(mail_server)).send(MESSAGE)
    assert refused.value.again is again


def test_a_mail_server_that_is_gone_after_the_text_is_neither(mail_server: MailServer):
    mail_server.answers = {"END": b""}
    with pytest.raises(Exception) as lost:  # noqa: PT011 - any failure of the connection
        plain(port_of(mail_server)).send(MESSAGE)
    assert not isinstance(lost.value, NotSent)


def test_a_subject_cannot_add_headers(mail_server: MailServer):
    with pytest.raises(ValueError, match=r"[Hh]eader"):
        plain(port_of(mail_server)).send(replace(MAIL, subject="一封信\r\nBcc: x@y.example"))
    assert mail_server.taken == []


@pytest.mark.parametrize("url", ["http://sms.example/", "ftp://127.0.0.1/"])
def test_an_http_service_elsewhere_must_be_encrypted(url: str):
    with pytest.raises(LinliError, match="https"):
        SmsHttp(url)


@pytest.mark.parametrize("url", ["smtp+plain://mail.example?from=a@b", "http://127.0.0.1?from=a@b", "smtp://mail.example"])
def test_a_mail_server_elsewhere_must_be_encrypted_and_a_sender_named(url: str):
    with pytest.raises(LinliError, match="mail server"):
        server_of(url)
    assert server_of("smtp://l%40x:p@mail.example?from=a@b").encrypted


def test_the_file_is_readable_by_its_owner_alone_and_lines_of_several_writers_stay_whole(tmp_path: Path):
    path = tmp_path / "sms.jsonl"
    writers = [threading.Thread(target=lambda: [SmsFile(path).send(MESSAGE) for _ in range(10)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [json.loads(line)["reference"] for line in path.read_text("utf-8").splitlines()] == [MESSAGE.reference] * 40
    assert path.stat().st_mode & 0o077 == 0
