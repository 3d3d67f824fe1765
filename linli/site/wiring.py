"""Which adapter fulfils which port, as the environment says (docs/notices.md)."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from linli.gateways.bucket import Account, Bucket
from linli.gateways.sms_file import SmsFile
from linli.gateways.sms_http import SmsHttp
from linli.gateways.smtp import Smtp, server_of
from linli.kernel.errors import LinliError, Place
from linli.notices.ports import Channel, Message

SMS_FILE = "sms.jsonl"
_beside = ThreadPoolExecutor(max_workers=4, thread_name_prefix="codes")
_log = logging.getLogger(__name__)


def sms() -> Channel:
    """LINLI_SMS names an https service, its token in LINLI_SMS_TOKEN_FILE; without it, messages go to sms.jsonl in the state folder."""
    url = os.environ.get("LINLI_SMS", "")
    if not url:
        return SmsFile(Path(settings.LINLI_STATE) / SMS_FILE)
    token = os.environ.get("LINLI_SMS_TOKEN_FILE", "")
    return SmsHttp(url, Path(token).read_text("utf-8").strip() if token else "")


def email() -> Channel:
    """LINLI_SMTP names the mail server. Without it there is no such channel (settings.LINLI_CHANNELS)."""
    url = os.environ.get("LINLI_SMTP", "")
    if not url:
        raise LinliError(
            "smtp.unconfigured",
            zh="没有配置邮件服务器",
            en="No mail server is configured.",
            place=Place(field="LINLI_SMTP"),
            remedy_zh="设置 LINLI_SMTP，见 docs/notices.md",
            remedy_en="set LINLI_SMTP, see docs/notices.md",
        )
    return Smtp(server_of(url))


def bucket() -> Bucket:
    """LINLI_S3 names an object store and the bucket for documents; LINLI_S3_KEY and LINLI_S3_SECRET_FILE say who asks."""
    secret = Path(os.environ.get("LINLI_S3_SECRET_FILE", "")).read_text("utf-8").strip()
    return Bucket(os.environ["LINLI_S3"], Account(os.environ.get("LINLI_S3_KEY", ""), secret))


class CodeBySms:
    """Sends sign-in codes by text message, at any hour: the person is waiting for it. Nothing of it is kept.

    It goes out beside the request, so that how long a page takes does not tell whether a number is known. If the process dies with
    it, the person asks for another.
    """

    def send(self, phone: str, text: str) -> None:
        """Hand the text over and return at once."""
        _beside.submit(_send_code, Message(to=phone, text=text, reference=""))


def _send_code(message: Message) -> None:
    try:
        sms().send(message)
    except Exception as error:  # whoever asked has had their answer; only the kind of failure is told, never the number or the code
        _log.error("a sign-in code could not be sent: %s", type(error).__name__)
