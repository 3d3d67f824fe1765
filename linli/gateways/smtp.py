"""Mail through the city's own SMTP server, plain text and never to more than one address at a time."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.notices.ports import Message, NotSent


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand mail in. encrypted: STARTTLS is required before anything is said; sender: the address it comes from."""

    host: str
    port: int
    sender: str
    encrypted: bool = True
    login: str = ""
    password: str = ""


def server_of(url: str) -> Server:
    """smtp://login:password@host:587?from=notice@example; smtp+plain:// for a server on this machine without encryption."""
    address = urlsplit(url)
    sender = parse_qs(address.query).get("from", [""])[0]
    local = address.scheme == "smtp+plain" and address.hostname in ("127.0.0.1", "localhost")
    if (address.scheme != "smtp" and not local) or not address.hostname or "@" not in sender:
        raise LinliError(
            "smtp.bad_address",
            zh="邮件服务器地址不正确",
            en="The address of the mail server is not usable.",
            place=Place(field="LINLI_SMTP"),
            expected="smtp://login:password@host:587?from=address, or smtp+plain on this machine",
            expected_zh="`smtp://账号:密码@主机:587?from=地址`；本机可用 `smtp+plain`",
            found=f"{address.scheme}://…",
            remedy_zh="按此格式填写",
            remedy_en="write it so",
        )
    login, password = unquote(address.username or ""), unquote(address.password or "")
    return Server(address.hostname, address.port or (25 if local else 587), sender, not local, login, password)


class Smtp:
    """One mail server; a connection for each message."""

    def __init__(self, server: Server, timeout_seconds: float = 15.0) -> None:
        self._server, self._timeout = server, timeout_seconds

    def send(self, message: Message) -> str:
        """Hand one mail in. Before its text is on its way everything fails safely; a connection lost later leaves it unknown."""
        mail = _mail(message, self._server.sender)
        try:
            client = smtplib.SMTP(self._server.host, self._server.port, timeout=self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise _not_sent("smtp.unreachable", error, again=True) from None
        with client:
            self._ready(client, message.to)
            code, answer = client.data(mail.as_bytes(policy=policy.SMTP))
        if code != 250:
            raise _not_sent("smtp.refused", smtplib.SMTPResponseException(code, answer), again=400 <= code < 500)
        return answer.decode("ascii", "replace")[:120]

    def _ready(self, client: smtplib.SMTP, to: str) -> None:
        """Greeting, encryption, sign-in, sender and recipient: the server has no message yet."""
        try:
            if self._server.encrypted:
                client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
            if self._server.login:
                client.login(self._server.login, self._server.password)
            for code, answer in (client.mail(self._server.sender), client.rcpt(to)):
                if code not in (250, 251):
                    raise smtplib.SMTPResponseException(code, answer)
        except smtplib.SMTPResponseException as error:
            raise _not_sent("smtp.refused", error, again=400 <= error.smtp_code < 500) from None
        except (OSError, smtplib.SMTPException) as error:
            raise _not_sent("smtp.unreachable", error, again=True) from None


def _mail(message: Message, sender: str) -> EmailMessage:
    """Plain text. Machines may answer it to nobody (RFC 3834)."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.reference}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="base64")  # passes servers that know 7 bits only
    return mail


def _not_sent(code: str, error: Exception, *, again: bool) -> NotSent:
    found = f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else type(error).__name__
    return NotSent(code, zh="邮件服务器没有接收这封邮件", en="The mail server did not take the message.", found=found, again=again)
